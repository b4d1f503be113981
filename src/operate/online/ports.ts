import type { Holder } from '../../core/holder.ts'
import type { OnlineTool } from '../../core/online-tool.ts'
import type { CopyColumn } from './checksum/columns.ts'
import type { Ask } from './checksum/compare-copy.ts'
import type { UniqueKey } from './checksum/key.ts'
import type { Leftover, ListedTable } from './leftovers.ts'
import type { OnlineRecord } from './record.ts'

/** What an online change asks of the server, on connections of the run that holds the lock of the database. */
export interface OnlineServer {
  /** A statement of wwdb on the connection that holds the lock: LOCK TABLES ends with it. */
  readonly ask: Ask
  /** Statements of one transaction, on the connection that holds the lock; after a deadlock they are sent again, at most so many times. */
  readonly inTransaction: (texts: readonly string[], attempts: number) => Promise<void>
  /** Works with an sql_mode, on the connection that holds the lock, in which no value is cut or rounded in silence; triggers that it creates keep it. */
  readonly strictly: <T>(work: () => Promise<T>) => Promise<T>
  /** Whether the server says of a value or a row that a table cannot take it. */
  readonly isAboutValues: (error: unknown) => boolean
  /** Sends a definition for at most two seconds; false where it waited for longer. */
  readonly define: (text: string) => Promise<boolean>
  /** Runs an ALTER TABLE that names its algorithm; false where the server refused it because it cannot make the change so. */
  readonly alter: (text: string, lockWait: number | null) => Promise<boolean>
  /** One try to put the copy in the place of the table, and the table under its hold name. */
  readonly swap: (request: SwapRequest) => Promise<'swapped' | 'blocked' | 'counts-differ'>
  /** The sessions that hold a lock of the whole server, behind which no tables are swapped; none where the account may not look. */
  readonly findServerLocks: () => Promise<readonly Holder[]>
  /** Runs one look on a connection of its own, which reads as long as it needs. */
  readonly beside: <T>(work: (ask: Ask) => Promise<T>) => Promise<T>
  readonly readColumns: (table: string) => Promise<readonly CopyColumn[]>
  /** Columns that an INSERT may leave out. */
  readonly readOptionalColumns: (table: string) => Promise<readonly string[]>
  readonly readUniqueKeys: (table: string) => Promise<readonly UniqueKey[]>
  readonly readLeftovers: () => Promise<readonly Leftover[]>
  /** The properties of a table that no tool can copy. */
  readonly readObstacles: (table: string) => Promise<TableObstacles>
  /** These tables with their sizes and ages, those that are there. */
  readonly listTables: (names: readonly string[]) => Promise<readonly ListedTable[]>
  /** The table as it was under the name that a tool gave it, where one of that name is there. */
  readonly findOld: (record: Pick<OnlineRecord, 'tool' | 'old'>) => Promise<ListedTable | null>
  /** Which of these tables are there. */
  readonly findTables: (names: readonly string[]) => Promise<readonly string[]>
  /** Triggers by their exact names, each with the table that it is on now. */
  readonly findTriggers: (names: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** Ends the sessions in which a tool that was killed still changes something; returns when none is left. Throws ToolError `ONLINE_TOOL` where the tool goes on. */
  readonly endSessions: (record: Pick<OnlineRecord, 'tool' | 'token' | 'table'>) => Promise<void>
  /** Keeps others from writing to a table for the length of one look, which is to take a second; null where the lock was not given within two. */
  readonly frozen: <T>(table: string, look: () => Promise<T>) => Promise<T | null>
  /** The settings of the server that a tool needs which reads its binary log, and does not have; clauses. */
  readonly readLogObstacles: (tool: OnlineTool) => Promise<readonly string[]>
  /** What the changelog of gh-ost has as its state; null where there is none. */
  readonly readLogState: (log: string) => Promise<string | null>
  /** The records of the database's online changes, oldest first; none where there was never one. On a worker of a fan-out, those of fan-outs; else those of plain migrations. */
  readonly readRecords: () => Promise<readonly OnlineRecord[]>
  /** Those of plain migrations and those of fan-outs. */
  readonly readAllRecords: () => Promise<readonly OnlineRecord[]>
  /** Writes a record and commits it. */
  readonly writeRecord: (record: OnlineRecord) => Promise<void>
}

export interface SwapRequest extends Pick<OnlineRecord, 'table' | 'copy' | 'hold'> {
  readonly schema: string
  /** Whether both are locked before: from MySQL 8.0.13 on. */
  readonly isLocked: boolean
  /** Whether their rows are counted under the lock. */
  readonly countsRows: boolean
}

/** What makes a table one that no tool copies. */
export interface TableObstacles {
  readonly triggers: readonly string[]
  /** Foreign keys of the table, and those of other tables that reference it. */
  readonly foreignKeys: readonly string[]
  /** False for an account without PROCESS: foreign keys of schemas in which it has no rights are hidden. */
  readonly seesAll: boolean
  readonly checks: readonly string[]
  readonly engine: string
}
