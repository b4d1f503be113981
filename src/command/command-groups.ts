/** The headings of the list of commands, in order. */
export const commandGroups = [
  'Migrations',
  'Databases and projects',
  'Sharded tables',
  'Stores and environments',
  'About wwdb',
] as const

export type CommandGroup = (typeof commandGroups)[number]

/** The first words of two-word commands, with a line for each. A family that is also a command has that command's line in help. */
export const commandFamilies: Readonly<Record<string, string>> = {
  check: 'find inconsistent data',
  completion: 'the completion script for a shell',
  config: 'show and check the configuration',
  db: 'create, drop and check whole schemas',
  grants: 'the minimum privileges of accounts',
  lock: 'show and release the lock of a run',
  online: 'copies and kept tables of online changes',
  retire: 'what is hidden, and dropped once nothing uses it',
  provision: 'complete test environments',
  rotate: 'create shards ahead of the calendar, retire them by policy',
  schema: 'print and compare whole schemas',
  seed: 'reference data from files',
  schedule: 'when rotation runs, and what starts it',
  setup: 'plan, set up and verify the stores besides MySQL',
  shards: 'list, find, check, protect and repair shards',
  template: 'check and render shard templates',
  sandbox: 'a local MySQL for development and tests',
}
