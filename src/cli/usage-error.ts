import type { CommanderError } from 'commander'
import { closestName } from '../core/closest-name.ts'
import type { ToolError } from '../core/tool-error.ts'
import { topicNames } from './help/topics.ts'
import { commandEntries, commandsOf, families } from './registry.ts'
import { usageError } from './usage.ts'

/** Other tools' words for a command that changes nothing. */
const otherNames: ReadonlyMap<string, string> = new Map([
  ['info', 'status'],
  ['check', 'validate'],
  ['review', 'lint'],
])

/** The error for a command line that commander refused. */
export function explainParseError(error: CommanderError, command: string): ToolError {
  const message = error.message.replace(/^error: /, '')
  const suggestion = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1] ?? null
  const [text = message] = message.split('\n')
  const [first = '', second = ''] = [...text.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '')
  switch (error.code) {
    case 'commander.unknownOption':
      return usageError(
        `\`${command}\` has no flag \`${first}\`.`,
        command,
        suggestion === null ? null : `\`${suggestion}\``,
      )
    case 'commander.unknownCommand':
      return unknownCommand(command, first)
    case 'commander.missingArgument':
      return usageError(`\`${command}\` needs ${first.toUpperCase()}.`, command)
    case 'commander.excessArguments':
      return usageError(text.replace(/^.*Expected/, `\`${command}\` was given too many arguments: expected`), command)
    case 'commander.optionMissingArgument':
      return usageError(`The flag \`${first.replace(/[<>]/g, '')}\` needs a value.`, command)
    case 'commander.conflictingOption':
      return usageError(`The flags ${flagName(first)} and ${flagName(second)} cannot be given together.`, command)
    case 'commander.invalidArgument':
      return invalidValue(text, command)
    default:
      return usageError(`${text}.`, command)
  }
}

/**
 * The error for a word that is not a command. `command` is the part that was understood before it; `typed` may have two
 * words.
 */
export function unknownCommand(command: string, typed: string): ToolError {
  const what = `\`${command}\` has no command \`${typed}\`.`
  const family = command === 'wwdb' ? '' : command.slice('wwdb '.length)
  const suggestions = suggestCommands(family, typed)
  if (suggestions.length > 0) return usageError(what, command, suggestions.join(' or '))
  const members = commandsOf(family).map(({ name }) => name.slice(family.length + 1))
  return usageError(what, command, null, members.length === 0 ? undefined : `It has \`${members.join('`, `')}\`.`)
}

/**
 * The error for a word that `wwdb help` does not know. Reading about a command changes nothing, so any command may be suggested.
 */
export function unknownHelp(typed: string): ToolError {
  const close = closestName(typed, [...topicNames, ...commandEntries.map(({ name }) => name), ...Object.keys(families)])
  const suggestion = close === null ? null : `\`wwdb help ${close}\``
  return usageError(
    `There is neither a command nor a topic \`${typed}\`.`,
    'wwdb',
    suggestion,
    '`wwdb help topics` lists the topics.',
  )
}

/** Commands that may be meant by a word: a similar spelling, or wwdb's word for it. None of them is run. */
function suggestCommands(family: string, typed: string): readonly string[] {
  const prefix = family === '' ? '' : `${family} `
  const every = [...commandEntries.map(({ name }) => name), ...Object.keys(families)]
  const names = every.filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length))
  const close = closestName(typed, names)
  const alike = close === null ? [] : [`${prefix}${close}`]
  const other = otherNames.get(typed)
  const same = [...(other === undefined ? [] : [other]), ...every.filter((name) => name.endsWith(` ${typed}`))]
  // The same word in another family counts more than a command with a similar spelling, but not more than a command of the given
  // family.
  const [first, second] = family === '' ? [same, alike] : [alike, same]
  return (first.length > 0 ? first : second).map((name) => `\`wwdb ${name}\``)
}

/** From `option '--steps <NUMBER>' argument 'x' is invalid. It must ...` or `command-argument value 'x' is invalid for argument 'shell'. ...` */
function invalidValue(text: string, command: string): ToolError {
  const flag = /^option '(.*)' argument '(.*)' is invalid\. (.*)$/.exec(text)
  if (flag !== null)
    return usageError(
      `"${flag[2]}" is not a valid value for ${flagName(flag[1] ?? '')}.`,
      command,
      closestChoice(flag[2] ?? '', flag[3] ?? ''),
      flag[3],
    )
  const argument = /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/.exec(text)
  if (argument === null) return usageError(`${text}.`, command)
  const [, typed = '', name = '', why = ''] = argument
  const family = command.replace(/^wwdb /, '')
  const member = closestName(
    typed,
    commandsOf(family).map((one) => one.name.slice(family.length + 1)),
  )
  return usageError(
    `"${typed}" is not a valid value for ${name.toUpperCase()}.`,
    command,
    member === null ? closestChoice(typed, why) : `\`wwdb ${family} ${member}\``,
    why.replace(/^Allowed choices are (.*)\.$/, 'It must be one of $1.'),
  )
}

/** The value that was probably meant, where the explanation lists the allowed ones; null where none is similar. */
function closestChoice(typed: string, why: string): string | null {
  const choices = /^(?:Allowed choices are|It must be one of) (.*)\.$/.exec(why)?.[1]?.split(', ') ?? []
  const close = closestName(typed, choices)
  return close === null ? null : `\`${close}\``
}

/** `--to`, in backticks, of `-t, --to <VERSION>`. */
function flagName(spelling: string): string {
  return `\`${/--[\w-]+/.exec(spelling)?.[0] ?? spelling}\``
}
