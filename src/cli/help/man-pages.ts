import { commandGroups } from '../../command/command-groups.ts'
import { allExitCodes, exitMeanings } from '../../core/exit-code.ts'
import { type CommandEntry, type FlagGroup, flagsOf } from '../command-entry.ts'
import { globalFlags } from '../global-flags.ts'
import { commandEntries, commandsOf, families, findCommand } from '../registry.ts'
import { usageLine } from './command-help.ts'
import { explainFlag, spellFlag } from './layout.ts'
import { programPurpose, programRules } from './program-help.ts'
import { topics } from './topics.ts'

/** The manual as roff, by the names of its files: `wwdb.1`, and one for the first word of every command. */
export function manPages(version: string): ReadonlyMap<string, string> {
  const words = [...new Set(commandEntries.map(({ name }) => name.split(' ')[0] ?? ''))]
  return new Map([
    ['wwdb.1', programPage(version)],
    ...words.map((word) => [`wwdb-${word}.1`, wordPage(word, version)] as const),
  ])
}

function programPage(version: string): string {
  return page([
    ...title('wwdb', programPurpose.replace(/\. .*$/s, ''), version),
    ...section('SYNOPSIS', [bold('wwdb'), '\\fICOMMAND\\fR [flags]']),
    ...section('DESCRIPTION', [prose(programPurpose), '.PP', prose(programRules)]),
    ...section('COMMANDS', commandGroups.flatMap(groupLines)),
    ...section('TOPICS', [
      prose('`wwdb help TOPIC` explains:'),
      ...topics.flatMap(({ name, summary }) => term(bold(name), summary)),
    ]),
    ...section('OPTIONS OF EVERY COMMAND', flagLines(globalFlags)),
    ...section('EXIT STATUS', allExitCodes.flatMap(exitLines)),
    ...section('FILES', term(bold('wwdb.config.json'), 'the configuration of a project; `wwdb init` creates it')),
  ])
}

function groupLines(group: (typeof commandGroups)[number]): readonly string[] {
  const words = commandEntries.filter((entry) => entry.group === group).map(({ name }) => name.split(' ')[0] ?? '')
  return [
    `.SS ${escapeText(group)}`,
    ...[...new Set(words)].flatMap((word) => term(`${bold(`wwdb-${word}`)}(1)`, summaryOf(word))),
  ]
}

function summaryOf(word: string): string {
  return families[word] ?? findCommand(word)?.summary ?? ''
}

/** A command with the two-word commands that begin with it. */
function wordPage(word: string, version: string): string {
  const own = findCommand(word)
  const entries = [...(own === undefined ? [] : [own]), ...commandsOf(word)]
  const [only] = entries
  const body =
    entries.length === 1 && only !== undefined
      ? [...section('DESCRIPTION', descriptionOf(only)), ...section('EXIT STATUS', only.exitCodes.flatMap(exitLines))]
      : section(
          'COMMANDS',
          entries.flatMap((entry) => [
            `.SS ${escapeText(`wwdb ${entry.name}`)}`,
            ...descriptionOf(entry),
            '.PP',
            prose(`Exit codes: ${entry.exitCodes.join(', ')}.`),
          ]),
        )
  return page([
    ...title(`wwdb-${word}`, summaryOf(word), version),
    ...section(
      'SYNOPSIS',
      entries.flatMap((entry, index) => [...(index === 0 ? [] : ['.br']), escapeText(usageLine(entry))]),
    ),
    ...body,
    ...section('SEE ALSO', [`${bold('wwdb')}(1) describes the flags of every command and the exit codes.`]),
  ])
}

function descriptionOf(entry: CommandEntry): readonly string[] {
  return [
    prose(entry.purpose),
    ...entry.arguments.flatMap(({ name, description }) =>
      term(`\\fI${escapeText(name.toUpperCase())}\\fR`, description),
    ),
    ...flagLines(entry.flags),
    ...entry.examples.flatMap(({ command, purpose }) => [
      '.PP',
      prose(`${purpose}:`),
      '.RS 4',
      '.nf',
      guarded(escapeText(command)),
      '.fi',
      '.RE',
    ]),
  ]
}

function flagLines(groups: readonly FlagGroup[]): readonly string[] {
  return flagsOf({ flags: groups }).flatMap((flag) => term(bold(spellFlag(flag).trim()), explainFlag(flag)))
}

function exitLines(code: (typeof allExitCodes)[number]): readonly string[] {
  return term(bold(String(code)), exitMeanings[code])
}

function title(name: string, summary: string, version: string): readonly string[] {
  return [
    `.TH "${name.toUpperCase()}" "1" "" "wwdb ${version}" "wwdb"`,
    '.SH NAME',
    `${escapeText(name)} \\- ${prose(summary)}`,
  ]
}

function section(heading: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`.SH ${heading}`, ...lines]
}

function term(head: string, text: string): readonly string[] {
  return ['.TP', head, prose(text)]
}

function page(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

function bold(text: string): string {
  return `\\fB${escapeText(text)}\\fR`
}

/** A line of text; text in backticks is bold. */
function prose(text: string): string {
  return guarded(escapeText(text).replaceAll(/`([^`]*)`/g, '\\fB$1\\fR'))
}

/** A hyphen must be one that can be copied, and a backslash stands for itself. */
function escapeText(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-')
}

/** A line of text that begins like a request must not be taken for one. */
function guarded(line: string): string {
  return /^[.']/.test(line) ? `\\&${line}` : line
}
