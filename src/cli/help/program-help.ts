import type { CommandEntry } from '../command-entry.ts'
import { allExitCodes, exitMeanings } from '../exit-meanings.ts'
import { globalFlags } from '../global-flags.ts'
import { commandsOf, families, registry } from '../registry.ts'
import { layoutFlags } from './flag-rows.ts'
import { layoutRows, type Row, section, wrapText } from './layout.ts'

const purpose =
  'Brings MySQL databases to the state their migration files say. Every statement runs once: whatever dies, the next run ' +
  'goes on where the last one really was.'

const examples: readonly Row[] = [
  { term: 'wwdb init app', text: 'start a project' },
  { term: 'wwdb new create_users', text: 'write a migration' },
  { term: 'wwdb migrate --dry-run', text: 'see what would run' },
  { term: 'wwdb migrate', text: 'run it' },
]

const rules =
  'A flag wins over its variable, a variable over the configuration file, the file over the default. The answer goes to ' +
  'stdout, everything else to stderr.'

/** The help of the whole tool: purpose, examples, commands in groups, the flags of every command, exit codes. */
export function programHelp(width: number): string {
  const lines = [
    'Usage: wwdb COMMAND [flags]',
    '',
    ...wrapText(purpose, width),
    ...section('Examples', layoutRows(examples, width)),
    ...registry.flatMap((group) => section(group.heading, layoutRows(group.commands.map(commandRow), width))),
    '',
    ...wrapText(`wwdb COMMAND --help says more about a command. ${rules}`, width),
    ...layoutFlags(globalFlags, width),
    ...section('Exit codes', layoutRows(allExitCodes.map(exitRow), width)),
  ]
  return `${lines.join('\n')}\n`
}

/** The help of a first word that has several commands under it, such as `db`. */
export function familyHelp(family: string, width: number): string {
  const lines = [
    `wwdb ${family}: ${families[family] ?? ''}`,
    '',
    `Usage: wwdb ${family} COMMAND [flags]`,
    ...section('Commands', layoutRows(commandsOf(family).map(commandRow), width)),
    '',
    `wwdb ${family} COMMAND --help says more about a command.`,
  ]
  return `${lines.join('\n')}\n`
}

function commandRow(entry: CommandEntry): Row {
  const needed = entry.arguments.filter(({ required }) => required).map(({ name }) => ` ${name.toUpperCase()}`)
  return { term: `${entry.name}${needed.join('')}`, text: entry.summary }
}

function exitRow(code: (typeof allExitCodes)[number]): Row {
  return { term: String(code), text: exitMeanings[code] }
}
