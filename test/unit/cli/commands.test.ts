import { describe, expect, test } from 'vitest'
import { camelCase, type FlagEntry, flagsOf } from '../../../src/cli/command-entry.ts'
import { globalFlags } from '../../../src/cli/global-flags.ts'
import { parseCommandLine } from '../../../src/cli/program.ts'
import { commandEntries, commandsOf, families, findCommand, registry } from '../../../src/cli/registry.ts'
import { exitCodes } from '../../../src/core/exit-code.ts'

const shared = flagsOf({ flags: globalFlags })

/** The words of an example as a shell would give them to wwdb; null when it runs wwdb inside something else. */
function wordsOf(example: string): string[] | null {
  const [command = ''] = example.split(/ (?:&&|>>?|<|\|) /)
  return command.startsWith('wwdb ') ? command.split(' ').slice(1) : null
}

describe('the registry', () => {
  test('names every command once, in one or two words', () => {
    const names = commandEntries.map((entry) => entry.name)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[a-z]+( [a-z]+(-[a-z]+)?)?$/)
  })

  test('has a line for every first word of two, and for no other', () => {
    const first = commandEntries.filter(({ name }) => name.includes(' ')).map(({ name }) => name.split(' ')[0])
    expect(new Set(first)).toEqual(new Set(Object.keys(families)))
    expect(Object.keys(families).filter((family) => findCommand(family) !== undefined)).toEqual([
      'completion',
      'grants',
      'seed',
    ])
    for (const family of Object.keys(families)) expect(commandsOf(family).length).toBeGreaterThan(0)
  })

  test('is divided into groups that hold something', () => {
    for (const group of registry) expect(group.commands.length).toBeGreaterThan(0)
  })
})

describe.each(commandEntries.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  test('says what it is for, and gives at least two examples that are understood and belong to it', () => {
    expect(entry.summary).toMatch(/^[a-z].*[^.]$/)
    expect(entry.purpose).toMatch(/^[A-Z].*\.$/)
    expect(entry.examples.length).toBeGreaterThanOrEqual(2)
    for (const { command, purpose } of entry.examples) {
      expect(purpose).toMatch(/[^.]$/)
      expect(command).toMatch(/\bwwdb /)
      const words = wordsOf(command)
      if (words !== null)
        expect(parseCommandLine(words, 100)).toMatchObject({ type: 'run', entry: { name: entry.name } })
    }
  })

  test('names its exit codes: success, wrong usage, and 69 where it reaches servers', () => {
    expect(entry.exitCodes).toEqual(expect.arrayContaining([exitCodes.done, exitCodes.usage]))
    expect(new Set(entry.exitCodes).size).toBe(entry.exitCodes.length)
    // To the doctor a server that does not answer is a finding, and to a report a part of it.
    const withoutServers = ['config validate', 'doctor', 'report']
    if (entry.connects && !withoutServers.includes(entry.name)) expect(entry.exitCodes).toContain(exitCodes.unreachable)
  })

  test('has flags that collide with no other', () => {
    const own = flagsOf(entry)
    // `lint` and `report` have formats of their own beside the general ones: the same flag with other choices.
    const hasFormats = entry.name === 'lint' || entry.name === 'report'
    const flags = [...own, ...shared.filter(({ long }) => long !== 'format' || !hasFormats)]
    const long = flags.map((flag) => flag.long)
    const short = flags.map((flag) => flag.short).filter((letter) => letter !== undefined)
    expect(new Set(long).size).toBe(long.length)
    expect(new Set(short).size).toBe(short.length)
    for (const flag of flagsOf(entry)) checkFlag(flag, long)
  })

  test('takes its optional arguments last', () => {
    const needed = entry.arguments.map((argument) => argument.required)
    expect(needed).toEqual(needed.toSorted((one, other) => Number(other) - Number(one)))
    expect(entry.arguments.slice(0, -1).some((argument) => argument.variadic)).toBe(false)
  })
})

test('the flags of every command are well formed', () => {
  for (const flag of shared)
    checkFlag(
      flag,
      shared.map(({ long }) => long),
    )
})

function checkFlag(flag: FlagEntry, known: readonly string[]): void {
  expect(flag.long).toMatch(/^[a-z]+(-[a-z]+)*$/)
  expect(flag.description).toMatch(/^[a-z].*[^.]$/)
  if (flag.value !== undefined) expect(flag.value).toMatch(/^[A-Z]+$/)
  if (flag.choices !== undefined) expect(flag.value).toBeDefined()
  if (flag.environment !== undefined)
    expect(flag.environment).toBe(`WWDB_${flag.long.toUpperCase().replaceAll('-', '_')}`)
  for (const other of flag.conflicts ?? []) expect(known.map(camelCase)).toContain(other)
}
