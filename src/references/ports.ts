import type { DatabaseConfig, Timeouts } from '../config/config.ts'
import { port } from '../core/port.ts'

/** A column of a foreign key, with everything on which the comparison of its values depends. */
export interface KeyColumn {
  readonly name: string
  readonly kind: 'number' | 'real' | 'text' | 'bytes'
  /** Null where it has none. */
  readonly collation: string | null
}

export interface KeyTable {
  readonly columns: readonly KeyColumn[]
  /** Names, in order; empty where there is no primary key. */
  readonly primaryKey: readonly string[]
}

/** One end of a foreign key on its server. */
export interface KeySide {
  readonly schema: string
  readonly table: string
  readonly columns: readonly KeyColumn[]
}

/** Rows of a table that share a key in which no column is NULL. */
export interface KeyGroup {
  /** The key as SQL literals, for the next server that is asked. */
  readonly literals: readonly string[]
  /** The key as people read it. */
  readonly texts: readonly string[]
  readonly rows: number
}

/** Reads keys on one server; writes nothing. Implemented by references/mysql. */
export interface KeyReader {
  /** By name, without those that do not exist or that this user may not see; two queries for a thousand of them. */
  readonly describe: (schema: string, tables: readonly string[]) => Promise<ReadonlyMap<string, KeyTable>>
  /**
   * Which of the tables, all with the same columns, have keys that the other table, on the same server, does not have.
   */
  readonly findDangling: (sides: readonly KeySide[], parent: KeySide) => Promise<ReadonlySet<string>>
  /**
   * The distinct keys of a table in key order, some thousand at a time, from one snapshot. With `absentFrom`, a table of
   * the same server, only keys that this table does not have.
   */
  readonly readKeys: (side: KeySide, absentFrom: KeySide | null) => AsyncIterable<readonly KeyGroup[]>
  /** The keys that the table does not have now, compared as its own columns compare. */
  readonly findMissing: (side: KeySide, keys: readonly KeyGroup[]) => Promise<readonly KeyGroup[]>
  readonly close: () => Promise<void>
}

/** Opens a connection of its own to the database's server, without a schema. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69). */
export type OpenKeyReader = (database: DatabaseConfig, timeouts: Timeouts) => Promise<KeyReader>

/** The servers as they are read for both ends of references. */
export const keyReaders = port<OpenKeyReader>('references/key-reader')
