import type { ExitCode } from '../core/exit-code.ts'
import type { CommandGroup } from './command-groups.ts'
import type { CommandResult, Context } from './context.ts'

/** A flag; its name is its key, in camel case: `dryRun` is `--dry-run`. Without `value` it is a switch. */
export interface Flag {
  /** The name of its value in help, in capitals: `VERSION`. */
  readonly value?: string
  /** `text` unless given. Only `integer` changes what `run` receives; the others are for completion. */
  readonly type?: 'text' | 'integer' | 'duration' | 'file' | 'directory' | 'database'
  /** What it does, from the user's side; without a full stop. */
  readonly description: string
  /** One letter. */
  readonly short?: string
  /** The value that `run` receives where the flag is not given. */
  readonly default?: string | number
  /** The default in words for help, where there is no `default`. */
  readonly otherwise?: string
  readonly choices?: readonly string[]
  /** May be given several times, or once with commas: `run` receives a list. */
  readonly repeatable?: true
  /** Smallest and largest integer. */
  readonly min?: number
  readonly max?: number
  /** Fewest and most characters of a text. */
  readonly minLength?: number
  readonly maxLength?: number
  /** A regular expression for the whole text, with a sentence that explains it. */
  readonly pattern?: { readonly source: string; readonly meaning: string }
  /** The variable that sets the same value. */
  readonly environment?: string
  /** It sets a value of the configuration: `run` finds it there, and not in its options. */
  readonly setting?: true
  /** Keys of the flags that conflict with this one. */
  readonly conflicts?: readonly string[]
}

/** Flags under the headings of the command's help. */
export type Flags = Readonly<Record<string, Readonly<Record<string, Flag>>>>

/** An argument; its name is its key. */
export interface Argument {
  readonly description: string
  /** Required ones come first. */
  readonly required: boolean
  /** Takes all remaining arguments: `run` receives a list. Only the last argument can be variadic. */
  readonly variadic?: true
  readonly choices?: readonly string[]
  /** For completion. */
  readonly type?: 'file'
}

export type Arguments = Readonly<Record<string, Argument>>

export interface Example {
  readonly command: string
  /** What it is for, as half a sentence. */
  readonly purpose: string
}

/**
 * How a command takes Ctrl-C:
 * - `at-once`          it only reads, or waits: it ends immediately
 * - `after-statement`  it writes: it ends at the next safe point
 */
export type Interruption = 'at-once' | 'after-statement'

type Single<Given> = Given extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : Given extends { readonly type: 'integer' }
    ? number
    : string

type FlagValue<Given extends Flag> = Given extends { readonly value: string }
  ? Given extends { readonly repeatable: true }
    ? readonly Single<Given>[]
    : Given extends { readonly default: string | number }
      ? Single<Given>
      : Single<Given> | undefined
  : boolean

type ArgumentValue<Given extends Argument> = Given extends { readonly variadic: true }
  ? readonly Single<Given>[]
  : Given extends { readonly required: true }
    ? Single<Given>
    : Single<Given> | undefined

type Intersection<Union> = (Union extends unknown ? (value: Union) => void : never) extends (value: infer Both) => void
  ? Both
  : never

type Ungrouped<Groups extends Flags> = Intersection<Groups[keyof Groups]>

type FlagOptions<Given> = {
  readonly [Key in keyof Given as Given[Key] extends { readonly setting: true } ? never : Key]: Given[Key] extends Flag
    ? FlagValue<Given[Key]>
    : never
}

type Flat<Given> = { readonly [Key in keyof Given]: Given[Key] }

/**
 * What `run` receives: a boolean for a switch, a list for what may be repeated, the default or undefined for what was not given.
 */
export type Options<Groups extends Flags, Given extends Arguments = Record<never, never>> = Flat<
  FlagOptions<Ungrouped<Groups>> & { readonly [Key in keyof Given]: ArgumentValue<Given[Key]> }
>

interface Declaration<Given extends Arguments, Groups extends Flags> {
  /** One or two words: `migrate`, `db create`. */
  readonly name: string
  /** The heading that lists it in the list of commands. */
  readonly group: CommandGroup
  /** One line, for the list of commands; without a full stop. */
  readonly summary: string
  /** A paragraph: its purpose, what it does, what it never does. */
  readonly purpose: string
  readonly examples: readonly [Example, Example, ...Example[]]
  readonly arguments?: Given
  readonly flags?: Groups
  /** All of its exit codes, except for those of signals. */
  readonly exitCodes: readonly ExitCode[]
  readonly interruption: Interruption
  /** Whether it changes a database, a store, a server or a file: a mistyped word is never corrected to such a command. */
  readonly writes: boolean
  /** Whether it opens connections. Where it does not, a database without a URL is not a fault of the configuration. */
  readonly connects: boolean
  /** The key of the flag that makes it open connections, where it opens none without that flag. */
  readonly connectsWith?: string
  /** Whether it opens stores other than MySQL: then a store without a URL is a fault. */
  readonly stores?: true
  /** True where it works on all targets of a database that has many, or on none: others work on the one that `--target` names. */
  readonly manyTargets?: true
  /** Whether it works where a database is a keyspace behind vtgate. */
  readonly vtgate?: true
}

interface Definition<Given extends Arguments, Groups extends Flags, Ending extends CommandResult>
  extends Declaration<Given, Groups> {
  readonly run: (options: Options<Groups, Given>, context: Context) => Promise<Ending>
}

/** A command whose own types do not matter: what the registry is made from. */
export interface AnyCommand extends Declaration<Arguments, Flags> {
  readonly run: (options: never, context: Context) => Promise<CommandResult>
}

/** A command that other code can run: options that are not given have their defaults. */
interface Command<Given extends Arguments, Groups extends Flags, Ending extends CommandResult>
  extends Declaration<Given, Groups> {
  readonly run: (options: Partial<Options<Groups, Given>>, context: Context) => Promise<Ending>
}

/**
 * A command is one file, which exports it as `command`. The registry that the command line starts with is generated from it (`npm run
 * generate`); the module itself is loaded only to run the command.
 */
export function defineCommand<
  Ending extends CommandResult,
  const Given extends Arguments = Record<never, never>,
  const Groups extends Flags = Record<never, never>,
>(definition: Definition<Given, Groups, Ending>): Command<Given, Groups, Ending> {
  const absent = { ...withoutArguments(definition.arguments ?? {}), ...withoutFlags(definition.flags ?? {}) }
  return {
    ...definition,
    // The keys are those of the flags and arguments, from which `Options` is built.
    run: (options, context) => definition.run({ ...absent, ...options } as Options<Groups, Given>, context),
  }
}

/** Keeps the names, choices and defaults of flags as types, for a command whose functions name `Options<typeof flags>`. */
export function defineFlags<const Groups extends Flags>(flags: Groups): Groups {
  return flags
}

function withoutFlags(groups: Flags): Readonly<Record<string, unknown>> {
  const all = Object.values(groups).flatMap((group) => Object.entries(group))
  return Object.fromEntries(
    all.filter(([, flag]) => flag.setting !== true).map(([key, flag]) => [key, valueWithout(flag)]),
  )
}

function withoutArguments(given: Arguments): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(given).map(([key, { variadic }]) => [key, variadic === true ? [] : undefined]),
  )
}

function valueWithout(flag: Flag): unknown {
  if (flag.value === undefined) return false
  return flag.repeatable === true ? [] : flag.default
}
