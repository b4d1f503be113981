import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type CommandEntry, describeCommand } from '../src/cli/command-entry.ts'
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
