import { commandFamilies, commandGroups } from '../command/command-groups.ts'
import type { CommandEntry } from './command-entry.ts'
import { commandEntries } from './registry.generated.ts'

export { commandEntries } from './registry.generated.ts'

/** Commands that are listed together. */
interface CommandGroupEntry {
  readonly heading: string
  readonly commands: readonly CommandEntry[]
}

/** Every command of wwdb, in the order of help. */
export const registry: readonly CommandGroupEntry[] = commandGroups.map((heading) => ({
  heading,
  commands: commandEntries.filter(({ group }) => group === heading),
}))

/** The first words of two-word commands, with a line for each. A family that is also a command runs without a second word. */
export const families: Readonly<Record<string, string>> = commandFamilies

/** The command of that name, in one or two words. */
export function findCommand(name: string): CommandEntry | undefined {
  return commandEntries.find((entry) => entry.name === name)
}

/** The commands under a first word such as `db`. */
export function commandsOf(family: string): readonly CommandEntry[] {
  return commandEntries.filter((entry) => entry.name.startsWith(`${family} `))
}
