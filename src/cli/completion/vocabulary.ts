import { type CommandEntry, type FlagEntry, flagsOf } from '../command-entry.ts'
import { globalFlags } from '../global-flags.ts'
import { formats } from '../globals.ts'
import { topicNames } from '../help/topics.ts'
import { commandEntries, commandsOf, families, findCommand } from '../registry.ts'

/** A word with its description. */
export interface Word {
  readonly word: string
  readonly summary: string
}

/** The words that can come first: plain commands and families such as `db`. */
export const firstWords: readonly Word[] = [
  ...new Set(commandEntries.map((entry) => entry.name.split(' ')[0] ?? '')),
].map((word) => ({ word, summary: families[word] ?? findCommand(word)?.summary ?? '' }))

/** What can follow a first word such as `db`: its commands, and, where it is also a command, the values of its argument. */
export function secondWords(family: string): readonly Word[] {
  const itself = findCommand(family)
  const values = itself === undefined ? [] : argumentChoices(itself)
  return [
    ...commandsOf(family).map(({ name, summary }) => ({ word: name.slice(family.length + 1), summary })),
    ...values.map((word) => ({ word, summary: itself?.summary ?? '' })),
  ]
}

/**
 * The flags that every command takes. Of `--format`, only the values that every command has: a command with more values has its
 * own flag.
 */
export const sharedFlags: readonly FlagEntry[] = flagsOf({ flags: globalFlags }).map((flag) =>
  flag.long === 'format' ? { ...flag, choices: formats } : flag,
)

/** The global flags that a command replaces by its own flag of the same name. */
export function replacedFlags(entry: CommandEntry): readonly string[] {
  return flagsOf(entry)
    .map(({ long }) => long)
    .filter((long) => sharedFlags.some((shared) => shared.long === long))
}

/** `-c` and `--config`: the spellings of a flag. */
export function spellings(flag: FlagEntry): readonly string[] {
  return flag.short === undefined ? [`--${flag.long}`] : [`-${flag.short}`, `--${flag.long}`]
}

/** Every spelling of every flag that takes a value, of any command: the word after it is not a command. */
export const valueSpellings: readonly string[] = [
  ...new Set(
    [...sharedFlags, ...commandEntries.flatMap(flagsOf)].filter((flag) => flag.value !== undefined).flatMap(spellings),
  ),
]

/**
 * The flags of a line that choose the configuration: they are passed on when wwdb is asked for the names of databases.
 */
export const choosingFlags: readonly string[] = sharedFlags
  .filter(({ long }) => ['config', 'env', 'cwd'].includes(long))
  .flatMap(spellings)

/** The values that a command's first argument may have, where they are known. */
export function argumentChoices(entry: CommandEntry): readonly string[] {
  if (entry.name === 'help')
    return [...new Set([...firstWords.map(({ word }) => word), 'flags', 'topics', ...topicNames])]
  return entry.arguments[0]?.choices ?? []
}
