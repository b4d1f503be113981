import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { findCommandFiles, generateRegistry } from '../../../scripts/registry-text.ts'
import { parseCommandLine } from '../../../src/cli/program.ts'
import { commandEntries } from '../../../src/cli/registry.ts'
import type { AnyCommand } from '../../../src/command/define-command.ts'
import { ToolError } from '../../../src/core/tool-error.ts'

const project = join(import.meta.dirname, '../../..')

test('the generated registry holds what the files of the commands define', async () => {
  const commands = new Map<string, AnyCommand>()
  for (const file of findCommandFiles(project)) commands.set(file, (await import(join(project, file))).command)
  expect(commands.size).toBe(commandEntries.length)
  for (const [file, text] of generateRegistry(commands))
    expect(readFileSync(join(project, file), 'utf8'), `${file}: run npm run generate`).toBe(text)
}, 60_000)

function whyRefused(line: string): string {
  try {
    parseCommandLine(line.split(' '), 100)
    return 'it was taken'
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const [{ what, why } = { what: '', why: '' }] = error.faults
    return `${what} ${why}`
  }
}

test.each([
  ['setup plan --only mysql', '--only', 'It must be one of elasticsearch, influxdb, mongodb, redis.'],
  ['setup plan --only redis,mysql', '--only', 'It must be one of elasticsearch, influxdb, mongodb, redis.'],
  ['shards list --state gone', '--state', 'It must be one of live, sealed, '],
  ['rotate run --ahead 1001', '--ahead', 'It must be a number from 0 to 1000.'],
  ['migrate --steps 0', '--steps', 'It must be 1 or more.'],
  ['migrate --steps x', '--steps', 'It must be a whole number.'],
  ['migrate --allow ,', '--allow', 'It must not be empty.'],
  [
    'shards publish --redis-key {a}',
    '--redis-key',
    'Use up to 200 letters, digits and punctuation characters, without spaces and braces.',
  ],
  ['schedule render --image=', '--image', 'It must not be empty.'],
])('%s is refused', (line, flag, reason) => {
  expect(whyRefused(line)).toContain(flag)
  expect(whyRefused(line)).toContain(reason)
})

/** Flags whose value is of another kind in another command, with those kinds. */
const severalKinds: Readonly<Record<string, readonly string[]>> = {
  from: ['SOURCE', 'TOOL'],
  only: ['NAME', 'PATTERN', 'STORE'],
  // A rendered schedule is several files.
  out: ['FILE', 'FOLDER'],
  // `lint` compares with a commit of git, as every program calls it.
  since: ['REF', 'TIME', 'VERSION'],
  to: ['SOURCE', 'VERSION'],
}

test('a flag takes the same kind of value in every command that has it', () => {
  const kinds = new Map<string, Set<string>>()
  for (const { flags } of commandEntries) {
    for (const { long, value = 'no value' } of flags.flatMap((group) => group.flags))
      kinds.set(long, (kinds.get(long) ?? new Set()).add(value))
  }
  const several = [...kinds].filter(([, values]) => values.size > 1).map(([flag, values]) => [flag, [...values].sort()])
  expect(Object.fromEntries(several)).toEqual(severalKinds)
})

test('no command takes as an argument what another takes as a flag', () => {
  const flags = new Set(
    commandEntries.flatMap((entry) => entry.flags.flatMap((group) => group.flags)).map(({ long }) => long),
  )
  const both = commandEntries.flatMap(({ name, arguments: args }) =>
    args.filter((argument) => flags.has(argument.name)).map((argument) => `${name} ${argument.name}`),
  )
  // `new NAME` names a file that is written; `exec COMMAND` and `help COMMAND` end the line.
  expect(both.sort()).toEqual(['completion shell', 'help command', 'new name', 'provision exec command'])
})
