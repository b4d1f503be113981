import { commandFamilies, commandGroups } from '../command/command-groups.ts'
import type { CommandEntry } from './command-entry.ts'
import { commandEntries } from './registry.generated.ts'

export { commandEntries } from './registry.generated.ts'

/** Commands that belong together in the list. */
interface CommandGroupEntry {
  readonly heading: string
  readonly commands: readonly CommandEntry[]
}

/** Every command of wwdb, in the order of help. */
export const registry: readonly CommandGroupEntry[] = commandGroups.map((heading) => ({
  heading,
  commands: commandEntries.filter(({ group }) => group === heading),
}))

/** The first words of commands of two, with a line for each. One that is a command itself, too, does that without a second. */
export const families: Readonly<Record<string, string>> = commandFamilies

/** The command of that name, in one or two words. */
export function findCommand(name: string): CommandEntry | undefined {
  return commandEntries.find((entry) => entry.name === name)
}

/** The commands under a first word such as `db`. */
export function commandsOf(family: string): readonly CommandEntry[] {
  return commandEntries.filter((entry) => entry.name.startsWith(`${family} `))
}
