import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { port } from '../../core/port.ts'
import type { CopyColumn } from '../../operate/online/checksum/columns.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import type { ShardStore } from '../ports.ts'
import type { RowCount } from '../shard.ts'

/** A unique index of a table, the primary key among them. */
export interface UniqueIndex {
  readonly name: string
  /** Null where a part of it is an expression or the beginning of a column. */
  readonly columns: readonly string[] | null
}

/** A row as the text of its values, in the order of the columns that were asked for. */
export interface KeyedRow {
  /** The value of its primary key. */
  readonly id: bigint
  /** The values as SQL literals; null for a row that is too large to be written as one statement. */
  readonly text: string | null
}

/** Rows in the order of their id. */
export interface RowPage {
  readonly table: string
  readonly columns: readonly string[]
  readonly id: string
  /** A condition, without WHERE. */
  readonly where: string | null
  /** The last id of the page before. */
  readonly after: bigint | null
  readonly size: number
}

/** The tables of one side of a move. */
interface MoveSide {
  /** In their order; none where there is no such table. */
  readonly readColumns: (table: string) => Promise<readonly CopyColumn[]>
  readonly readUniqueIndexes: (table: string) => Promise<readonly UniqueIndex[]>
  /** Counts and sums the rows by these columns, in this order: equal rows give equal sums on both sides. */
  readonly measure: (table: string, columns: readonly string[], where: string | null) => Promise<RowCount>
  readonly readPage: (page: RowPage) => Promise<readonly KeyedRow[]>
}

/** What a move does with the shards, and with the registry beside them (CREATE, UPDATE). */
export const moveRights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'ALTER', 'TRIGGER'] as const
export type MoveRight = (typeof moveRights)[number]

/** What the account may not do with the tables of the schema, as the server itself judges it. */
export interface LackingRights {
  /** As GRANT takes it: `'wwdb'@'%'`. */
  readonly account: string
  /** The schema as GRANT takes it, with `.*`. */
  readonly place: string
  readonly rights: readonly MoveRight[]
  /** The binary log is on, functions and triggers are trusted to nobody, and the account does not have SUPER: the server creates no trigger for it. */
  readonly untrusted: boolean
}

/** The shards, on the connections of a store that holds the lock. */
export interface MoveSource extends MoveSide {
  readonly ask: (text: string) => Promise<readonly (readonly unknown[])[]>
  /** @param shard one of them, whose own grants count; null without one */
  readonly readLacking: (shard: string | null) => Promise<LackingRights>
  /** Statements of one transaction, which passes the fence of a shard that has moved. */
  readonly write: (texts: readonly string[]) => Promise<void>
}

/** A sequence of Vitess as its table has it. */
export interface SequenceRow {
  /** Where the next block begins. The tablet gives numbers of the block before, as long as it has some. */
  readonly next: bigint
  /** How many numbers a block has. */
  readonly cache: bigint
}

/** A keyspace through vtgate, each of whose shards is asked. Writes no rows. */
export interface MoveKeyspace extends MoveSide {
  /** Their names: `-80`, `80-`. */
  readonly shards: readonly string[]
  /** By the VSchema; null where vtgate knows no keyspace of the name. */
  readonly isSharded: boolean | null
  /** The AUTO_INCREMENT column of a table; null without one. */
  readonly readCounted: (table: string) => Promise<string | null>
  readonly readVschemaTable: (table: string) => Promise<VschemaTable>
  /** The row of a sequence; null where it has none. */
  readonly readSequence: (keyspace: string | null, sequence: string) => Promise<SequenceRow | null>
  /** Takes a number from a sequence, as a new row does. */
  readonly takeNext: (keyspace: string | null, sequence: string) => Promise<bigint>
  /** Values that several rows have in these columns, as `1, 'a'`: a few of them. */
  readonly findDuplicates: (table: string, columns: readonly string[], where: string) => Promise<readonly string[]>
  readonly close: () => Promise<void>
}

export interface MoveServers {
  readonly sourceOf: (store: ShardStore) => MoveSource
  /** Throws ToolError `UNREACHABLE`, `SERVER_UNSUPPORTED`. */
  readonly openKeyspace: (database: DatabaseConfig, timeouts: Timeouts) => Promise<MoveKeyspace>
}

export const moveServers = port<MoveServers>('shards/move-servers')
