import type { DatabaseConfig } from '../config/config.ts'
import { platformOf } from '../migrations/plan/database-state.ts'

type Named = Pick<DatabaseConfig, 'name' | 'vitess' | 'standsFor'>

const ofKeyspaces = (databases: readonly Named[], say: (name: string) => string): readonly string[] =>
  databases.filter((one) => platformOf(one) === 'vitess').map(({ name }) => say(name))

/** What a comparison of keyspaces did not look at, each as a sentence; empty for schemas of MySQL itself. */
export const listUncompared = (databases: readonly Named[]): readonly string[] =>
  ofKeyspaces(
    databases,
    (name) =>
      `The VSchema of \`${name}\` was not compared. \`SHOW VSCHEMA VINDEXES\` shows its vindexes, \`vtctldclient GetVSchema\` all of it.`,
  )

/** The same for files that are made of the definitions of a keyspace. */
export const listUnwritten = (databases: readonly Named[]): readonly string[] =>
  ofKeyspaces(
    databases,
    (name) =>
      `The VSchema of \`${name}\` is not in the file: write its \`ALTER VSCHEMA\` statements into a migration, or apply it with \`vtctldclient ApplyVSchema\`.`,
  )
