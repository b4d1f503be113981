import type { CommandGroup } from '../command/command-groups.ts'
import type { AnyCommand, Argument, Example, Flag, Flags, Interruption } from '../command/define-command.ts'
import type { ExitCode } from '../core/exit-code.ts'

/** One flag, as data: help, parsing, completion and the documentation are made from it. */
export interface FlagEntry extends Flag {
  /** Without dashes. A name that starts with `no-` switches off the flag that it negates. */
  readonly long: string
}

export interface FlagGroup {
  readonly heading: string
  readonly flags: readonly FlagEntry[]
}

export interface ArgumentEntry extends Argument {
  /** In lower case; also its key in the command's options. */
  readonly name: string
}

/** One command, as data; `modules.generated.ts` loads its code. */
export interface CommandEntry {
  readonly name: string
  readonly group: CommandGroup
  readonly summary: string
  readonly purpose: string
  readonly examples: readonly Example[]
  readonly arguments: readonly ArgumentEntry[]
  readonly flags: readonly FlagGroup[]
  /** Lowest first. */
  readonly exitCodes: readonly ExitCode[]
  readonly interruption: Interruption
  readonly writes: boolean
  readonly connects: boolean
  /** The key of the flag that makes it open connections, in camel case. */
  readonly connectsWith?: string
  readonly stores: boolean
  readonly manyTargets?: true
  /** Absent where it does not work through a vtgate. */
  readonly vtgate?: true
}

/** A command as data: what the generated registry holds of it. */
export function describeCommand(command: AnyCommand): CommandEntry {
  const { name, group, summary, purpose, examples, interruption, writes, connects } = command
  return {
    name,
    group,
    summary,
    purpose,
    examples,
    arguments: Object.entries(command.arguments ?? {}).map(([key, argument]) => ({ name: key, ...argument })),
    flags: describeFlags(command.flags ?? {}),
    exitCodes: command.exitCodes.toSorted((one, other) => one - other),
    interruption,
    writes,
    connects,
    ...(command.connectsWith === undefined ? {} : { connectsWith: command.connectsWith }),
    stores: command.stores === true,
    ...(command.manyTargets === true ? { manyTargets: true } : {}),
    ...(command.vtgate === true && { vtgate: true }),
  }
}

/** Flags under their headings, each with its name. */
export function describeFlags(groups: Flags): readonly FlagGroup[] {
  return Object.entries(groups).map(([heading, flags]) => ({
    heading,
    flags: Object.entries(flags).map(([key, flag]) => ({ long: kebabCase(key), ...flag })),
  }))
}

/** All flags of a command, without their groups. */
export function flagsOf(entry: { readonly flags: readonly FlagGroup[] }): readonly FlagEntry[] {
  return entry.flags.flatMap((group) => group.flags)
}

/** `lock-timeout` as `lockTimeout`: how flags are named in a command's options. */
export function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** `lockTimeout` as `lock-timeout`. */
function kebabCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
