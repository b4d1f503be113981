import { describe, expect, test } from 'vitest'
import { type CommandModule, commandModules } from '../../../src/cli/command-modules.ts'
import { camelCase } from '../../../src/cli/program.ts'
import { type CommandEntry, flagsOf } from '../../../src/cli/registry/entry.ts'
import { commandEntries } from '../../../src/cli/registry/registry.ts'

async function moduleOf(name: string): Promise<CommandModule> {
  const load = commandModules[name]
  if (load === undefined) throw new Error(`${name} has no module`)
  return load()
}

/** A likely value for each key that the command line can give to a command. */
function likelyInput(entry: CommandEntry): Readonly<Record<string, unknown>> {
  const flags = flagsOf(entry)
    .filter((flag) => flag.setting !== true)
    .map((flag): [string, unknown] => {
      const one = flag.value?.type === 'integer' ? 1 : (flag.choices?.[0] ?? '5s')
      return [camelCase(flag.long), flag.value === undefined ? true : flag.repeatable === true ? [one] : one]
    })
  const positional = entry.arguments.map((argument): [string, unknown] => {
    const one = argument.choices?.[0] ?? '1'
    return [camelCase(argument.name), argument.variadic === true ? [one] : one]
  })
  return Object.fromEntries([...flags, ...positional])
}

test('every command has a module, and every module a command', () => {
  expect(Object.keys(commandModules).toSorted()).toEqual(commandEntries.map(({ name }) => name).toSorted())
})

describe.each(commandEntries.map((entry) => [entry.name, entry] as const))('%s', (name, entry) => {
  test('takes everything that its help names', async () => {
    const { input } = await moduleOf(name)
    expect(input.safeParse(likelyInput(entry))).toMatchObject({ success: true })
  })

  test('takes nothing that its help does not name', async () => {
    const { input } = await moduleOf(name)
    if (!('shape' in input) || typeof input.shape !== 'object') throw new Error(`the input of ${name} is no object`)
    expect(Object.keys(input.shape ?? {}).toSorted()).toEqual(Object.keys(likelyInput(entry)).toSorted())
  })

  test('takes each of the choices that its help names', async () => {
    const { input } = await moduleOf(name)
    for (const { long, choices, setting, repeatable } of flagsOf(entry)) {
      for (const choice of setting === true ? [] : (choices ?? [])) {
        const parsed = input.safeParse({
          ...likelyInput(entry),
          [camelCase(long)]: repeatable === true ? [choice] : choice,
        })
        expect(parsed, `--${long} ${choice}`).toMatchObject({ success: true })
      }
    }
  })

  test('refuses what its help does not name', async () => {
    const { input } = await moduleOf(name)
    expect(input.safeParse({ ...likelyInput(entry), nobodyKnows: true })).toMatchObject({ success: false })
  })

  test('works without its optional parts', async () => {
    const { input } = await moduleOf(name)
    const needed = entry.arguments.filter((argument) => argument.required).map((argument) => camelCase(argument.name))
    const least = Object.entries(likelyInput(entry)).filter(([key]) => needed.includes(key))
    expect(input.safeParse(Object.fromEntries(least))).toMatchObject({ success: true })
    if (needed.length > 0) expect(input.safeParse({})).toMatchObject({ success: false })
  })
})
