import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { ObjectId, RecordChange } from '../../sql/recorded-schema.ts'
import { fingerprintObject, normalForm, objectKey } from '../../sql/snapshot.ts'
import { passText } from './pass-text.ts'

/**
 * The record of the schema: one row an object, as the last run left it, beside the journal, so that it is backed up, copied and dropped with what it
 * describes. The row `journal` holds how far the journal is in it, and rows of the kind `pass` are copies of what the journal has by then: `form` is the number of
 * statements that were closed. An earlier wwdb does not know the table, and misreads nothing: what it runs is in the journal behind that row.
 */
export const createRecordTable = `CREATE TABLE IF NOT EXISTS \`wwdb_schema\` (
  \`kind\` VARCHAR(16) NOT NULL COMMENT 'table, view, ...; schema: its character set; start: the one before it was first changed; journal: how far the journal is recorded',
  \`name\` VARCHAR(64) NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'SHA-256 of the definition; NULL: not known, or not read',
  \`form\` INT UNSIGNED NOT NULL COMMENT 'number of the normal form; 0: not read',
  \`definition\` LONGTEXT NULL COMMENT 'in normal form, as JSON',
  \`pass\` BIGINT UNSIGNED NOT NULL COMMENT 'the latest one of the journal then',
  \`recorded_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`tool_version\` VARCHAR(32) NOT NULL,
  PRIMARY KEY (\`kind\`, \`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: the schema as the last run left it'`

/** How a row names an object: MySQL ignores the case of some names. */
function nameOf(id: ObjectId): string {
  return objectKey(id).slice(id.type.length + 1)
}

const columns = '(kind,name,fingerprint,form,definition,pass,recorded_at,tool_version)'
export const into = (table: string): string => `REPLACE INTO ${table}${columns}`

/** Bytes of definitions in one statement, at most: far below max_allowed_packet. */
const largest = 1024 * 1024

/**
 * The statements that write a change of the record, and how far the journal is in it: as the journal is within the same transaction. They read equally under
 * every sql_mode and character set of the session.
 */
export function renderRecord(change: RecordChange, toolVersion: string): readonly string[] {
  const rest = `UTC_TIMESTAMP(6),${quoteString(toolVersion)}`
  const stamp = `(SELECT IFNULL(MAX(pass),0) FROM wwdb_journal),${rest}`
  return [
    ...(change.isWhole === true ? ["DELETE FROM wwdb_schema WHERE kind<>'start'"] : []),
    ...renderObjects('wwdb_schema', change, stamp),
    // Nothing of a neighbor's journal is read: that would lock it.
    ...(change.neighbors ?? []).flatMap((one) =>
      renderObjects(`${quoteName(one.schema)}.wwdb_schema`, one, `${one.through},${rest}`),
    ),
    ...renderCopies(change, rest),
    `${into('wwdb_schema')} SELECT /*+ SET_VAR(group_concat_max_len=4194304) */ 'journal','',NULL,${normalForm},GROUP_CONCAT(CONCAT(p.pass,':',p.closed)),${stamp} FROM ` +
      `(SELECT pass,MAX(IF(state='closed',statement+1,0)) closed FROM wwdb_journal WHERE pass>0 AND kind<>'seed' GROUP BY pass ` +
      `HAVING MAX(IF(state='closed',statement+1,0))<MAX(total) OR SUM(state IN ('open','entered'))>0) p`,
    renderSeal('wwdb_schema'),
    ...(change.neighbors ?? []).map((one) => renderSeal(`${quoteName(one.schema)}.wwdb_schema`)),
  ]
}

/**
 * A pass a row, as the journal has it at that moment. A copy of a pass that the journal has lost stays, until the record is written again: it is what the rows can be
 * rebuilt from.
 */
function renderCopies({ copiesFrom = 1, forgotten = [] }: RecordChange, rest: string): readonly string[] {
  return [
    ...(forgotten.length === 0
      ? []
      : [`DELETE FROM wwdb_schema WHERE kind='pass' AND pass IN (${forgotten.join(',')})`]),
    `${into('wwdb_schema')} SELECT 'pass',pass,NULL,MAX(IF(state='closed',statement+1,0)),${passText},pass,${rest} ` +
      `FROM wwdb_journal WHERE pass>=${copiesFrom} AND pass>0 GROUP BY pass`,
  ]
}

/**
 * Number and sum of the objects of a record, an expression over its rows: what a hand takes out of it, or changes in it, is found. It does not guard
 * against who would forge it.
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

function renderObjects(
  table: string,
  change: Omit<RecordChange, 'neighbors' | 'copiesFrom' | 'forgotten' | 'isWhole'>,
  stamp: string,
): readonly string[] {
  const row = (id: ObjectId, fingerprint: string, form: number, definition: string): string =>
    `('${id.type}',${quoteString(nameOf(id))},${fingerprint},${form},${definition},${stamp})`
  const rows = [
    ...change.put.map((object) =>
      row(object, `'${fingerprintObject(object)}'`, normalForm, quoteString(JSON.stringify(object))),
    ),
    ...change.unproven.map((id) => row(id, 'NULL', normalForm, 'NULL')),
    ...change.unread.map((id) => row(id, 'NULL', 0, 'NULL')),
  ]
  const removed = change.remove.map((id) => `('${id.type}',${quoteString(nameOf(id))})`)
  const { start } = change
  return [
    // The first change alone says what was there before all of them.
    ...(start === null
      ? []
      : [
          `INSERT IGNORE INTO ${table}${columns} VALUES ('start','','${fingerprintObject(start)}',${normalForm},${quoteString(JSON.stringify(start))},${stamp})`,
        ]),
    ...(removed.length === 0 ? [] : [`DELETE FROM ${table} WHERE (kind,name) IN (${removed.join(',')})`]),
    ...inBatches(rows).map((batch) => `${into(table)} VALUES ${batch.join(',')}`),
  ]
}

function inBatches(rows: readonly string[]): readonly (readonly string[])[] {
  const batches: string[][] = []
  let size = largest
  for (const row of rows) {
    if (size + row.length > largest) {
      batches.push([])
      size = 0
    }
    batches.at(-1)?.push(row)
    size += row.length
  }
  return batches
}
