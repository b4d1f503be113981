import { crc32 } from 'node:zlib'
import { formatChecksum } from '../../../src/shards/mysql/row-text.ts'
import type { ShardReads } from '../../../src/shards/ports.ts'
import type { ShardCalls } from './shard-calls.ts'
import { fingerprintOf, parseTable, printTable } from './table-text.ts'

/** The engine's `ShardReads` over a server in memory. */
export function shardReadsOver(calls: ShardCalls): ShardReads {
  const present = (names: readonly string[]): readonly string[] =>
    names.filter((name) => calls.schema.tables.some((table) => table.name === name))
  return {
    readClock: () => calls.ask(() => calls.connection.server.clock()),
    listTables: () => calls.ask(() => calls.schema.tables),
    /** This server has no partitions. */
    readPartitions: () => calls.ask(() => new Map<string, never>()),
    readShapes: (names, detail) =>
      calls.ask(() => {
        const tables = calls.schema.tables.filter(({ name, type }) => type === 'table' && calls.schema.has(name))
        const wanted = tables.filter(({ name }) => names === null || names.includes(name))
        return new Map(
          wanted.map(({ name }) => {
            const { fingerprint, lines } = calls.schema.shapeOf(name)
            return [name, { fingerprint, lines: detail === 'lines' ? lines : null }] as const
          }),
        )
      }),
    shapeOf: (table, siblings) =>
      calls.ask(() => {
        for (const sibling of siblings) parseTable(sibling.text)
        return fingerprintOf(parseTable(table.text))
      }),
    readViewTables: (name) => calls.ask(() => calls.schema.tablesOfView(name)),
    readDefinitions: (tables) =>
      calls.ask(() => new Map(present(tables).map((name) => [name, printTable(calls.schema.table(name))] as const))),
    definitionOf: (table) => calls.ask(() => printTable(parseTable(table.text))),
    /** A row takes 16 KB here, and an empty table nothing. */
    readBytes: (tables) =>
      calls.ask(
        () => new Map(present(tables).map((name) => [name, calls.schema.table(name).rows.length * 16_384] as const)),
      ),
    readLimits: () =>
      calls.ask(() => ({ tableDefinitionCache: null, innodbOpenFiles: null, openFilesLimit: null, disk: null })),
    requireShards: async () => undefined,
    readMisplaced: async () => [],
    /** This server has no triggers. */
    readTriggers: () => calls.ask(() => new Map<string, never[]>()),
    readColumns: (table) => calls.ask(() => (calls.schema.hasTable(table) ? calls.schema.table(table).columns : [])),
    isEmpty: (table) => calls.ask(() => calls.schema.table(table).rows.length === 0),
    measure: (table) =>
      calls.ask(() => {
        const { rows } = calls.schema.table(table)
        const sums = rows.map((row) => BigInt(crc32(row)))
        const digest = sums.reduce((all, one) => all ^ one, 0n)
        const sum = sums.reduce((all, one) => all + one, 0n)
        return { rows: rows.length, checksum: formatChecksum(digest, sum) }
      }),
  }
}
