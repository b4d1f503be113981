import type { Connection } from '../../../mysql/connection.ts'
import type { MysqlConnection } from '../../../mysql/door.ts'
import { atShard, schemaOfShard } from '../../../mysql/keyspace-schema.ts'
import { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import { pinBeside } from '../../../mysql/vtgate.ts'
import { ownHint } from '../../../sql/own-hint.ts'
import type { LiveTable, TableShape } from '../../ports.ts'
import type { RowCount } from '../../shard.ts'
import { mergeShapes, type ShapesOnShard } from '../../vitess/merge-shapes.ts'
import { listTables, readTableBytes } from '../reading.ts'
import { formatChecksum, measureRows, partitionOf } from '../row-text.ts'
import { readShapes } from '../shapes.ts'

/** A table, and whether each shard has it. */
export interface SpreadTable extends LiveTable {
  /** The shards that lack it; empty where all have it. */
  readonly lacking: readonly string[]
}

/** How many hexadecimal digits of a checksum are the BIT_XOR of the rows' digests; their sum follows. */
const digestDigits = 8

/** The count of a table whose rows are spread over shards: neither part of a checksum depends on the order of the rows. */
export function sumCounts(own: readonly RowCount[]): RowCount {
  const part = (from: number, to?: number): readonly bigint[] =>
    own.map(({ checksum }) => BigInt(`0x${checksum.slice(from, to)}`))
  const digest = part(0, digestDigits).reduce((all, one) => all ^ one, 0n)
  const sum = part(digestDigits).reduce((all, one) => all + one, 0n)
  return { rows: own.reduce((all, { rows }) => all + rows, 0), checksum: formatChecksum(digest, sum) }
}

interface ReadingPlace {
  readonly keyspace: string
  readonly shards: readonly string[]
  readonly version: string
}

/**
 * Reads a keyspace shard by shard, on a connection of its own. As a stream (`workload` `olap`), an answer may have more than the 10,000 rows that a tablet gives at most, and take longer
 * than it lets a query take.
 */
export class ShardReader {
  readonly #connection: MonitorConnection
  readonly #place: ReadingPlace
  #last: Promise<unknown> = Promise.resolve()

  constructor(connection: Pick<MysqlConnection, 'beside'>, place: ReadingPlace) {
    const pin = async (one: Connection): Promise<void> => {
      await pinBeside(one)
      await one.ask("SET workload='olap'")
    }
    this.#connection = new MonitorConnection(() => connection.beside({ pin }))
    this.#place = place
  }

  close = (): Promise<void> => this.#connection.close()

  /** Does its work at each of the shards, one after another. One caller at a time: the session is at one shard. */
  each<T>(
    work: (connection: Connection, schema: string, shard: string) => Promise<T>,
    shards: readonly string[] = this.#place.shards,
  ): Promise<readonly T[]> {
    const done = this.#last
      .catch(() => undefined)
      .then(() =>
        this.#connection.ask(async (connection) => {
          const found: T[] = []
          for (const shard of shards)
            found.push(
              await atShard(connection, this.#place.keyspace, shard, async () =>
                work(connection, await schemaOfShard(connection), shard),
              ),
            )
          return found
        }),
      )
    this.#last = done
    return done
  }

  /** The same at the first shard. */
  async first<T>(work: (connection: Connection, schema: string) => Promise<T>): Promise<T> {
    const [found] = await this.each(work, this.#place.shards.slice(0, 1))
    if (found === undefined) throw new Error('there is nothing at the first shard')
    return found
  }

  async listTables(): Promise<readonly SpreadTable[]> {
    const own = await this.each((connection, schema, shard) =>
      listTables(connection, schema).then((tables) => ({ shard, tables })),
    )
    const names = new Map(own.flatMap(({ tables }) => tables.map((table) => [table.name, table] as const)))
    const has = own.map(({ shard, tables }) => ({ shard, names: new Set(tables.map(({ name }) => name)) }))
    return [...names.values()].map((table) => ({
      ...table,
      lacking: has.flatMap(({ shard, names: there }) => (there.has(table.name) ? [] : [shard])),
    }))
  }

  async readShapes(names: readonly string[] | null, keepsLines: boolean): Promise<ReadonlyMap<string, TableShape>> {
    return mergeShapes(await this.#readOwnShapes(names, keepsLines))
  }

  /** Whether each shard has the table with the same definition. */
  async agrees(table: string): Promise<boolean> {
    const own = await this.#readOwnShapes([table], false)
    return new Set(own.map(({ shapes }) => shapes.get(table)?.fingerprint)).size === 1
  }

  #readOwnShapes(names: readonly string[] | null, keepsLines: boolean): Promise<readonly ShapesOnShard[]> {
    const { version } = this.#place
    return this.each(async (connection, schema, shard) => ({
      shard,
      shapes: await readShapes(connection, { schema, home: schema, names, version, namesChecks: 'vitess' }, keepsLines),
    }))
  }

  /** @param without shards that are not asked */
  async measure(table: string, without: readonly string[] = []): Promise<RowCount> {
    const asked = this.#place.shards.filter((shard) => !without.includes(shard))
    return sumCounts(await this.each((connection, schema) => measureRows(connection, schema, table), asked))
  }

  async isEmpty(table: string): Promise<boolean> {
    const own = await this.each((connection, schema) =>
      connection.ask(`SELECT ${ownHint} 1 FROM ${partitionOf(schema, table)} LIMIT 1`),
    )
    return own.every(({ rows }) => rows.length === 0)
  }

  async readBytes(tables: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const own = await this.each((connection, schema) => readTableBytes(connection, schema, tables))
    const sums = new Map<string, number>()
    for (const bytes of own) for (const [table, number] of bytes) sums.set(table, (sums.get(table) ?? 0) + number)
    return sums
  }
}
