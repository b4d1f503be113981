import type { SnapshotReading } from '../ddl/snapshot.ts'
import type { LeftOfTable } from '../lint/subjects.ts'
import { describeLeftover } from '../operate/online/describe-leftover.ts'
import { isToolTrigger, readLeftoverName } from '../operate/online/leftover-names.ts'
import { listOnline } from '../operate/online/list-changes.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { OnlineServerOf } from './online-changes.ts'
import type { OpenTarget } from './targets.ts'

/** What a tool of online changes has left in a database. */
export interface LeftByTool {
  readonly database: string
  /** `gh-ost left _orders_gho (1.2 GB, 3 days old)`. */
  readonly what: string
  /** Statements that remove it, in their order; empty where a run of wwdb removes it or goes on with it. */
  readonly remove: readonly string[]
}

/** What tools of online changes have left of tables of a database, by table. What a run of wwdb goes on with is not among it. */
export async function findLeftOfTables(
  { session }: Pick<OpenTarget, 'session'>,
  now: number,
  online: () => Promise<OnlineServerOf>,
): Promise<readonly LeftOfTable[]> {
  const { leftovers } = await listOnline((await online())(session))
  return leftovers.flatMap(({ table, tools, triggers, tables, remove }): readonly LeftOfTable[] => {
    if (table === null) return []
    const aged = tables.map(({ name, bytes, createdAt }) => ({
      name,
      bytes,
      age: createdAt === null ? null : now - createdAt,
    }))
    return [{ table, tools, triggers: triggers.map(({ name }) => name), tables: aged, remove }]
  })
}

/** Asked only where a table or a trigger that was left out has the name of such a tool, or wwdb made online changes here. */
export async function findLeft(
  { database, session }: OpenTarget,
  { leftOut, leftOutTriggers = [] }: Pick<SnapshotReading, 'leftOut' | 'leftOutTriggers'>,
  now: number,
  online: () => Promise<OnlineServerOf>,
): Promise<readonly LeftByTool[]> {
  // What Vitess keeps of a migration, it removes itself.
  if (session.keyspace !== undefined) return []
  const isOfTool = (table: string): boolean =>
    table === 'wwdb_online' || table === 'wwdb_shard_online' || readLeftoverName(table) !== null
  // Triggers may be all that is left, and those of a revert show on no table.
  if (!leftOut.some(isOfTool) && !leftOutTriggers.some(isToolTrigger)) return []
  const { changes, leftovers } = await listOnline((await online())(session))
  const own = changes.flatMap(({ state, until, table, kept }) =>
    until === null && state !== 'held'
      ? [
          {
            what: `an online change of \`${table}\` has not ended: \`${kept}\` is its copy, and the next run of its migration goes on with it`,
            remove: [],
          },
        ]
      : [],
  )
  // As the other statements of drift are written.
  const inOwnSchema = (text: string): string => text.replace(`${quoteName(session.target.schema)}.`, '')
  const others = leftovers.map((one) => ({ what: describeLeftover(one, now), remove: one.remove.map(inOwnSchema) }))
  return [...own, ...others].map((one) => ({ database: database.name, ...one }))
}
