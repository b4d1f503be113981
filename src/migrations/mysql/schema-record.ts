import * as z from 'zod/mini'
import type { Target } from '../../core/target.ts'
import {
  nothingTouched,
  type RecordedObject,
  type RecordedSchema,
  type TouchedObjects,
} from '../../ddl/recorded-schema.ts'
import { objectKey } from '../../ddl/snapshot.ts'
import { type Asking, inPackets } from '../../mysql/asking.ts'
import type { Asker, Cell, Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { type Charsets, KnownCharsets, readContext, selectCharsets } from '../../mysql/schema-facts.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { Pass } from '../journal/journal.ts'
import { namesSetting } from '../journal/moved-names.ts'
import type { SchemaRecord } from '../schema-record.ts'
import { toPartial } from './own-records.ts'
import { passHead, toPass } from './pass-text.ts'
import { createRecordTable, into, isSealed, type RecordTables, sealOf, usualTables } from './record-table.ts'
import { toRecordedObject } from './recorded-object.ts'
import { translatingErrors } from './translate-errors.ts'

const text = (cell: Cell | undefined): string => (cell === null || cell === undefined ? '' : String(cell))

/** The record of a target, on the connection that holds its lock; the schema is read on the other one. */
export function openRecord(connection: Connection, monitor: MonitorConnection, target: Target): SchemaRecord {
  const { database, schema } = target
  const guard = <T>(work: () => Promise<T>): Promise<T> => translatingErrors(target, work)
  const charsets = new KnownCharsets()
  const asking = inPackets(connection)
  const readWith = async (place: Target, tables?: RecordTables): Promise<RecordedSchema | null> =>
    (await charsets.askedBy((known) => readRecord(asking, place, known, tables))).record
  return {
    create: () => guard(async () => void (await connection.ask(createRecordTable()))),
    read: () => guard(() => readWith(target)),
    readCopies: () => guard(() => readCopies(connection, usualTables)),
    readTouched: (passes, neighbors) => guard(() => readAllTouched(connection, target, passes, neighbors)),
    readLive: (options, neighbor) =>
      guard(async () => {
        const { readSnapshot } = await import('../../mysql/read-snapshot.ts')
        return monitor.ask((other) =>
          readSnapshot(other, {
            database,
            schema,
            ...neighbor,
            ...options,
            keepsTexts: true,
            ...(charsets.known !== null && { charsets: charsets.known }),
          }),
        )
      }),
    readAhead: async (tables, options) => {
      const { readTablesAhead } = await import('../../mysql/read-ahead.ts')
      const read = await charsets.askedBy((known) =>
        monitor.ask((other) => readTablesAhead(other, schema, tables, options, known)),
      )
      return read.tables
    },
    readNeighbor: (other) =>
      guard(async () => {
        const [record, journal] = ['wwdb_schema', 'wwdb_journal'].map((table) => `${quoteName(other)}.${table}`)
        if (record === undefined || journal === undefined || !(await mayWrite(connection, record))) return null
        return readWith({ ...target, database: other, schema: other }, { record, journal })
      }),
    wereCutOff: (passes) =>
      guard(() => wereCutOff(asking, passes, { journal: usualTables.journal, runs: 'wwdb_runs' })),
    countRows: (tables, most) => guard(() => monitor.ask((other) => countRows(other, schema, tables, most))),
    isAtRest: (other) => guard(() => isAtRest(connection, other)),
  }
}

/** A record with the character sets that its definitions are read with. */
interface ReadRecord {
  readonly record: RecordedSchema | null
  readonly charsets: Charsets
}

/** @param known the character sets of the server; they are read where they are not known @param tables qualified where they are a neighbor's */
export async function readRecord(
  connection: Asking,
  target: Target,
  known: Promise<Charsets> | null,
  { record, journal }: RecordTables = usualTables,
): Promise<ReadRecord> {
  const { answers, error } = await connection.askEach([
    // What is read before the ROLLBACK belongs to no transaction that the record is read in: a table that another run creates meanwhile is seen.
    known === null ? selectCharsets : 'DO 0',
    'ROLLBACK',
    `SELECT kind,name,fingerprint,form,definition,pass FROM ${record} WHERE kind<>'pass'`,
    `SELECT MAX(pass),SUM(${passHead('definition', 1)}<>CAST(pass AS CHAR)) FROM ${record} WHERE kind='pass'`,
    `SELECT ${sealOf} FROM ${record} WHERE ${isSealed}`,
    // Read last: the journal may be missing, and a neighbor's may not be readable for this user.
    `SELECT name FROM ${journal} WHERE pass=0 AND version='${namesSetting}'`,
    'COMMIT',
  ])
  const [read, , rows, copied, seal, names] = answers
  const charsets = (await known) ?? read?.rows ?? []
  if (error !== null) {
    if (!hasNumber(error, ...(seal === undefined ? [serverErrors.unknownTable] : unusable))) throw error
    await connection.ask('COMMIT')
    if (seal === undefined) return { record: null, charsets }
  }
  const context = readContext(charsets, new Map())
  const objects = (rows?.rows ?? []).filter(isOfObject).map((row) => toRecordedObject(row, target, context))
  const made = toRecord(rows?.rows ?? [], objects, Number(copied?.rows[0]?.[0] ?? 0), text(seal?.rows[0]?.[0]))
  if (made === null) return { record: null, charsets }
  const foldsNames = !['', '0'].includes(text(names?.rows[0]?.[0]))
  // A copy that names another pass was written by other means.
  const isForeign = Number(copied?.rows[0]?.[1] ?? 0) > 0
  return { record: { ...made, ...(foldsNames && { foldsNames }), ...(isForeign && { isDamaged: true }) }, charsets }
}

const isOfObject = ([kind]: Row): boolean => kind !== 'journal' && kind !== 'start'

/**
 * Null where the run that created the table was killed before it recorded anything. @param copied the latest pass of which it has a copy @param seal the current number and checksum of its rows; absent where they were not read
 */
function toRecord(
  rows: readonly Row[],
  objects: readonly RecordedObject[],
  copied = 0,
  seal?: string,
): RecordedSchema | null {
  const mark = rows.find(([kind]) => kind === 'journal')
  if (mark === undefined) return null
  const partial = toPartial(mark[4])
  // A record of an earlier wwdb has no checksum.
  const isDamaged = seal !== undefined && mark[2] !== null && text(mark[2]) !== seal
  return {
    objects: new Map(objects.map((object) => [objectKey(object), object])),
    through: Number(mark[5]),
    partial,
    copiesFrom: Math.min(copied + 1, ...partial.keys()),
    isDamaged,
  }
}

export async function readCopies(connection: Asker, { record }: RecordTables): Promise<readonly Pass[]> {
  const { rows } = await connection.ask(`SELECT definition FROM ${record} WHERE kind='pass' ORDER BY pass`)
  return rows.map(([copy]) => toPass(copy))
}

/** A run whose row is gone disappeared in a restore, or is older than rows of runs are kept: it ended. */
export async function wereCutOff(
  connection: Asking,
  passes: readonly number[],
  { journal, runs }: { readonly journal: string; readonly runs: string },
): Promise<boolean> {
  const run = "JSON_UNQUOTE(JSON_EXTRACT(j.details,'$.run'))"
  const { answers, error } = await connection.askEach([
    'ROLLBACK',
    `SELECT COUNT(*) FROM ${journal} j LEFT JOIN ${runs} r ON r.run_id=${run} ` +
      `WHERE j.pass IN (${passes.join(',')}) AND (${run} IS NULL OR r.outcome<>'done')`,
    'COMMIT',
  ])
  if (error === null) return Number(answers[1]?.rows[0]?.[0]) > 0
  if (!hasNumber(error, ...unusable)) throw error
  await connection.ask('COMMIT')
  return true
}

/** @param schema null for the one that the connection is in */
export async function countRows(
  connection: Asker,
  schema: string | null,
  tables: readonly string[],
  most: number,
): Promise<ReadonlyMap<string, number | null>> {
  const counted = new Map<string, number | null>()
  for (const table of tables) {
    const question = `SELECT ${ownHint} COUNT(*) FROM (SELECT 1 FROM ${schema === null ? quoteName(table) : quoteQualified(schema, table)} LIMIT ${most}) r`
    const rows = await connection.ask(question).catch((error: unknown) => {
      if (!hasNumber(error, ...unusable)) throw error
      return null
    })
    counted.set(table, rows === null ? null : Number(rows.rows[0]?.[0]))
  }
  return counted
}

const detailsSchema = z.object({
  objects: z.array(z.object({ type: z.string(), schema: z.nullable(z.string()), name: z.string() })),
})

const unknownClasses: ReadonlySet<string> = new Set(['call', 'execute', 'module'])

/** What the statements of these passes changed, or may have. A fan-out changes shards, which are not recorded. */
export async function readTouched(
  connection: Asking,
  passes: readonly number[],
  journal: string,
): Promise<TouchedObjects> {
  if (passes.length === 0) return { everything: false, objects: [] }
  const { answers, error } = await connection.askEach([
    'ROLLBACK',
    `SELECT class,CAST(details AS CHAR) FROM ${journal} WHERE pass IN (${passes.join(',')}) AND state<>'failed' ` +
      `AND (class IN ('definition','call','execute','module') OR kind='baseline' OR kind='mark' AND JSON_LENGTH(details,'$.objects')>0) AND summary NOT LIKE '% on every shard of %'`,
    'COMMIT',
  ])
  if (error !== null) throw error
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

/** A missing table, or one that this user may not use: on a schema, a table, a column. */
const unusable = [serverErrors.unknownTable, serverErrors.unknownDatabase, 1044, 1142, 1143]

/** Checked before a neighbor is read: the last write of a run must not fail because of another database. */
async function mayWrite(connection: Connection, table: string): Promise<boolean> {
  try {
    await connection.ask(`EXPLAIN ${into(table)} VALUES ('schema','',NULL,0,NULL,0,UTC_TIMESTAMP(6),'')`)
    return true
  } catch (error) {
    if (!hasNumber(error, ...unusable)) throw error
    return false
  }
}

async function readAllTouched(
  connection: Connection,
  target: Target,
  passes: readonly number[],
  neighbors: readonly string[],
): Promise<TouchedObjects> {
  const own = await readTouched(inPackets(connection), passes, usualTables.journal)
  const others: TouchedObjects[] = []
  for (const neighbor of neighbors) others.push(await readTouchedBy(connection, neighbor, target))
  return {
    ...own,
    everything: [own, ...others].some(({ everything }) => everything),
    objects: [own, ...others].flatMap(({ objects }) => objects),
  }
}

/** Passes of a journal after its record, and its open rows, belong to a run. What may not be read counts as one. */
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

/**
 * What statements of a neighbor's journal changed in this schema that its record, which is written together with this one's, does not have
 * yet.
 */
async function readTouchedBy(connection: Connection, neighbor: string, target: Target): Promise<TouchedObjects> {
  const { schema } = target
  const [journal, record] = ['wwdb_journal', 'wwdb_schema'].map((table) => `${quoteName(neighbor)}.${table}`)
  const { answers, error } = await connection.askInTurn(
    `ROLLBACK;SELECT kind,name,fingerprint,form,definition,pass FROM ${record} WHERE kind='journal';` +
      `SELECT pass,statement,CAST(details AS CHAR),class FROM ${journal} WHERE state<>'failed' AND (class IN ('call','execute') ` +
      `OR class='definition' AND JSON_SEARCH(details,'one',${quoteString(schema)},NULL,'$.objects[*].schema') IS NOT NULL);COMMIT`,
  )
  if (error !== null && !hasNumber(error, ...unusable)) throw error
  const known = toRecord(answers[1]?.rows ?? [], [])
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
