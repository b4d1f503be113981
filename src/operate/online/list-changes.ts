import type { Leftover, ListedTable } from './leftovers.ts'
import type { OnlineServer } from './ports.ts'
import { isCarriedTo, type OnlineRecord, type OnlineState } from './record.ts'

/** A table of an online change that is on the server. */
interface ListedChange {
  readonly table: string
  /** The version of its migration, and the statement there, from 1. */
  readonly version: string
  readonly statement: number
  readonly state: OnlineState
  /** The copy, or the table as it was before. */
  readonly kept: string
  /** Data and indexes, by InnoDB's estimate. */
  readonly bytes: number
  /** When it came to this state; milliseconds since the epoch. */
  readonly since: number | null
  /** Until when it is kept at least; null where it is a copy. */
  readonly until: number | null
  /** True for the table that a change had made, which was taken back since. */
  readonly isTakenBack: boolean
  /** Present where a revert ended without putting this table back: rows that were written since the change may have been carried to it. */
  readonly hasCarried?: true
}

/** What a schema has of online changes: those of wwdb by their records, and what other runs of such tools left. */
export interface OnlineListing {
  readonly changes: readonly ListedChange[]
  readonly leftovers: readonly Leftover[]
}

/** The online changes of a schema of which a table is there. */
export async function listOnline(server: OnlineServer): Promise<OnlineListing> {
  const records = await server.readAllRecords()
  const tables = await server.listTables(records.flatMap(({ copy, hold }) => [copy, hold]))
  const changes = records.flatMap((record) => listRecord(record, tables, records))
  const own = new Set(changes.map(({ kept }) => kept))
  const leftovers = (await server.readLeftovers()).filter(({ tables: left }) => !left.some(({ name }) => own.has(name)))
  return { changes, leftovers }
}

/** The last of several changes of one table may have the name of an earlier copy: a record that is over has none. */
function listRecord(
  record: OnlineRecord,
  tables: readonly ListedTable[],
  all: readonly OnlineRecord[],
): readonly ListedChange[] {
  const { table, version, statement, state, copy, hold, keptUntil, takesBack, since } = record
  if (state === 'removed' || state === 'reverted') return []
  const isBack = takesBack !== null
  const held = tables.find(({ name }) => name === hold)
  // The copy of what takes a change back is the held table of that change.
  const found = held ?? (state === 'held' || isBack ? undefined : tables.find(({ name }) => name === copy))
  if (found === undefined) return []
  const { name: kept, bytes } = found
  const until = held === undefined ? null : keptUntil
  const carried = state === 'held' && isCarriedTo(record, all) ? ({ hasCarried: true } as const) : {}
  return [
    { table, version, statement: statement + 1, state, kept, bytes, since, until, isTakenBack: isBack, ...carried },
  ]
}
