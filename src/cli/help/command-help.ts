import { exitMeanings } from '../../core/exit-code.ts'
import type { ArgumentEntry, CommandEntry } from '../command-entry.ts'
import { commandsOf } from '../registry.ts'
import { layoutFlags, layoutRows, type Row, section, wrapText } from './layout.ts'
import { globalFlagNames } from './program-help.ts'

/** `wwdb baseline VERSION [flags]` */
export function usageLine(entry: CommandEntry): string {
  return ['wwdb', entry.name, ...entry.arguments.map(spellArgument), '[flags]'].join(' ')
}

/** `VERSION`, `[NAME]`, `[NAME...]`: an argument as the usage line shows it. */
function spellArgument({ name, required, variadic }: ArgumentEntry): string {
  const written = `${name.toUpperCase()}${variadic === true ? '...' : ''}`
  return required ? written : `[${written}]`
}

/** The help of one command: purpose, examples, its flags in groups, exit codes. */
export function commandHelp(entry: CommandEntry, width: number): string {
  const lines = [
    ...wrapText(`wwdb ${entry.name}: ${entry.summary}`, width),
    '',
    `Usage: ${usageLine(entry)}`,
    '',
    ...wrapText(entry.purpose, width),
    ...section(
      'Examples',
      layoutRows(
        entry.examples.map(({ command, purpose }) => ({ term: command, text: purpose })),
        width,
      ),
    ),
    ...section('Commands', layoutRows(secondCommands(entry), width)),
    ...section('Arguments', layoutRows(argumentRows(entry.arguments), width)),
    ...layoutFlags(entry.flags, width),
    ...section(
      'Flags of every command',
      wrapText(globalFlagNames(), width - 2).map((line) => `  ${line}`),
    ),
    ...section('Exit codes', layoutRows(exitRows(entry), width)),
  ]
  return `${lines.join('\n')}\n`
}

/** Two-word commands that start with this word. */
function secondCommands({ name }: CommandEntry): readonly Row[] {
  return commandsOf(name).map((entry) => ({ term: entry.name, text: entry.summary }))
}

function argumentRows(entries: readonly ArgumentEntry[]): readonly { readonly term: string; readonly text: string }[] {
  return entries.map((argument) => ({ term: argument.name.toUpperCase(), text: argument.description }))
}

function exitRows(entry: CommandEntry): readonly { readonly term: string; readonly text: string }[] {
  const signals = { term: '129, 130, 143', text: 'stopped by SIGHUP, Ctrl-C or SIGTERM' }
  const codes = entry.exitCodes.toSorted((one, other) => one - other)
  return [...codes.map((code) => ({ term: String(code), text: exitMeanings[code] })), signals]
}
