import { port } from '../../core/port.ts'
import type { OnlineServer } from '../../operate/online/ports.ts'
import type { ShardStore } from '../ports.ts'
import type { SplitRecord } from './record.ts'

/** What a split asks of the server, on the connections of a store that holds the lock of the database. */
export interface SplitServer
  extends Pick<
    OnlineServer,
    'ask' | 'strictly' | 'beside' | 'readColumns' | 'readUniqueKeys' | 'readObstacles' | 'listTables' | 'findTriggers'
  > {
  /** Which of these names tables have, and which views. */
  readonly findTables: (names: readonly string[]) => Promise<ReadonlyMap<string, 'table' | 'view'>>
  /** A definition of existing tables through the guard, at most three seconds in the lock queue at a time. Returns how long its last attempt took. Throws ToolError `SHARD_BLOCKED`. */
  readonly define: (text: string, tables: readonly string[]) => Promise<number>
  /** Statements of one transaction, which locks no gaps between rows; after a deadlock they are sent again. Returns how often they were sent, at most so many times. */
  readonly inTransaction: (texts: readonly string[], attempts: number) => Promise<number>
  /** The primary key in full, in which a part of a column is no column; unique keys beside it. */
  readonly readKeys: (table: string) => Promise<TableKeys>
  readonly readRecords: () => Promise<readonly SplitRecord[]>
  /** Writes a record and commits it. */
  readonly writeRecord: (record: SplitRecord) => Promise<void>
  /** The statement that writes a record, as a part of a transaction. */
  readonly recordText: (record: SplitRecord) => string
}

export interface TableKeys {
  readonly primary: readonly string[]
  /** Names of the other unique keys. */
  readonly unique: readonly string[]
  readonly autoIncrement: boolean
}

export type SplitServerOf = (store: ShardStore) => SplitServer

/** What splits of tables ask, on the connections of a store. */
export const splitServers = port<SplitServerOf>('shards/split-server')
