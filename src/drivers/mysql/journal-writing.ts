import type { JournalChange, RowToOpen } from '../../engine/ports.ts'
import { quoteString } from './literals.ts'

/** Who writes: goes into every row. */
export interface Runner {
  /** The operating system's user and host, for people: `ann@build-7`. */
  readonly name: string
  /** `host:process`, to tell a dead run's connection from a living one's. */
  readonly process: string
  readonly toolVersion: string
}

export interface JournalWriter {
  readonly lockName: string
  readonly connectionId: number
  readonly runner: Runner
  /** MySQL 8.0.19 and later know `AS alias`; 8.0.20 and later warn of VALUES(). */
  readonly rowAlias: boolean
  /** Rows opened on this connection, by `pass/statement`: closing rewrites the whole row. */
  readonly opened: Map<string, RowToOpen>
}

const columns =
  'pass,statement,state,version,name,kind,direction,checksum,total,hash,class,summary,connection_id,fingerprint,details,opened_at,closed_at,milliseconds,affected,applied_by,runner,tool_version'
const updated = [
  'state',
  'checksum',
  'total',
  'hash',
  'class',
  'summary',
  'connection_id',
  'fingerprint',
  'details',
  'closed_at',
  'milliseconds',
  'affected',
  'applied_by',
  'runner',
  'tool_version',
]
const withAlias = ` AS fresh ON DUPLICATE KEY UPDATE ${updated.map((c) => `${c}=fresh.${c}`).join(',')},opened_at=IF(fresh.state='open',fresh.opened_at,wwdb_journal.opened_at)`
const withValues = ` ON DUPLICATE KEY UPDATE ${updated.map((c) => `${c}=VALUES(${c})`).join(',')},opened_at=IF(VALUES(state)='open',VALUES(opened_at),opened_at)`

/**
 * The fence: an expression that yields `json` while this connection holds the lock, and raises error 3141 once it does
 * not. CAST AS JSON is strict under every sql_mode, so the write fails, and with it the packet before its COMMIT.
 */
function fence(writer: JournalWriter, json: string): string {
  return `CAST(IF(IS_USED_LOCK('${writer.lockName}')<=>CONNECTION_ID(),${quoteString(json)},'lock lost') AS JSON)`
}

interface RowState {
  readonly state: 'open' | 'closed' | 'failed'
  readonly details: Readonly<Record<string, unknown>>
  readonly milliseconds: number
  readonly affected: number | null
}

function renderRow(writer: JournalWriter, row: RowToOpen, as: RowState, fenced: boolean): string {
  const details = JSON.stringify({ objects: row.objects, identity: row.identity, ...as.details })
  const now = 'UTC_TIMESTAMP(6)'
  return `(${[
    row.pass,
    row.statement,
    `'${as.state}'`,
    quoteString(row.version),
    quoteString(row.name),
    `'${row.kind}'`,
    `'${row.direction}'`,
    `'${row.checksum}'`,
    row.total,
    `'${row.hash}'`,
    `'${row.class}'`,
    quoteString(row.summary.slice(0, 255)),
    writer.connectionId,
    row.fingerprint === null ? 'NULL' : `'${row.fingerprint}'`,
    fenced ? fence(writer, details) : quoteString(details),
    now,
    as.state === 'closed' ? now : 'NULL',
    Math.round(as.milliseconds),
    as.affected ?? 'NULL',
    quoteString(writer.runner.name.slice(0, 255)),
    quoteString(writer.runner.process.slice(0, 255)),
    quoteString(writer.runner.toolVersion),
  ].join(',')})`
}

interface RenderedRow {
  readonly row: RowToOpen
  readonly as: RowState
}

function takeOpened(writer: JournalWriter, at: { readonly pass: number; readonly statement: number }): RowToOpen {
  const key = `${at.pass}/${at.statement}`
  const row = writer.opened.get(key)
  if (row === undefined) throw new Error(`journal row ${key} was not opened on this connection`)
  writer.opened.delete(key)
  return row
}

function collectRows(writer: JournalWriter, change: JournalChange): readonly RenderedRow[] {
  const closed = change.close.map((closing): RenderedRow => {
    const details = closing.memory === null ? {} : { memory: closing.memory }
    return {
      row: takeOpened(writer, closing),
      as: { state: 'closed', details, milliseconds: closing.milliseconds, affected: closing.rows },
    }
  })
  const failed = change.fail.map((failing): RenderedRow => {
    return {
      row: takeOpened(writer, failing),
      as: { state: 'failed', details: { error: failing.error }, milliseconds: 0, affected: null },
    }
  })
  const opened = change.open.map((row): RenderedRow => {
    writer.opened.set(`${row.pass}/${row.statement}`, row)
    return { row, as: { state: 'open', details: {}, milliseconds: 0, affected: null } }
  })
  return [...closed, ...failed, ...opened]
}

/**
 * One packet for one change: drop, close and open rows, then COMMIT. It commits the data statement that ran before it,
 * too; when the lock is lost, nothing of it is committed.
 */
export function renderChange(writer: JournalWriter, change: JournalChange): string {
  const parts: string[] = []
  for (const at of change.drop) {
    writer.opened.delete(`${at.pass}/${at.statement}`)
    parts.push(`DELETE FROM wwdb_journal WHERE pass=${at.pass} AND statement=${at.statement} AND state='open'`)
  }
  for (const at of change.settle) {
    const row = `WHERE pass=${at.pass} AND statement=${at.statement} AND state IN ('open','entered')`
    parts.push(
      at.ran
        ? `UPDATE wwdb_journal SET state='closed',closed_at=UTC_TIMESTAMP(6) ${row}`
        : `DELETE FROM wwdb_journal ${row}`,
    )
  }
  if (change.amend !== null) {
    const { pass, total, checksum } = change.amend
    parts.push(`UPDATE wwdb_journal SET total=${total},checksum='${checksum}' WHERE pass=${pass}`)
  }
  const rows = collectRows(writer, change)
  if (rows.length > 0) {
    const values = rows.map(({ row, as }, index) => renderRow(writer, row, as, index === 0)).join(',')
    parts.push(`INSERT INTO wwdb_journal(${columns}) VALUES ${values}${writer.rowAlias ? withAlias : withValues}`)
  } else {
    parts.unshift(`SELECT ${fence(writer, '{}')}`)
  }
  return `${parts.join(';')};COMMIT`
}
