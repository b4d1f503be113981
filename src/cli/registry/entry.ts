import type { ExitCode } from '../../core/exit-code.ts'

/** What a flag's value is. The command line turns `integer` into a number; every other value stays text. */
export interface FlagValue {
  /** As help shows it, in capitals: `VERSION`. */
  readonly name: string
  readonly type: 'text' | 'integer' | 'duration' | 'file' | 'directory'
}

/** One flag, as data: help, parsing, completion and the documentation are made from it. */
export interface FlagEntry {
  /** Without dashes. A name that starts with `no-` says false to the flag that it negates. */
  readonly long: string
  readonly short?: string
  /** Absent for a switch. */
  readonly value?: FlagValue
  /** What it does, from the reader's side; without a full stop. */
  readonly description: string
  /** What holds without the flag, as text for people; the value itself lives in the command's input or the configuration. */
  readonly default?: string
  readonly choices?: readonly string[]
  /** May be given several times, or once with commas. */
  readonly repeatable?: boolean
  /** The variable that says the same. */
  readonly environment?: string
  /** True where it sets a value of the configuration; the command finds it there, not in its input. */
  readonly setting?: boolean
  /** Flags (long names) that contradict this one. */
  readonly conflicts?: readonly string[]
}

export interface FlagGroup {
  readonly heading: string
  readonly flags: readonly FlagEntry[]
}

export interface ArgumentEntry {
  /** In lower case; also its key in the command's input. */
  readonly name: string
  readonly description: string
  readonly required: boolean
  /** Takes all that is left. */
  readonly variadic?: boolean
  readonly choices?: readonly string[]
}

interface Example {
  readonly command: string
  /** What it is for, as half a sentence. */
  readonly purpose: string
}

/**
 * How a command takes Ctrl-C:
 * - `at-once`          it only looks, or waits: it ends there and then
 * - `after-statement`  it writes: the engine ends it at the next safe point
 */
type Interruption = 'at-once' | 'after-statement'

/** One command, as data; what it does is in the `commands` of its folder, and found through `command-modules.ts`. */
export interface CommandEntry {
  /** One or two words: `migrate`, `db create`. */
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** A paragraph: what it is for, what it does, what it never does. */
  readonly purpose: string
  readonly examples: readonly [Example, Example, ...Example[]]
  readonly arguments: readonly ArgumentEntry[]
  readonly flags: readonly FlagGroup[]
  readonly exitCodes: readonly ExitCode[]
  readonly interruption: Interruption
  /** Whether it opens connections. Where it does not, a database without a URL is no fault of the configuration. */
  readonly connects: boolean
  /** True where it opens stores beside MySQL: then one without a URL is a fault. */
  readonly stores?: boolean
}

/** Commands that belong together in the list. */
export interface CommandGroup {
  readonly heading: string
  readonly commands: readonly CommandEntry[]
}

/** All flags of a command, without their groups. */
export function flagsOf(entry: { readonly flags: readonly FlagGroup[] }): readonly FlagEntry[] {
  return entry.flags.flatMap((group) => group.flags)
}
