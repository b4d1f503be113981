import type { Target } from '../../../core/target.ts'
import type { RecordedSchema } from '../../../ddl/recorded-schema.ts'
import { oneByOne } from '../../../mysql/asking.ts'
import type { Connection } from '../../../mysql/connection.ts'
import { atShard, readKeyspace } from '../../../mysql/keyspace-schema.ts'
import { keyspaceJournal, keyspaceRecord, keyspaceRuns } from '../../../mysql/keyspace-tables.ts'
import type { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import { KnownCharsets } from '../../../mysql/schema-facts.ts'
import type { SchemaRecord } from '../../schema-record.ts'
import { createRecordTable, type RecordTables } from '../record-table.ts'
import { countRows, readCopies, readRecord, readTouched, wereCutOff } from '../schema-record.ts'
import { translatingVtgate } from './errors.ts'
import { withVschema } from './settled-vschema.ts'

/** The tables of a keyspace's record, beside its journal. */
export const recordTablesOf = (journal: string, keyspace: string): RecordTables => ({
  record: keyspaceRecord(journal, keyspace),
  journal: keyspaceJournal(journal, keyspace),
})

interface KeyspaceRecord {
  /** Reads and writes the record, where its journal is. */
  readonly connection: Connection
  /** Reads the schema shard by shard, for which it leaves the keyspace: nothing else uses it meanwhile. */
  readonly reader: MonitorConnection
  readonly target: Target
  /** The keyspace of the journal. */
  readonly journal: string
  readonly shards: readonly string[]
}

/** The record of a keyspace: its definitions on all shards as one schema, and its VSchema. No other keyspace's record is written with it, as no statement reaches another keyspace. */
export function openKeyspaceRecord({ connection, reader, target, journal, shards }: KeyspaceRecord): SchemaRecord {
  const { database, schema } = target
  const tables = recordTablesOf(journal, schema)
  const guard = <T>(work: () => Promise<T>): Promise<T> => translatingVtgate(target, work)
  const charsets = new KnownCharsets()
  const asking = oneByOne(connection)
  const read = async (): Promise<RecordedSchema | null> =>
    (await charsets.askedBy((known) => readRecord(asking, target, known, tables))).record
  return {
    create: () => guard(async () => void (await connection.ask(createRecordTable(tables.record)))),
    read: () => guard(read),
    readCopies: () => guard(() => readCopies(connection, tables)),
    readTouched: (passes) => guard(() => readTouched(asking, passes, tables.journal)),
    readLive: (options) =>
      guard(() =>
        inTurn(reader, async (there) => {
          const request = { database, schema, ...options }
          const known = charsets.known
          const reading = await readKeyspace(there, shards, {
            ...{ ...request, keepsTexts: true, ...(known !== null && { charsets: known }) },
          })
          return withVschema(there, reading, { ...request, journal })
        }),
      ),
    readAhead: async () => new Map(),
    readNeighbor: async () => null,
    wereCutOff: (passes) =>
      guard(() => wereCutOff(asking, passes, { journal: tables.journal, runs: keyspaceRuns(journal, schema) })),
    countRows: (names, most) =>
      guard(() => inTurn(reader, (there) => countOnShards(there, { schema, shards }, names, most))),
    isAtRest: async () => true,
  }
}

/**
 * How many rows tables have on all shards together; null where one of them does not tell. Counted at each shard: vtgate would read all rows that it counts up to a limit, looks for tables
 * in its VSchema, and follows routing rules into other keyspaces.
 */
async function countOnShards(
  connection: Connection,
  { schema, shards }: { readonly schema: string; readonly shards: readonly string[] },
  names: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, number | null>> {
  const sums = new Map<string, number | null>(names.map((name) => [name, 0]))
  for (const shard of shards) {
    const counted = await atShard(connection, schema, shard, (there) => countRows(there, null, names, most))
    for (const [name, sum] of sums) {
      const rows = counted.get(name) ?? null
      sums.set(name, sum === null || rows === null ? null : sum + rows)
    }
  }
  return sums
}

const busy = new WeakMap<MonitorConnection, Promise<unknown>>()

/** One reader at a time: each selects a shard. */
function inTurn<T>(reader: MonitorConnection, work: (connection: Connection) => Promise<T>): Promise<T> {
  const before = busy.get(reader) ?? Promise.resolve()
  const result = before.catch(() => undefined).then(() => reader.ask(work))
  busy.set(reader, result)
  return result
}
