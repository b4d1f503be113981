import type { Asker, Connection } from '../../mysql/connection.ts'
import { nameLock } from '../../mysql/lock.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { QuickStatement } from '../journal/rows.ts'
import type { RecordTables } from './record-table.ts'

/** A lock that another connection of the same run must hold. */
export interface HeldLock {
  readonly lockName: string
  readonly connectionId: number
}

/** The table of a journal as statements name it: in another keyspace it is quoted. */
type JournalTable = 'wwdb_journal' | 'wwdb_shard_journal' | `\`${string}`

/** Where a session journals, and which locks fence its writes. */
export interface JournalPlace {
  readonly table: JournalTable
  /** Where its record is, if that is not `wwdb_schema` beside it. */
  readonly record?: RecordTables
  /** True where a statement before each write fences it, and no expression in it: that of a lease. */
  readonly isFencedBefore?: true
  /** The session's own lock. */
  readonly lockName: string
  /** For a worker of a fan-out: the target's lock, held by the connection that leads the run. */
  readonly leader: HeldLock | null
}

/** A target's journal, under the target's lock. */
export function journalOf(schema: string): JournalPlace {
  return { table: 'wwdb_journal', lockName: nameLock(schema), leader: null }
}

/** No run has more workers than this in one schema: this number of locks shows whether a worker of an earlier run is still active. */
export const mostWorkers = 64

/** The lock of one worker. A schema's name contains no NUL, so no schema's lock has the same name. */
export function nameWorkerLock(schema: string, worker: number): string {
  return nameLock(`${schema}\u0000worker ${worker}`)
}

/** @param worker from 0, below `mostWorkers` */
export function ledgerOf(schema: string, worker: number, leaderId: number): JournalPlace {
  return {
    table: 'wwdb_shard_journal',
    lockName: nameWorkerLock(schema, worker),
    leader: { lockName: nameLock(schema), connectionId: leaderId },
  }
}

/** An SQL condition: every lock of the place is held by the connection that should hold it. */
export function holdsLocks({ lockName, leader }: Pick<JournalPlace, 'lockName' | 'leader'>): string {
  const own = `IS_USED_LOCK('${lockName}')<=>CONNECTION_ID()`
  return leader === null ? own : `(${own} AND ${holdsLeader(leader)})`
}

/** Asks the server whether every lock of the place is held by the connection that should hold it. */
export async function askForLocks(connection: Asker, place: JournalPlace): Promise<boolean> {
  const { rows } = await connection.ask(`SELECT ${holdsLocks(place)}`)
  return Number(rows[0]?.[0]) === 1
}

/** The same for a write that only the leader's lock guards. */
export function holdsLeader(leader: HeldLock): string {
  return `IS_USED_LOCK('${leader.lockName}')<=>${leader.connectionId}`
}

/**
 * 1 while the lock is held by the connection that should hold it, and error 3141 (invalid JSON) once it is not: what is
 * written together with it, or follows it in the packet, fails. It costs no extra round trip.
 */
export function fence(lock: HeldLock): string {
  return `CAST(CAST(IF(${holdsLeader(lock)},'1','lock lost') AS JSON) AS UNSIGNED)`
}

const commentOf = (table: JournalTable): string =>
  `wwdb: what ran${table === 'wwdb_shard_journal' ? ' on each shard' : ''}, statement by statement`

/**
 * The journal: one row per statement, in the target's own schema, so that it is backed up, copied and dropped with what it
 * describes. It has a primary key, as group replication demands. Pass 0 is no migration: its rows hold what the first run
 * chose, name in `version`, value in `name`. The ledger of fan-outs has the same columns: there a pass is one migration on
 * one shard, `version` is the migration's version and the shard's key, `name` the shard's table.
 */
export function createJournalTable(table: JournalPlace['table']): string {
  return `CREATE TABLE IF NOT EXISTS ${table.startsWith('`') ? table : quoteName(table)} (
  \`pass\` BIGINT UNSIGNED NOT NULL COMMENT 'one application of one migration in one direction',
  \`statement\` INT UNSIGNED NOT NULL COMMENT 'position in the script, from 0',
  \`state\` VARCHAR(8) NOT NULL COMMENT 'open: may be running or have run; closed: ran; failed: did not run',
  \`version\` VARCHAR(255) NOT NULL,
  \`name\` VARCHAR(255) NOT NULL,
  \`kind\` VARCHAR(16) NOT NULL,
  \`direction\` VARCHAR(4) NOT NULL,
  \`checksum\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the file, line ends as LF',
  \`total\` INT UNSIGNED NOT NULL COMMENT 'statements in the script',
  \`hash\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the statement',
  \`class\` VARCHAR(16) NOT NULL,
  \`summary\` VARCHAR(255) NOT NULL,
  \`connection_id\` BIGINT UNSIGNED NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'of the named objects, before',
  \`details\` JSON NULL COMMENT 'objects, what the session remembers, error',
  \`opened_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`closed_at\` DATETIME(6) NULL COMMENT 'UTC',
  \`milliseconds\` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  \`affected\` BIGINT UNSIGNED NULL,
  \`applied_by\` VARCHAR(255) NOT NULL,
  \`runner\` VARCHAR(255) NOT NULL COMMENT 'host:process',
  \`tool_version\` VARCHAR(32) NOT NULL,
  PRIMARY KEY (\`pass\`, \`statement\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='${commentOf(table)}'`
}

/** The number of closed rows: rows close in order, so these are the first ones. */
export async function countClosed(connection: Connection, statements: readonly QuickStatement[]): Promise<number> {
  const pairs = statements.map(({ pass, statement }) => `(${pass},${statement})`)
  const answers = await connection.askAll(
    `SELECT COUNT(*) FROM wwdb_journal WHERE state='closed' AND (pass,statement) IN (${pairs.join(',')});COMMIT`,
  )
  return Number(answers[0]?.rows[0]?.[0] ?? 0)
}
