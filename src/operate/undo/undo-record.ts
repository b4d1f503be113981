import { createHash, randomUUID } from 'node:crypto'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { Kept } from './kept.ts'

/**
 * How far a batch with `-- wwdb:undo` is:
 * - `keeping` the batch is not complete
 * - `kept`    it is, and its rows can be put back
 * - `undone`  `wwdb undo` has put back what it could
 */
type UndoState = 'keeping' | 'kept' | 'undone'

const states: readonly UndoState[] = ['keeping', 'kept', 'undone']

/** A row of `wwdb_undo`: one batch of one migration, on one table. */
export interface UndoRecord {
  /** The undo table, in the schema of the target. */
  readonly name: string
  readonly version: string
  readonly direction: 'up' | 'down'
  readonly statement: number
  readonly state: UndoState
  /** Rows kept, once the batch is complete, and those that are put back. */
  readonly rows: number
  readonly undone: number
  /** When the batch began, and until when the undo table is kept at least; of a batch that is not complete, until then if it never is. Milliseconds since the epoch. */
  readonly since: number
  readonly keptUntil: number
  /** False where the undo table was dropped. */
  readonly isThere: boolean
  readonly kept: Kept
}

const undoRegistry = 'wwdb_undo'

const longestName = 64

/** `wwdb_undo_1f0c22aa_orders`: never the name of an earlier one. */
export function newUndoName(table: string): string {
  const digest = createHash('sha256').update(randomUUID()).digest('hex').slice(0, 8)
  return [...`${undoRegistry}_${digest}_${table}`].slice(0, longestName).join('').toLowerCase()
}

export const existsRegistry = `SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.TABLES WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME='${undoRegistry}'`

export const createRegistry = `CREATE TABLE IF NOT EXISTS \`${undoRegistry}\` (
  \`name\` VARCHAR(64) NOT NULL COMMENT 'the table with the rows as they were',
  \`version\` VARCHAR(255) NOT NULL,
  \`direction\` VARCHAR(4) NOT NULL,
  \`statement\` INT UNSIGNED NOT NULL COMMENT 'position in the script, from 0',
  \`state\` VARCHAR(16) NOT NULL COMMENT 'keeping, kept or undone',
  \`kept_rows\` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  \`undone_rows\` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  \`details\` JSON NOT NULL,
  \`created_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`kept_until\` DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (\`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: batches that can be undone'`

const epoch = (column: string): string => `CAST(TIMESTAMPDIFF(MICROSECOND,'1970-01-01',${column}) DIV 1000 AS CHAR)`

export const selectRecords = `SELECT name,version,direction,CAST(statement AS CHAR),state,CAST(kept_rows AS CHAR),CAST(undone_rows AS CHAR),${epoch('created_at')},${epoch('kept_until')},CAST(details AS CHAR),(SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.TABLES t WHERE t.TABLE_SCHEMA=DATABASE() AND t.TABLE_NAME=u.name) FROM \`${undoRegistry}\` u ORDER BY created_at,name`

export function toRecord(cells: readonly (string | null)[]): UndoRecord {
  const [name, version, direction, statement, written, rows, undone, since, until, details, tables] = cells
  const state = states.find((one) => one === written)
  if (state === undefined) throw new Error(`wwdb_undo has a row of the state ${written}`)
  return {
    name: name ?? '',
    version: version ?? '',
    direction: direction === 'down' ? 'down' : 'up',
    statement: Number(statement),
    state,
    rows: Number(rows),
    undone: Number(undone),
    since: Number(since),
    isThere: tables !== '0',
    keptUntil: Number(until),
    // Written by `insertRecord` alone.
    kept: (JSON.parse(details ?? '{}') as { readonly kept: Kept }).kept,
  }
}

type NewRecord = Pick<UndoRecord, 'name' | 'version' | 'direction' | 'statement' | 'kept'>

const inTime = (milliseconds: number): string =>
  `UTC_TIMESTAMP(6) + INTERVAL ${Math.round(milliseconds) * 1000} MICROSECOND`

/** @param grace milliseconds */
export function insertRecord({ name, version, direction, statement, kept }: NewRecord, grace: number): string {
  const values = [quoteString(name), quoteString(version), `'${direction}'`, statement, "'keeping'"]
  const details = `CONVERT(${quoteString(JSON.stringify({ kept }))} USING utf8mb4)`
  return `INSERT INTO \`${undoRegistry}\`(name,version,direction,statement,state,details,created_at,kept_until) VALUES (${values.join(',')},${details},UTC_TIMESTAMP(6),${inTime(grace)})`
}

const byName = (name: string): string => `WHERE name=${quoteString(name)}`

/** The batch is complete: its rows are kept for so many milliseconds from now on. */
export function recordComplete(name: string, grace: number): string {
  return `UPDATE \`${undoRegistry}\` SET state='kept',kept_rows=(SELECT COUNT(*) FROM ${quoteName(name)}),kept_until=${inTime(grace)} ${byName(name)} AND state='keeping'`
}

/** Rows that a chunk puts back, in its transaction. */
export const recordRows = (name: string, rows: number): string =>
  `UPDATE \`${undoRegistry}\` SET undone_rows=undone_rows+${rows} ${byName(name)}`

export const recordUndone = (name: string): string =>
  `UPDATE \`${undoRegistry}\` SET state='undone' ${byName(name)} AND state='kept'`

export const forgetRecord = (name: string): string => `DELETE FROM \`${undoRegistry}\` ${byName(name)}`
