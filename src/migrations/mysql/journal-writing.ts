import type { RecordChange } from '../../ddl/recorded-schema.ts'
import type { Connection } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import { recordSetting } from '../journal/compare-records.ts'
import type { SessionMemory } from '../journal/journal.ts'
import { namesSetting } from '../journal/moved-names.ts'
import {
  type AdoptedRow,
  type JournalChange,
  openRow,
  type QuickStatement,
  type RowToClose,
  type RowToOpen,
} from '../journal/rows.ts'
import { renderCheckpoint } from './batch-checkpoint.ts'
import { holdsLocks, type JournalPlace } from './journal-tables.ts'
import { ownWords, quoteJson } from './json-literal.ts'
import { renderRecord } from './record-table.ts'

/** Who writes: this is stored in every row. */
interface Runner {
  /** The operating system's user and host, for people: `ann@build-7`. */
  readonly name: string
  /** `host:process`, to distinguish a dead run's connection from a living one's. */
  readonly process: string
  readonly toolVersion: string
  /** The row of `wwdb_runs`; absent where no run is recorded. */
  readonly runId?: string
}

export interface JournalWriter extends JournalPlace {
  readonly connectionId: number
  readonly serverUuid: string
  /** How the server compares the names of tables; absent where that is unknown. */
  readonly tableNames?: number
  readonly runner: Runner
}

export const journalColumns =
  'pass,statement,state,version,name,kind,direction,checksum,total,hash,class,summary,connection_id,fingerprint,details,opened_at,applied_by,runner,tool_version'

/**
 * The fence: an expression that gives the JSON of `text` while the locks are held, and raises error 3141 once one is
 * not. CAST AS JSON is strict under every sql_mode, so the write fails, and with it the packet before its
 * COMMIT. The check costs no round trip of its own.
 * @param text in utf8mb4: any bytes are JSON, too, so that no error would be raised
 */
function fence(writer: JournalWriter, text: string): string {
  if (writer.isFencedBefore === true) return text
  return `CAST(IF(${holdsLocks(writer)},${text},${ownWords('lock lost')}) AS JSON)`
}

/** The fence as a separate statement: what follows it in its packet runs only under the locks. */
export function renderFence(writer: JournalWriter): string {
  return `SELECT ${fence(writer, ownWords('1'))}`
}

const runOf = ({ runner }: JournalWriter): { readonly run?: string } =>
  runner.runId === undefined ? {} : { run: runner.runId }

function renderOpen(writer: JournalWriter, row: RowToOpen, fenced: boolean): string {
  const server = row.identity ? { server: writer.serverUuid } : {}
  const by = row.identifiedBy === undefined ? {} : { identifiedBy: row.identifiedBy }
  const missing = row.missing === undefined ? {} : { missing: row.missing }
  const batch = row.batch === undefined ? {} : { batch: row.batch }
  const shards = row.shards === undefined ? {} : { shards: row.shards }
  const more = { ...by, ...server, ...missing, ...shards, ...batch, ...runOf(writer) }
  const details = quoteJson(JSON.stringify({ objects: row.objects, identity: row.identity, ...more }))
  return `(${[
    row.pass,
    row.statement,
    `'open'`,
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
    fenced ? fence(writer, details) : details,
    'UTC_TIMESTAMP(6)',
    quoteString(writer.runner.name.slice(0, 255)),
    quoteString(writer.runner.process.slice(0, 255)),
    quoteString(writer.runner.toolVersion),
  ].join(',')})`
}

/** A row as it is read, in place of one that is opened now. */
function renderAdopted(writer: JournalWriter, row: AdoptedRow, fenced: boolean): string {
  const { runner } = writer
  const at = row.at === null ? 'UTC_TIMESTAMP(6)' : quoteString(row.at)
  const named = row.by === null ? writer : { ...writer, runner: { ...runner, name: row.by } }
  const opened = renderOpen(named, row, fenced)
    .replace("'open'", "'closed'")
    .replace('UTC_TIMESTAMP(6)', () => at)
  return `${opened.slice(0, -1)},${at},${Math.round(row.milliseconds)})`
}

const keyOf = (at: { readonly pass: number; readonly statement: number }): string =>
  `pass=${at.pass} AND statement=${at.statement}`

/** Rows without a session state are closed in one UPDATE, however many they are. */
function closePlain(table: string, rows: readonly RowToClose[]): readonly string[] {
  if (rows.length === 0) return []
  const keys = rows.map((row) => `'${row.pass}/${row.statement}'`).join(',')
  const times = rows.map((row) => Math.round(row.milliseconds)).join(',')
  const pairs = rows.map((row) => `(${row.pass},${row.statement})`).join(',')
  return [
    `UPDATE ${table} SET state='closed',closed_at=UTC_TIMESTAMP(6),milliseconds=ELT(FIELD(CONCAT(pass,'/',statement),${keys}),${times}) WHERE (pass,statement) IN (${pairs})`,
  ]
}

/**
 * Where the last insert ID matters, the session itself is asked: the ID in the server's answer to an INSERT may be one
 * that the statement gave explicitly, which leaves LAST_INSERT_ID() unchanged.
 */
function renderMemory(memory: SessionMemory | null): string {
  if (memory === null) return ''
  const id =
    memory.lastInsertId === null ? '' : `,_utf8mb4'$.memory.lastInsertId',CONVERT(LAST_INSERT_ID() USING utf8mb4)`
  return `,details=JSON_SET(details,_utf8mb4'$.memory',CAST(${quoteJson(JSON.stringify(memory))} AS JSON)${id})`
}

function closeRemembering(table: string, row: RowToClose): string {
  return `UPDATE ${table} SET state='closed',closed_at=UTC_TIMESTAMP(6),milliseconds=${Math.round(row.milliseconds)},affected=${row.rows ?? 'NULL'}${renderMemory(row.memory)} WHERE ${keyOf(row)}`
}

const isPlain = (row: RowToClose): boolean => row.memory === null && (row.rows === null || row.rows === 0)

const fail = (table: string, why: string, row: string): string =>
  `UPDATE ${table} SET state='failed',details=JSON_SET(details,_utf8mb4'$.error',CONVERT(${quoteString(why)} USING utf8mb4)) WHERE ${row}`

/**
 * `fail` leaves rows alone that are no longer open: a row that was closed after all, and a CALL that committed on its
 * own before it failed, about which only a person can say whether it ran.
 */
function renderParts(writer: JournalWriter, change: JournalChange): readonly string[] {
  const { table } = writer
  return [
    ...change.drop.map((at) => `DELETE FROM ${table} WHERE ${keyOf(at)} AND state='open'`),
    ...change.settle.map((at) => {
      const row = `${keyOf(at)} AND state IN ('open','entered')`
      if (at.ran) return `UPDATE ${table} SET state='closed',closed_at=UTC_TIMESTAMP(6) WHERE ${row}`
      return at.failed === undefined ? `DELETE FROM ${table} WHERE ${row}` : fail(table, at.failed, row)
    }),
    ...(change.forget === undefined || change.forget.length === 0
      ? []
      : [`DELETE FROM ${table} WHERE pass IN (${change.forget.join(',')}) AND kind IN ('adopted','baseline')`]),
    ...(change.amend === null
      ? []
      : [
          `UPDATE ${table} SET total=${change.amend.total},checksum='${change.amend.checksum}' WHERE pass=${change.amend.pass}`,
        ]),
    ...(change.batch ?? []).map((at) => renderCheckpoint(writer, at)),
    ...closePlain(table, change.close.filter(isPlain)),
    ...change.close.filter((row) => !isPlain(row)).map((row) => closeRemembering(table, row)),
    ...change.fail.map((at) => fail(table, at.error, `${keyOf(at)} AND state='open'`)),
  ]
}

/**
 * One packet for one change: the fence, closed rows, opened rows, COMMIT. It also commits the data statement that ran
 * before it; when the lock is lost, nothing of it is committed.
 */
export function renderChange(writer: JournalWriter, change: JournalChange): string {
  return [...renderStatements(writer, change, usualPacket), 'COMMIT'].join(';')
}

/**
 * The same in several packets where one is too small: each has the fence, and the last one commits all of them. A packet is rendered when the one before it was
 * answered.
 * @param largest bytes that the server takes in a packet
 */
function* renderPackets(writer: JournalWriter, change: JournalChange, largest = usualPacket * 4): Generator<string> {
  // A character takes at most four bytes; everything else is far less than the other half.
  const most = Math.min(usualPacket, Math.floor(largest / 8))
  let packet = ''
  for (const statement of renderStatements(writer, change, most)) {
    if (packet !== '' && packet.length + statement.length > most) {
      yield packet
      packet = renderFence(writer)
    }
    packet += packet === '' ? statement : `;${statement}`
  }
  yield `${packet};COMMIT`
}

/** Writes a change. Nothing of it is committed where the lock is lost, or the connection. */
export async function writeChange(
  connection: Connection,
  writer: JournalWriter,
  change: JournalChange,
  largest?: number,
): Promise<void> {
  for (const packet of renderPackets(writer, change, largest)) await connection.askAll(packet)
}

/** Characters of a packet, where the server's limit is not lower: far below its default. */
const usualPacket = 1024 * 1024

/** The statements of a change, the fence before them; without COMMIT. */
export function* renderStatements(
  writer: JournalWriter,
  change: JournalChange,
  largest = usualPacket,
): Generator<string> {
  const rows = change.open.map((row, index) => renderOpen(writer, row, index === 0))
  if (rows.length === 0 && writer.isFencedBefore !== true) yield renderFence(writer)
  yield* renderParts(writer, change)
  // REPLACE, because a row that failed before is opened again.
  if (rows.length > 0) yield `REPLACE INTO ${writer.table}(${journalColumns}) VALUES ${rows.join(',')}`
  yield* renderClosed(writer, 'INSERT', change.adopt)
  yield* renderClosed(writer, 'REPLACE', change.rebuild)
  // Its row is the first of pass 0 (prepareJournal writes it that way).
  if (change.references !== undefined)
    yield `REPLACE INTO ${writer.table}(${journalColumns}) VALUES ${renderSetting(writer, 0, 'references', change.references, false)}`
  if (change.names !== undefined) yield renderNames(writer, change.names)
  if (change.record !== undefined) yield* renderOwnRecord(writer, change.record, largest)
}

/** Thousands of rows do not fit in one packet. */
const mostRows = 500

function* renderClosed(writer: JournalWriter, verb: string, rows: readonly AdoptedRow[] = []): Generator<string> {
  for (let from = 0; from < rows.length; from += mostRows) {
    const values = rows.slice(from, from + mostRows).map((row, index) => renderAdopted(writer, row, from + index === 0))
    yield `${verb} INTO ${writer.table}(${journalColumns},closed_at,milliseconds) VALUES ${values.join(',')}`
  }
}

/**
 * What follows a short data statement in its packet: the write that closes its row. The session keeps the
 * last insert ID itself. The details are written again: measured, the server takes a fifth longer over a thousand packets
 * when it changes them in place.
 */
export function renderClosing(writer: JournalWriter, at: Omit<QuickStatement, 'text'>): string {
  const details = JSON.stringify({ objects: at.objects, identity: false, ...runOf(writer) }).slice(0, -1)
  const memory = `CONCAT(${quoteJson(`${details},"memory":{"lastInsertId":"`)},LAST_INSERT_ID(),${ownWords('","variables":{}}}')})`
  return `UPDATE ${writer.table} SET state='closed',closed_at=UTC_TIMESTAMP(6),affected=ROW_COUNT(),details=${fence(writer, memory)} WHERE ${keyOf(at)}`
}

/** A row of pass 0. */
export function renderSetting(
  writer: JournalWriter,
  statement: number,
  name: string,
  value: string,
  fenced: boolean,
): string {
  return renderOpen(
    writer,
    openRow({
      pass: 0,
      statement,
      version: name,
      name: value,
      kind: 'setting',
      direction: 'up',
      checksum: '',
      class: 'record',
      summary: `setting ${name}`,
    }),
    fenced,
  ).replace("'open'", "'closed'")
}

/** Rows of pass 0: the choices of the first run. Existing ones stay. */
export function renderSettings(writer: JournalWriter, settings: ReadonlyMap<string, string>): string {
  const rows = [...settings].map(([name, value], index) => renderSetting(writer, index, name, value, index === 0))
  return `INSERT IGNORE INTO ${writer.table}(${journalColumns}) VALUES ${rows.join(',')}`
}

/**
 * Together with the record, the setting is written that says that there is one (where the record is lost, the journal knows that it existed) and the one for how the server
 * compares its names: if they were written earlier, a killed run would leave names of the former server behind.
 */
function* renderOwnRecord(writer: JournalWriter, record: RecordChange, largest: number): Generator<string> {
  const setting = renderSetting(writer, settingNumbers.record, recordSetting, 'wwdb_schema', false)
  yield `INSERT IGNORE INTO ${writer.table}(${journalColumns}) VALUES ${setting}`
  const names = writer.tableNames?.toString()
  if (names !== undefined)
    yield `INSERT INTO ${writer.table}(${journalColumns}) VALUES ${renderSetting(writer, settingNumbers.names, namesSetting, names, false)} ON DUPLICATE KEY UPDATE name=${quoteString(names)}`
  yield* renderRecord(record, writer.runner.toolVersion, largest, writer.record)
}

/** A journal of an earlier wwdb has no row for it, and a first run writes it here as well. */
export function renderNames(writer: JournalWriter, value: string): string {
  return `REPLACE INTO ${writer.table}(${journalColumns}) VALUES ${renderSetting(writer, settingNumbers.names, namesSetting, value, false)}`
}

/** Numbers of settings that come after the first ones, which have their place in the list. */
const settingNumbers = { names: 80, record: 81 } as const
