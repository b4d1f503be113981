import type { ObjectId, RecordChange } from '../../ddl/recorded-schema.ts'
import { fingerprintText, textForm, textOfTable } from '../../ddl/shown-table.ts'
import { fingerprintObject, normalForm, objectKey, type RecordedSnapshot } from '../../ddl/snapshot.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import { passText } from './pass-text.ts'

/**
 * The record of the schema: one row per object, as the last run left it, beside the journal, so that it is backed up, copied and dropped with what it describes.
 * The row `journal` says how much of the journal is included, and rows of the kind `pass` are copies of the journal at that time: `form` is the number of
 * statements that were closed. An earlier wwdb does not know the table, and misreads nothing: what it runs is in the journal behind that row.
 */
export const createRecordTable = (table = '`wwdb_schema`'): string => `CREATE TABLE IF NOT EXISTS ${table} (
  \`kind\` VARCHAR(16) NOT NULL COMMENT 'table, view, ...; schema: its character set; start: the one before it was first changed; journal: how far the journal is recorded',
  \`name\` VARCHAR(64) NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'SHA-256 of the definition; NULL: not known, or not read',
  \`form\` INT UNSIGNED NOT NULL COMMENT 'number of the normal form; ${textForm}: as the server shows it; 0: not read',
  \`definition\` LONGTEXT NULL COMMENT 'as the server shows it, or in normal form as JSON',
  \`pass\` BIGINT UNSIGNED NOT NULL COMMENT 'the latest one of the journal then',
  \`recorded_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`tool_version\` VARCHAR(32) NOT NULL,
  PRIMARY KEY (\`kind\`, \`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: the schema as the last run left it'`

/** How a row names an object: MySQL ignores the case of some names. */
function nameOf(id: ObjectId): string {
  return objectKey(id).slice(id.type.length + 1)
}

/** The tables of a record as statements name them: in another keyspace they are qualified and quoted. */
export interface RecordTables {
  readonly record: string
  readonly journal: string
}

export const usualTables: RecordTables = { record: 'wwdb_schema', journal: 'wwdb_journal' }

const columns = '(kind,name,fingerprint,form,definition,pass,recorded_at,tool_version)'
export const into = (table: string): string => `REPLACE INTO ${table}${columns}`

/**
 * The statements that write a change of the record, and how much of the journal it includes: as the journal is within the same transaction. They mean the same under every sql_mode and character set of the session. Each is rendered on demand: the definitions of all tables are not kept as text.
 * @param largest characters of definitions in one statement, at most; they are more only where one definition is
 */
export function* renderRecord(
  change: RecordChange,
  toolVersion: string,
  largest: number,
  { record, journal }: RecordTables = usualTables,
): Generator<string> {
  const rest = `UTC_TIMESTAMP(6),${quoteString(toolVersion)}`
  const stamp = `(SELECT IFNULL(MAX(pass),0) FROM ${journal}),${rest}`
  if (change.isWhole === true) yield `DELETE FROM ${record} WHERE kind<>'start'`
  yield* renderObjects(record, change, stamp, largest)
  // Nothing of a neighbor's journal is read: that would lock it.
  for (const one of change.neighbors ?? [])
    yield* renderObjects(`${quoteName(one.schema)}.wwdb_schema`, one, `${one.through},${rest}`, largest)
  yield* renderCopies(change, rest, { record, journal })
  yield `${into(record)} SELECT /*+ SET_VAR(group_concat_max_len=4194304) */ 'journal','',NULL,${normalForm},GROUP_CONCAT(CONCAT(p.pass,':',p.closed)),${stamp} FROM ` +
    `(SELECT pass,MAX(IF(state='closed',statement+1,0)) closed FROM ${journal} WHERE pass>0 AND kind<>'seed' GROUP BY pass ` +
    `HAVING MAX(IF(state='closed',statement+1,0))<MAX(total) OR SUM(state IN ('open','entered'))>0) p`
  yield renderSeal(record)
  for (const one of change.neighbors ?? []) yield renderSeal(`${quoteName(one.schema)}.wwdb_schema`)
}

/**
 * One row per pass, as the journal has it now. A copy of a pass that the journal has lost stays, until the record is written again: the rows can be rebuilt from it.
 */
function renderCopies(
  { copiesFrom = 1, forgotten = [] }: RecordChange,
  rest: string,
  { record, journal }: RecordTables,
): readonly string[] {
  return [
    ...(forgotten.length === 0 ? [] : [`DELETE FROM ${record} WHERE kind='pass' AND pass IN (${forgotten.join(',')})`]),
    `${into(record)} SELECT 'pass',pass,NULL,MAX(IF(state='closed',statement+1,0)),${passText},pass,${rest} ` +
      `FROM ${journal} WHERE pass>=${copiesFrom} AND pass>0 GROUP BY pass`,
  ]
}

/**
 * Number and checksum of the objects of a record, an expression over its rows: it shows rows that were removed or changed by hand. It does not
 * protect against forgery.
 */
export const sealOf = `CONCAT(COUNT(*),'/',CAST(IFNULL(SUM(CRC32(CONCAT_WS('/',kind,name,IFNULL(fingerprint,''),form))),0) AS CHAR))`
export const isSealed = "kind NOT IN ('journal','pass')"

/** The derived table makes MySQL read before it writes. */
function renderSeal(table: string): string {
  return (
    `UPDATE ${table} SET fingerprint=(SELECT s.seal FROM (SELECT ${sealOf} seal FROM ${table} WHERE ${isSealed}) s) ` +
    `WHERE kind='journal'`
  )
}

function* renderObjects(
  table: string,
  change: Omit<RecordChange, 'neighbors' | 'copiesFrom' | 'forgotten' | 'isWhole'>,
  stamp: string,
  largest: number,
): Generator<string> {
  const { start } = change
  // Only the first change shows what existed before all of them.
  if (start !== null)
    yield `INSERT IGNORE INTO ${table}${columns} VALUES ('start','','${fingerprintObject(start)}',${normalForm},${quoteString(JSON.stringify(start))},${stamp})`
  const removed = inBatches(
    change.remove,
    ({ type, name }) => `('${type}',${quoteString(nameOf({ type, name }))})`,
    largest,
  )
  for (const batch of removed) yield `DELETE FROM ${table} WHERE (kind,name) IN (${batch})`
  for (const batch of inBatches(rowsOf(change), (row) => renderRow(row, stamp), largest))
    yield `${into(table)} VALUES ${batch}`
}

/** A recorded object; fingerprint and definition are those of SQL, `NULL` where it is unknown, the form 0 where it was not read. */
interface ObjectRow {
  readonly id: ObjectId
  readonly form: number
  readonly fingerprint: string
  readonly definition: string
}

const unknown = { fingerprint: 'NULL', definition: 'NULL' }

function* rowsOf({ put, unproven, unread }: RecordChange): Generator<ObjectRow> {
  for (const object of put) yield rowOf(object)
  for (const id of unproven) yield { id, form: normalForm, ...unknown }
  for (const id of unread) yield { id, form: 0, ...unknown }
}

function rowOf(object: RecordedSnapshot): ObjectRow {
  const text = textOfTable(object)
  return text === null
    ? {
        id: object,
        form: normalForm,
        fingerprint: `'${fingerprintObject(object)}'`,
        definition: quoteDefinition(JSON.stringify(object)),
      }
    : { id: object, form: textForm, fingerprint: `'${fingerprintText(text)}'`, definition: quoteShown(text) }
}

function renderRow({ id, form, fingerprint, definition }: ObjectRow, stamp: string): string {
  return `('${id.type}',${quoteString(nameOf(id))},${fingerprint},${form},${definition},${stamp})`
}

/** A character that JSON never contains literally stands for a backslash, which an sql_mode may treat as an escape. */
const backslash = '\u0001'

/**
 * JSON as a literal that means the same under every sql_mode and character set of the session, in half the characters of hexadecimal: non-ASCII characters are
 * written with JSON's own escapes.
 */
function quoteDefinition(json: string): string {
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
  return quoteAscii(ascii)
}

function quoteAscii(text: string): string {
  const literal = `_utf8mb4'${text.replaceAll("'", "''").replaceAll('\\', backslash)}'`
  return text.includes('\\') ? `REPLACE(${literal},_utf8mb4 0x01,_utf8mb4 0x5c)` : literal
}

/**
 * The same of a text that a server has shown. One with other characters goes as base64, which has a third more characters than bytes and costs the least time;
 * compressed before, it would take longer here than the shorter packet saves.
 */
function quoteShown(text: string): string {
  if (/^[\t\n -~]*$/.test(text)) return quoteAscii(text)
  return `CONVERT(FROM_BASE64('${Buffer.from(text).toString('base64')}') USING utf8mb4)`
}

/** Comma-separated lists of values, none longer than `largest` unless a single value is. */
function* inBatches<T>(items: Iterable<T>, render: (item: T) => string, largest: number): Generator<string> {
  let batch: string[] = []
  let size = 0
  for (const item of items) {
    const text = render(item)
    if (batch.length > 0 && size + text.length > largest) {
      yield batch.join(',')
      batch = []
      size = 0
    }
    batch.push(text)
    size += text.length + 1
  }
  if (batch.length > 0) yield batch.join(',')
}
