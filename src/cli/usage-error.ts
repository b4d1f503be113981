import type { CommanderError } from 'commander'
import { closestName } from '../core/closest-name.ts'
import { ToolError } from '../core/tool-error.ts'
import { commandEntries } from './registry.ts'

/** What other tools call the same thing. */
const elsewhere: Readonly<Record<string, string>> = {
  apply: 'migrate',
  up: 'migrate',
  down: 'rollback',
  undo: 'rollback',
  revert: 'rollback',
  info: 'status',
  check: 'validate',
  lint: 'validate',
  generate: 'new',
}

/**
 * Commands that change nothing: only these are guessed from a word that is spelled alike. A person who follows the guess without
 * reading it must not change a database by it.
 */
const readingCommands: readonly string[] = commandEntries.filter(({ writes }) => !writes).map(({ name }) => name)

/** A fault in how the tool was called. `command` is what was understood so far, e.g. `wwdb db create`. */
export function usageError(what: string, command: string, suggestion: string | null = null, why?: string): ToolError {
  const look = `See ${command} --help.`
  return new ToolError('USAGE', {
    what,
    ...(why === undefined ? {} : { why }),
    next: suggestion === null ? look : `Did you mean ${suggestion}? ${look}`,
  })
}

/** Says in a sentence what commander found wrong. */
export function explainParseFault(fault: CommanderError, command: string): ToolError {
  const message = fault.message.replace(/^error: /, '')
  const suggestion = /\(Did you mean (?:one of )?(.+)\?\)/.exec(message)?.[1] ?? null
  const [text = message] = message.split('\n')
  const [first = '', second = ''] = [...text.matchAll(/'([^']*)'/g)].map((match) => match[1] ?? '')
  switch (fault.code) {
    case 'commander.unknownOption':
      return usageError(`${command} has no flag ${first}.`, command, suggestion)
    case 'commander.unknownCommand':
      return unknownCommand(command, first)
    case 'commander.missingArgument':
      return usageError(`${command} needs ${first.toUpperCase()}.`, command)
    case 'commander.excessArguments':
      return usageError(text.replace(/^.*Expected/, `${command} was given too many arguments: expected`), command)
    case 'commander.optionMissingArgument':
      return usageError(`The flag ${first} needs a value.`, command)
    case 'commander.conflictingOption':
      return usageError(`The flags ${flagName(first)} and ${flagName(second)} contradict each other.`, command)
    case 'commander.invalidArgument':
      return invalidValue(text, command)
    default:
      return usageError(`${text}.`, command)
  }
}

/** A command that does not exist. `typed` may have two words. */
export function explainUnknownCommand(typed: string): ToolError {
  return unknownCommand('wwdb', typed)
}

/** A word where a command should stand. `command` is what was understood before it. */
export function unknownCommand(command: string, typed: string): ToolError {
  const suggestion = suggestReading(command, typed)
  // The very word in a family says more than a command that is spelt alike. A word that stands in a family is not meant for
  // another one that writes: `wwdb shards release` must not lead to `wwdb lock release`.
  const meant =
    command === 'wwdb'
      ? (suggestCommand(typed, () => true) ?? suggestion)
      : (suggestion ?? suggestCommand(typed, (name) => readingCommands.includes(name)))
  return usageError(`${command} has no command ${typed}.`, command, meant)
}

/** The command of this family, or of all, that is spelt nearly so and changes nothing. */
function suggestReading(command: string, typed: string): string | null {
  const family = command === 'wwdb' ? '' : `${command.slice('wwdb '.length)} `
  const known = readingCommands.filter((name) => name.startsWith(family)).map((name) => name.slice(family.length))
  return closestName(typed, known)
}

/** From `option '--steps <NUMBER>' argument 'x' is invalid. It must ...` or `command-argument value 'x' is invalid for argument 'shell'. ...` */
function invalidValue(text: string, command: string): ToolError {
  const flag = /^option '(.*)' argument '(.*)' is invalid\. (.*)$/.exec(text)
  if (flag !== null)
    return usageError(`"${flag[2]}" is no value for ${flagName(flag[1] ?? '')}.`, command, null, sentence(flag[3]))
  const argument = /^command-argument value '(.*)' is invalid for argument '(.*)'\. (.*)$/.exec(text)
  if (argument === null) return usageError(`${text}.`, command)
  return usageError(
    `"${argument[1]}" is no value for ${(argument[2] ?? '').toUpperCase()}.`,
    command,
    null,
    sentence(argument[3]),
  )
}

function sentence(reason: string | undefined): string | undefined {
  return reason?.replace(/^Allowed choices are (.*)\.$/, 'It must be one of $1.')
}

/** `--to` of `-t, --to <VERSION>`. */
function flagName(spelt: string): string {
  return /--[\w-]+/.exec(spelt)?.[0] ?? spelt
}

/** `wwdb db create` for `create`, `wwdb migrate` for `up`: what a word that is no command may have meant. */
function suggestCommand(word: string, isAllowed: (name: string) => boolean): string | null {
  const known = elsewhere[word]
  const inFamily = commandEntries.map(({ name }) => name).filter((name) => name.endsWith(` ${word}`))
  const meant = [...(known === undefined ? [] : [known]), ...inFamily].filter(isAllowed).map((name) => `wwdb ${name}`)
  return meant.length === 0 ? null : meant.join(' or ')
}
