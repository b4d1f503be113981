import * as z from 'zod/mini'
import type { Target } from '../../core/target.ts'
import type { Cell, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import {
  nothingTouched,
  type ObjectId,
  type RecordChange,
  type RecordedObject,
  type RecordedSchema,
  type TouchedObjects,
} from '../../sql/recorded-schema.ts'
import { fingerprintObject, normalForm, objectKey, type RecordedSnapshot } from '../../sql/snapshot.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { SchemaRecord } from '../ports.ts'
import { translatingErrors } from './translate-errors.ts'

/**
 * The record of the schema: one row an object, as the last run left it, beside the journal, so that it is backed up, copied and dropped with what it
 * describes. The row `journal` holds how far the journal is in it. An earlier wwdb does not know the table, and misreads nothing: what it runs is
 * in the journal behind that row.
 */
const createRecordTable = `CREATE TABLE IF NOT EXISTS \`wwdb_schema\` (
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

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** The record of a target, on the connection that holds its lock; the schema is read on the other one. */
export function openRecord(connection: Connection, monitor: MonitorConnection, target: Target): SchemaRecord {
  const { database, schema } = target
  const guard = <T>(work: () => Promise<T>): Promise<T> => translatingErrors(target, work)
  return {
    create: () => guard(async () => void (await connection.ask(createRecordTable))),
    read: () => guard(() => readRecord(connection)),
    readTouched: (passes, neighbors) => guard(() => readAllTouched(connection, schema, passes, neighbors)),
    readLive: (options, neighbor) =>
      guard(async () => {
        const { readSnapshot } = await import('../../mysql/read-snapshot.ts')
        return monitor.ask((other) => readSnapshot(other, { database, schema, ...neighbor, ...options }))
      }),
    readNeighbor: (other) => guard(() => readNeighbor(connection, other)),
    isAtRest: (other) => guard(() => isAtRest(connection, other)),
  }
}

/** @param table qualified where it is that of a neighbor */
async function readRecord(connection: Connection, table = 'wwdb_schema'): Promise<RecordedSchema | null> {
  try {
    const answers = await connection.askAll(
      `ROLLBACK;SELECT kind,name,fingerprint,form,definition,pass FROM ${table};COMMIT`,
    )
    return toRecord(answers[1]?.rows ?? [])
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return null
  }
}

/** Null where the run that made the table was killed before it recorded anything. */
function toRecord(rows: readonly Row[]): RecordedSchema | null {
  const mark = rows.find(([kind]) => kind === 'journal')
  if (mark === undefined) return null
  const partial = text(mark[4])
    .split(',')
    .filter((pair) => pair !== '')
    .map((pair): [number, number] => [Number(pair.split(':')[0]), Number(pair.split(':')[1])])
  const objects = rows.filter(([kind]) => kind !== 'journal' && kind !== 'start').map(toObject)
  return {
    objects: new Map(objects.map((object) => [objectKey(object), object])),
    through: Number(mark[5]),
    partial: new Map(partial),
  }
}

const typeSchema = z.enum(['schema', 'table', 'view', 'procedure', 'function', 'trigger', 'event'])
const definitionSchema = z.looseObject({ type: typeSchema, name: z.string() })

function toObject([kind, name, fingerprint, form, definition]: Row): RecordedObject {
  return {
    type: typeSchema.parse(text(kind)),
    name: text(name),
    fingerprint: fingerprint === null || fingerprint === undefined ? null : text(fingerprint),
    form: Number(form),
    definition: () =>
      definition === null || definition === undefined
        ? null
        : (definitionSchema.parse(JSON.parse(text(definition))) as unknown as RecordedSnapshot),
  }
}

const detailsSchema = z.object({
  objects: z.array(z.object({ type: z.string(), schema: z.nullable(z.string()), name: z.string() })),
})

const unknownClasses: ReadonlySet<string> = new Set(['call', 'execute', 'module'])

/** What the statements of these passes changed, or may have. A fan-out changes shards, which are not recorded. */
async function readTouched(connection: Connection, passes: readonly number[]): Promise<TouchedObjects> {
  if (passes.length === 0) return { everything: false, objects: [] }
  const answers = await connection.askAll(
    `ROLLBACK;SELECT class,CAST(details AS CHAR) FROM wwdb_journal WHERE pass IN (${passes.join(',')}) AND state<>'failed' ` +
      `AND (class IN ('definition','call','execute','module') OR kind='baseline' OR kind='mark' AND JSON_LENGTH(details,'$.objects')>0) AND summary NOT LIKE '% on every shard of %';COMMIT`,
  )
  const rows = (answers[1]?.rows ?? []).map(([kind, details]) => ({
    kind: text(kind),
    objects: detailsSchema.parse(JSON.parse(text(details) || '{"objects":[]}')).objects as readonly ObjectName[],
  }))
  return {
    everything: rows.some(({ kind, objects }) => unknownClasses.has(kind) || objects.length === 0),
    elsewhere: rows.some(({ kind }) => kind === 'call' || kind === 'execute'),
    objects: rows.flatMap(({ objects }) => objects),
  }
}

/** A table that is not there, or that this user may not use: of a schema, a table, a column. */
const unusable = [serverErrors.unknownTable, serverErrors.unknownDatabase, 1044, 1142, 1143]

/** The write is asked about first: it is a part of the last write of a run, which must not fail for another database's sake. */
async function readNeighbor(connection: Connection, schema: string): Promise<RecordedSchema | null> {
  const table = `${quoteName(schema)}.wwdb_schema`
  try {
    await connection.ask(`EXPLAIN ${into(table)} VALUES ('schema','',NULL,0,NULL,0,UTC_TIMESTAMP(6),'')`)
  } catch (error) {
    if (!hasNumber(error, ...unusable)) throw error
    return null
  }
  return readRecord(connection, table)
}

async function readAllTouched(
  connection: Connection,
  schema: string,
  passes: readonly number[],
  neighbors: readonly string[],
): Promise<TouchedObjects> {
  const own = await readTouched(connection, passes)
  const others: TouchedObjects[] = []
  for (const neighbor of neighbors) others.push(await readTouchedBy(connection, neighbor, schema))
  return {
    ...own,
    everything: [own, ...others].some(({ everything }) => everything),
    objects: [own, ...others].flatMap(({ objects }) => objects),
  }
}

/** Passes of a journal behind its record, and rows of it that are open, are those of a run. What may not be read counts as one. */
async function isAtRest(connection: Connection, schema: string): Promise<boolean> {
  const [journal, record] = ['wwdb_journal', 'wwdb_schema'].map((table) => `${quoteName(schema)}.${table}`)
  const { answers, error } = await connection.askInTurn(
    `ROLLBACK;SELECT COUNT(*) FROM ${journal} WHERE pass>0 AND kind NOT IN ('seed','drift') AND ` +
      `(state IN ('open','entered') OR pass>(SELECT pass FROM ${record} WHERE kind='journal'));COMMIT`,
  )
  if (error === null) return Number(answers[1]?.rows[0]?.[0]) === 0
  if (!hasNumber(error, ...unusable)) throw error
  await connection.ask('COMMIT')
  return false
}

/** What statements of a neighbor's journal changed in this schema that its record, which is written with this one's, does not have yet. */
async function readTouchedBy(connection: Connection, neighbor: string, schema: string): Promise<TouchedObjects> {
  const [journal, record] = ['wwdb_journal', 'wwdb_schema'].map((table) => `${quoteName(neighbor)}.${table}`)
  const { answers, error } = await connection.askInTurn(
    `ROLLBACK;SELECT kind,name,fingerprint,form,definition,pass FROM ${record} WHERE kind='journal';` +
      `SELECT pass,statement,CAST(details AS CHAR),class FROM ${journal} WHERE state<>'failed' AND (class IN ('call','execute') ` +
      `OR class='definition' AND JSON_SEARCH(details,'one',${quoteString(schema)},NULL,'$.objects[*].schema') IS NOT NULL);COMMIT`,
  )
  if (error !== null && !hasNumber(error, ...unusable)) throw error
  const known = toRecord(answers[1]?.rows ?? [])
  if (error !== null || known === null) {
    await connection.ask('COMMIT')
    return nothingTouched
  }
  const rows = (answers[2]?.rows ?? []).filter(
    ([pass, statement]) =>
      Number(pass) > known.through || Number(statement) >= (known.partial.get(Number(pass)) ?? Infinity),
  )
  return {
    everything: rows.some(([, , , kind]) => kind !== 'definition'),
    objects: rows.flatMap(([, , details]) => {
      const { objects } = detailsSchema.parse(JSON.parse(text(details) || '{"objects":[]}'))
      return (objects as readonly ObjectName[]).filter((object) => object.schema === schema)
    }),
  }
}

/** How a row names an object: MySQL ignores the case of some names. */
function nameOf(id: ObjectId): string {
  return objectKey(id).slice(id.type.length + 1)
}

const columns = '(kind,name,fingerprint,form,definition,pass,recorded_at,tool_version)'
const into = (table: string): string => `REPLACE INTO ${table}${columns}`

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
    ...renderObjects('wwdb_schema', change, stamp),
    // Nothing of a neighbor's journal is read: that would lock it.
    ...(change.neighbors ?? []).flatMap((one) =>
      renderObjects(`${quoteName(one.schema)}.wwdb_schema`, one, `${one.through},${rest}`),
    ),
    `${into('wwdb_schema')} SELECT /*+ SET_VAR(group_concat_max_len=4194304) */ 'journal','',NULL,${normalForm},GROUP_CONCAT(CONCAT(p.pass,':',p.closed)),${stamp} FROM ` +
      `(SELECT pass,MAX(IF(state='closed',statement+1,0)) closed FROM wwdb_journal WHERE pass>0 AND kind<>'seed' GROUP BY pass ` +
      `HAVING MAX(IF(state='closed',statement+1,0))<MAX(total) OR SUM(state IN ('open','entered'))>0) p`,
  ]
}

function renderObjects(table: string, change: Omit<RecordChange, 'neighbors'>, stamp: string): readonly string[] {
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
