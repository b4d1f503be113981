import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { PassHead, RecordedRuns, RecordMark } from '../journal/compare-records.ts'
import { type JournalFormat, journalFormat, readFormat } from '../journal/journal-format.ts'
import { isJournal, judgeOwnTables, type OwnColumn, type OwnTable, type WantedColumn } from '../journal/own-tables.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import { journalQuestions, judgeEnd, readJournal, toSnapshot } from './journal-reading.ts'
import { createJournalTable, type JournalPlace } from './journal-tables.ts'
import { passHead } from './pass-text.ts'
import { createRecordTable } from './record-table.ts'

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** How much of the journal is in the record of the schema, and the heads of the passes that the record has copies of. */
export const selectMark = (table = 'wwdb_schema'): string =>
  `SELECT kind,form,pass,IF(kind='journal',definition,${passHead('definition')}) FROM ${table} WHERE kind IN ('journal','pass')`

/** Null where the run that created the table was killed before it recorded anything. */
export function toMark(rows: readonly Row[]): RecordMark | null {
  const mark = rows.find(([kind]) => kind === 'journal')
  if (mark === undefined) return null
  const copies: PassHead[] = []
  for (const [type, closed, pass, head] of rows) {
    if (type !== 'pass') continue
    const [named = '', version = '', name = '', kind = '', direction = ''] = text(head).split('\n')
    // A record that names another pass says nothing about the journal: reading it reports the damage.
    if (named === text(pass))
      copies.push({ pass: Number(pass), version, name, kind, direction, closed: Number(closed) })
  }
  return { through: Number(mark[2]), partial: toPartial(mark[3]), copies }
}

/** `3:2,4:0`: the passes that were incomplete then, and how many of their statements were closed. */
export function toPartial(cell: Cell | undefined): ReadonlyMap<number, number> {
  const pairs = text(cell)
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair): [number, number] => [Number(pair.split(':')[0]), Number(pair.split(':')[1])])
  return new Map(pairs)
}

/** Commands that end well only where the journal has a row for what they did. */
const journaling = "'migrate','rollback','redo','baseline','mark'"

const selectRuns =
  'SELECT COUNT(*),CAST(MAX(started_at) AS CHAR) FROM wwdb_runs ' +
  `WHERE outcome='done' AND command IN (${journaling})`

/** Null where no such run is recorded. */
function toRuns(rows: readonly Row[]): RecordedRuns | null {
  const [row] = rows
  const count = Number(row?.[0] ?? 0)
  return count === 0 ? null : { count, last: text(row?.[1]) }
}

const names = [
  'wwdb_journal',
  'wwdb_schema',
  'wwdb_runs',
  'wwdb_shard_journal',
  'wwdb_shards',
  'wwdb_shard_events',
  // Where it is there, a run looks first at what online changes left.
  'wwdb_online',
  // Where it is there, a rollback looks at what was retired.
  'wwdb_retired',
]
const isOwn = `TABLE_NAME IN (${names.map((name) => `'${name}'`).join(',')})`

const ownTables = (more: string): string => `SELECT TABLE_NAME,ENGINE${more} FROM information_schema.TABLES WHERE `

const ownColumns = (more: string): string =>
  `SELECT TABLE_NAME,COLUMN_NAME,COLUMN_TYPE,IS_NULLABLE='YES',COLUMN_DEFAULT IS NOT NULL OR EXTRA<>'',COLUMN_KEY='PRI'${more} FROM information_schema.COLUMNS WHERE `

/** Which wwdb tables exist, and how they are defined. */
const selectTables = `${ownTables('')}TABLE_SCHEMA=DATABASE() AND ${isOwn}`

const selectColumns = `${ownColumns('')}TABLE_SCHEMA=DATABASE() AND ${isOwn}`

/** The same of several schemas; the last column of each row is the schema. */
export function selectAllOwn(schemas: readonly string[]): readonly string[] {
  const where = `TABLE_SCHEMA IN (${schemas.map(quoteString).join(',')}) AND ${isOwn}`
  return [ownTables(',TABLE_SCHEMA') + where, ownColumns(',TABLE_SCHEMA') + where]
}

/** Of several schemas: a digest of the columns of each table, in which tables that look alike have the same text. The last column of each row is the schema. */
export function selectOwnShapes(schemas: readonly string[]): readonly string[] {
  const where = `TABLE_SCHEMA IN (${schemas.map(quoteString).join(',')}) AND ${isOwn}`
  const column = `CONCAT_WS(',',COLUMN_NAME,COLUMN_TYPE,IS_NULLABLE,COLUMN_DEFAULT IS NOT NULL OR EXTRA<>'',COLUMN_KEY)`
  return [
    ownTables(',TABLE_SCHEMA') + where,
    `SELECT /*+ SET_VAR(group_concat_max_len=65536) */ TABLE_NAME,SHA2(GROUP_CONCAT(${column} ORDER BY ORDINAL_POSITION SEPARATOR ';'),256),TABLE_SCHEMA FROM information_schema.COLUMNS WHERE ${where} GROUP BY TABLE_SCHEMA,TABLE_NAME`,
  ]
}

/** What wwdb creates, as its own CREATE TABLE states it. */
function columnsOf(create: string): readonly WantedColumn[] {
  const key = /PRIMARY KEY \(([^)]*)\)/.exec(create)?.[1] ?? ''
  return [...create.matchAll(/^ {2}`(\w+)` ((\w+(?:\(\d+\))?(?: UNSIGNED)?) ((?:NOT )?NULL).*?),?$/gm)].map(
    ([, name = '', definition = '', type = '', nullable]) => ({
      name,
      definition,
      type: type.toLowerCase(),
      nullable: nullable === 'NULL',
      filled: / DEFAULT /.test(definition),
      key: key.includes(`\`${name}\``),
    }),
  )
}

const wantedColumns: ReadonlyMap<string, readonly WantedColumn[]> = new Map([
  ['wwdb_journal', columnsOf(createJournalTable('wwdb_journal'))],
  ['wwdb_shard_journal', columnsOf(createJournalTable('wwdb_shard_journal'))],
  ['wwdb_schema', columnsOf(createRecordTable())],
])

/** 8.0.12 shows the display widths of integers. */
const plainType = (type: string): string => type.toLowerCase().replace(/^(\w*int)\(\d+\)/, '$1')

/** Of one schema. @param columns null where they were not read */
export function toTables(tables: readonly Row[], columns: readonly Row[] | null): readonly OwnTable[] {
  return tables.map(([cell, engine]) => {
    const name = text(cell).toLowerCase()
    const wanted = wantedColumns.get(name)
    if (columns === null || wanted === undefined) return { name, engine: text(engine) }
    const own = columns.filter(([table]) => text(table).toLowerCase() === name)
    return { name, engine: text(engine), wanted, columns: own.map(toColumn) }
  })
}

function toColumn([, name, type, nullable, filled, key]: Row): OwnColumn {
  return {
    name: text(name),
    type: plainType(text(type)),
    nullable: Number(nullable) === 1,
    filled: Number(filled) === 1,
    key: Number(key) === 1,
  }
}

export type JournalReader = (format?: JournalFormat) => Promise<JournalSnapshot>

/**
 * How a session reads its journal. The first query also checks wwdb's tables, column by column. Throws ToolError `JOURNAL_DAMAGED` where the session will write,
 * and they must not be written to.
 */
export function openJournalReader(
  connection: Connection,
  target: Target,
  table: JournalPlace['table'],
  writable: boolean,
): JournalReader {
  let columns = true
  return async (format = journalFormat) => {
    if (table !== 'wwdb_journal') return readJournal(connection, target, table, 'pass>0')
    const snapshot = await readTargetJournal(connection, target, { format, columns })
    // A journal of an earlier format lacks what the upgrade will add, under the lock: it is judged by the first query after that.
    if (readFormat(snapshot.settings.get('format')) !== format.number) return snapshot
    const damaged = columns && writable ? judgeOwnTables((snapshot.tables ?? []).filter(isJournal), target) : []
    if (damaged.length > 0) throw new ToolError('JOURNAL_DAMAGED', damaged)
    columns = false
    return snapshot
  }
}

interface TargetReading {
  readonly format: JournalFormat
  readonly columns: boolean
}

/**
 * Reads the whole current journal of a target in one packet: in its own transaction, because one that was begun while waiting for the lock would still show the
 * journal of that time, without what the holder did meanwhile. The packet also reads wwdb's tables, and what the record of the schema knows about the journal:
 * that query is the last one, because a missing table ends the packet.
 */
async function readTargetJournal(
  connection: Connection,
  target: Target,
  { format, columns }: TargetReading,
): Promise<JournalSnapshot> {
  const table = 'wwdb_journal'
  const before = ['ROLLBACK', selectTables, columns ? selectColumns : 'DO 0']
  const packet = [...before, ...journalQuestions(table, 'pass>0'), selectMark(), 'COMMIT'].join(';')
  const { answers, error } = await connection.askInTurn(packet)
  // A table that was created during this read cannot be read in a transaction that began before.
  if (hasNumber(error, serverErrors.tableChanged)) return readTargetJournal(connection, target, { format, columns })
  // A user who may read only the journal learns nothing about the record.
  const mayNotRead = answers.length === before.length + 4 && hasNumber(error, ...notAllowed)
  if (!mayNotRead)
    await judgeEnd(connection, target, { error, table, format }).catch((thrown: unknown) =>
      refuseLacking(connection, target, thrown),
    )
  const tables = toTables(answers[1]?.rows ?? [], columns ? (answers[2]?.rows ?? []) : null)
  const snapshot = { ...toSnapshot(answers.slice(before.length, before.length + 4), target, format), tables }
  const mark = answers[before.length + 4]
  const read = mark === undefined ? snapshot : { ...snapshot, mark: toMark(mark.rows) }
  const complete = mayNotRead ? { snapshot: read, isEnded: false } : await addEvidence(connection, read)
  // The error that ended the packet left its transaction open.
  if (error !== null && !complete.isEnded) await connection.ask('COMMIT')
  return complete.snapshot
}

/** A column is missing, and no newer format does without it: rejects with the ALTER that restores it, or with the error itself. */
async function refuseLacking(connection: Connection, target: Target, error: unknown): Promise<never> {
  if (!hasNumber(error, serverErrors.unknownColumn)) throw error
  const { answers } = await connection.askInTurn(`${selectTables};${selectColumns}`)
  const tables = toTables(answers[0]?.rows ?? [], answers[1]?.rows ?? [])
  const damaged = judgeOwnTables(tables.filter(isJournal), target)
  throw damaged.length === 0 ? error : new ToolError('JOURNAL_DAMAGED', damaged, { cause: error })
}

const notAllowed = [serverErrors.databaseAccessDenied, 1142, 1143]

/**
 * Where the packet ended before the record, because a table does not exist, the others are read: the record where there is one, and the runs where the journal
 * does not even have its settings. Then it is the first run, or the journal was dropped or emptied. A query ends the transaction.
 */
async function addEvidence(
  connection: Connection,
  snapshot: JournalSnapshot,
): Promise<{ readonly snapshot: JournalSnapshot; readonly isEnded: boolean }> {
  const { tables = [], settings } = snapshot
  const has = (name: string): boolean => tables.some((table) => table.name === name)
  const isEnded = (snapshot.mark ?? null) === null && has('wwdb_schema')
  const mark = snapshot.mark ?? (isEnded ? await askAside(connection, selectMark(), toMark) : null)
  if (mark === undefined) return { snapshot, isEnded }
  const read = { ...snapshot, mark }
  if (mark !== null || settings.size > 0 || !has('wwdb_runs')) return { snapshot: read, isEnded }
  const runs = (await askAside(connection, selectRuns, toRuns)) ?? null
  return { snapshot: { ...read, runs }, isEnded: true }
}

/** Undefined where the table no longer exists, has another form, or may not be read by this user. */
async function askAside<T>(
  connection: Connection,
  question: string,
  read: (rows: readonly Row[]) => T,
): Promise<T | undefined> {
  const { answers, error } = await connection.askInTurn(`ROLLBACK;${question};COMMIT`)
  if (error === null) return read(answers[1]?.rows ?? [])
  if (!hasNumber(error, serverErrors.unknownTable, serverErrors.unknownColumn, ...notAllowed)) throw error
  await connection.ask('COMMIT')
  return undefined
}
