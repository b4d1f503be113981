import { applicationCommands } from './application-commands.ts'
import type { CommandEntry, CommandGroup } from './entry.ts'
import { projectCommands } from './project-commands.ts'
import { provisionCommands } from './provision-commands.ts'
import { rotationCommands } from './rotation-commands.ts'
import { runCommands } from './run-commands.ts'
import { scheduleCommands } from './schedule-commands.ts'
import { seedCommands } from './seed-commands.ts'
import { databaseCommands, sandboxCommands } from './server-commands.ts'
import { shardCommands } from './shard-commands.ts'
import { journalCommands, stateCommands } from './state-commands.ts'
import { storeCommands } from './store-commands.ts'
import { templateCommands } from './template-commands.ts'
import { toolCommands } from './tool-commands.ts'

/** Every command of wwdb, in the order of help: what is used most comes first. */
export const catalogue: readonly CommandGroup[] = [
  runCommands,
  stateCommands,
  projectCommands,
  databaseCommands,
  journalCommands,
  seedCommands,
  rotationCommands,
  shardCommands,
  scheduleCommands,
  templateCommands,
  applicationCommands,
  storeCommands,
  provisionCommands,
  sandboxCommands,
  toolCommands,
]

/** Every command, without the groups. */
export const commandEntries: readonly CommandEntry[] = catalogue.flatMap((group) => group.commands)

/** The first words of commands of two, with a line for each. One that is a command by itself, too, does that without a second. */
export const families: Readonly<Record<string, string>> = {
  check: 'look for what is wrong in the data',
  config: 'show and check the configuration',
  db: 'create, drop and reach whole schemas',
  lock: 'see and end the lock of a run',
  provision: 'complete sets of databases for tests',
  rotate: 'shards ahead of the calendar, and retired by policy',
  seed: 'reference data from files',
  schedule: 'when rotation runs, and what starts it',
  setup: 'the stores beside MySQL: planned, set up, proven',
  shards: 'the shards themselves: looked at, found, put right',
  template: 'what shards are made from',
  sandbox: 'a local MySQL for development and tests',
}

/** The command of that name, in one or two words. */
export function findCommand(name: string): CommandEntry | undefined {
  return commandEntries.find((entry) => entry.name === name)
}

/** The commands under a first word such as `db`. */
export function commandsOf(family: string): readonly CommandEntry[] {
  return commandEntries.filter((entry) => entry.name.startsWith(`${family} `))
}
