import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CommandEntry, camelCase, describeCommand, type FlagEntry, flagsOf } from '../src/cli/command-entry.ts'
import { commandGroups } from '../src/command/command-groups.ts'
import type { AnyCommand } from '../src/command/define-command.ts'

/** The files under `src/` that define a command each: paths from `root`. */
export function findCommandFiles(root: string): readonly string[] {
  return readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/commands\/[^/]+\.ts$/.test(name))
    .filter((name) => readFileSync(join(root, 'src', name), 'utf8').includes('export const command = defineCommand('))
    .map((name) => `src/${name}`)
    .toSorted()
}

const head = '// Made by `npm run generate` from the files of the commands; a test compares it. Do not edit it.'

/** Commands by the files that define them. */
type CommandFiles = ReadonlyMap<string, AnyCommand>

/** What is generated from the commands: the texts of files, by their paths. */
export function generateRegistry(commands: CommandFiles): ReadonlyMap<string, string> {
  const rows = [...commands].map(([file, command]) => ({ file, entry: describeCommand(command) })).toSorted(inOrder)
  return new Map([
    ['src/cli/registry.generated.ts', writeEntries(rows)],
    ['src/cli/modules.generated.ts', writeModules(rows)],
    ['src/library/options.generated.ts', writeOptions(rows)],
  ])
}

interface Row {
  readonly file: string
  readonly entry: CommandEntry
}

/** By group, then by name. */
function inOrder(one: Row, other: Row): number {
  const groups = commandGroups.indexOf(one.entry.group) - commandGroups.indexOf(other.entry.group)
  return groups === 0 ? (one.entry.name < other.entry.name ? -1 : 1) : groups
}

function writeEntries(rows: readonly Row[]): string {
  return `${head}
import type { CommandEntry } from './command-entry.ts'

/** Every command, by group and name. */
export const commandEntries: readonly CommandEntry[] = [
${rows.map(({ entry }) => `  ${JSON.stringify(entry)},`).join('\n')}
]
`
}

function writeModules(rows: readonly Row[]): string {
  const lines = rows.map(({ file, entry }) => {
    const path = relative('src/cli', file)
    return `  '${entry.name}': () => import('${path.startsWith('.') ? path : `./${path}`}'),`
  })
  return `${head}
import type { AnyCommand } from '../command/define-command.ts'

/** Loads the module of a command when it is run, and with it what it needs: the engine, drivers. */
export const commandModules: Readonly<Record<string, () => Promise<{ readonly command: AnyCommand }>>> = {
${lines.join('\n')}
}
`
}

/** The commands that `wwdb/migrate` offers to programs. */
const offered = ['migrate', 'plan', 'rollback', 'status', 'validate']

function writeOptions(rows: readonly Row[]): string {
  const entries = rows.map(({ entry }) => entry).filter(({ name }) => offered.includes(name))
  return `${head}
${entries.map(writeOptionsOf).join('')}`
}

function writeOptionsOf(entry: CommandEntry): string {
  const type = `${entry.name.slice(0, 1).toUpperCase()}${entry.name.slice(1)}Options`
  const members = flagsOf(entry).map((flag) => {
    const text = `${flag.description.slice(0, 1).toUpperCase()}${flag.description.slice(1)}`
    return `  /** ${text}${/[.!]$/.test(text) ? '' : '.'} */\n  readonly ${camelCase(flag.long)}?: ${typeOf(flag)} | undefined\n`
  })
  return `
/** What \`wwdb ${entry.name}\` can be told by its flags. */
export interface ${type} {
${members.join('')}}
`
}

function typeOf(flag: FlagEntry): string {
  if (flag.value === undefined) return 'boolean'
  const one =
    flag.choices?.map((choice) => `'${choice}'`).join(' | ') ?? (flag.type === 'integer' ? 'number' : 'string')
  if (flag.repeatable !== true) return one
  return flag.choices === undefined ? `readonly ${one}[]` : `readonly (${one})[]`
}
