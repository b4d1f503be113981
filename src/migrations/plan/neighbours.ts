import type { DatabaseConfig } from '../../config/config.ts'
import type { Migration } from '../../core/migration.ts'
import type { JournalState } from '../journal/journal-state.ts'

/** What planning needs to know of a database, whether it is part of the run or not. */
export interface Surroundings {
  readonly database: Pick<DatabaseConfig, 'name'>
  readonly state: JournalState
  /** Every file of the logical database. */
  readonly all: readonly Migration[]
  /** Those whose conditions hold there. */
  readonly migrations: readonly Migration[]
}

/** The databases outside the run (`--target`) that its migrations need, or whose migrations need them. */
export function findNeighbours(
  databases: readonly DatabaseConfig[],
  chosen: readonly DatabaseConfig[],
  migrations: ReadonlyMap<string, readonly Migration[]>,
): readonly DatabaseConfig[] {
  const names = new Set(chosen.map((database) => database.name))
  const needs = (name: string): readonly string[] =>
    (migrations.get(name) ?? []).flatMap((migration) => migration.requires.map((reference) => reference.database))
  const needed = new Set([...names].flatMap(needs))
  return databases.filter(
    ({ name }) => !names.has(name) && (needed.has(name) || needs(name).some((other) => names.has(other))),
  )
}
