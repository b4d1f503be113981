// What TypeScript imports as `wwdb/migrations`: types alone, so that a data migration needs the package only to be checked.

/** How `batch()` makes its chunks. */
export interface BatchOptions {
  /** The index to walk; without it the primary key, or else the first unique key that fits. */
  readonly key?: string
  /** How long a chunk should take, from 10 milliseconds to a minute: `0.5s` unless given. */
  readonly time?: string
  /** The most keys in a chunk. */
  readonly rows?: number
}

/**
 * Gives the rows of a query of knex, which is not awaited, to `change`, chunk by chunk. What `change` writes is committed together with the checkpoint of its chunk:
 * also over kills, each row is changed exactly once.
 */
export type Batch = <Row>(
  query: PromiseLike<readonly Row[]>,
  change: (rows: Row[]) => Promise<void>,
  options?: BatchOptions,
) => Promise<void>

/** What `up` and `down` are given beside knex. */
export interface MigrationTools {
  readonly batch: Batch
}
