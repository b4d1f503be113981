import { commandGroups } from '../../command/command-groups.ts'
import { allExitCodes, exitMeanings } from '../../core/exit-code.ts'
import { type CommandEntry, flagsOf } from '../command-entry.ts'
import { globalFlags } from '../global-flags.ts'
import { commandEntries, commandsOf, families } from '../registry.ts'
import { layoutFlags, layoutRows, type Row, section, wrapText } from './layout.ts'
import { topicNames } from './topics.ts'

export const programPurpose =
  'Brings MySQL databases, shards and stores to the state that files define. Every statement runs once: ' +
  'after a crash, the next run goes on where it stopped.'

export const programRules =
  'A flag overrides its variable, a variable overrides the configuration file, and the file overrides the ' +
  'default. The answer is written to stdout, everything else to stderr.'

/**
 * The help of the whole tool, on two screens: its purpose, and the first words of all commands in groups. It names flags and exit codes;
 * the help of a command, and `wwdb help flags`, explain them.
 */
export function programHelp(width: number): string {
  const lines = [
    'Usage: wwdb COMMAND [flags]',
    '',
    ...wrapText(programPurpose, width),
    ...commandGroups.filter(isExplained).flatMap((group) => section(group, layoutRows(firstWords(group), width))),
    '',
    ...commandGroups
      .filter((group) => !isExplained(group))
      .map(
        (group) =>
          `${group}: ${firstWords(group)
            .map(({ term }) => term)
            .join(', ')}`,
      ),
    ...wrapText(`Topics: ${topicNames.join(', ')}`, width),
    '',
    ...wrapText('More is in `wwdb COMMAND --help`, `wwdb help flags` and `wwdb help TOPIC`.', width),
    ...wrapText(`Exit codes: ${exitSummary}.`, width),
  ]
  return `${lines.join('\n')}\n`
}

/** For commands about wwdb itself the names are enough. */
function isExplained(group: (typeof commandGroups)[number]): boolean {
  return group !== 'About wwdb'
}

const exitSummary =
  '0 done, 1 findings, 2 failed, 64 usage, 69 cannot connect, 75 lock held elsewhere, 78 configuration, ' +
  '129, 130 and 143 signals'

/** The first words of a group's commands: a command, or a family with its line. */
function firstWords(group: (typeof commandGroups)[number]): readonly Row[] {
  const words = commandEntries.filter((entry) => entry.group === group).map(({ name }) => name.split(' ')[0] ?? '')
  return [...new Set(words)].map((term) => ({ term, text: families[term] ?? summaryOf(term) }))
}

function summaryOf(name: string): string {
  return commandEntries.find((entry) => entry.name === name)?.summary ?? ''
}

/** The flags of every command, and what each exit code means: the answer of `wwdb help flags`. */
export function globalFlagsHelp(width: number): string {
  const lines = [
    'Flags of every command, before or after its name.',
    ...layoutFlags(globalFlags, width),
    ...section('Exit codes', layoutRows(allExitCodes.map(exitRow), width)),
    '',
    ...wrapText(programRules, width),
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
    `\`wwdb ${family} COMMAND --help\` shows its flags, examples and exit codes.`,
  ]
  return `${lines.join('\n')}\n`
}

/** `--config --env ...`, and where they are explained. */
export function globalFlagNames(): string {
  const names = flagsOf({ flags: globalFlags }).map((flag) => `--${flag.long}`)
  return `${names.join(' ')}. \`wwdb help flags\` explains them.`
}

function commandRow(entry: CommandEntry): Row {
  const needed = entry.arguments.filter(({ required }) => required).map(({ name }) => ` ${name.toUpperCase()}`)
  return { term: `${entry.name}${needed.join('')}`, text: entry.summary }
}

function exitRow(code: (typeof allExitCodes)[number]): Row {
  return { term: String(code), text: exitMeanings[code] }
}
