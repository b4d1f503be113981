import { orderModes } from '../config/session.ts'
import { modernCharset } from '../ddl/definitions/normal-column.ts'
import {
  type NormalFormContext,
  normalizeRoutine,
  normalizeTable,
  normalizeView,
  type RestrictedKey,
  withoutDefiner,
  withRestrictions,
} from '../ddl/definitions/normal-form.ts'
import { showTable } from '../ddl/shown-table.ts'
import {
  type CodeSnapshot,
  type ObjectSnapshot,
  type SnapshotOptions,
  type SnapshotReading,
  sortObjects,
} from '../ddl/snapshot.ts'
import { ownHint } from '../sql/own-hint.ts'
import { quoteName, quoteQualified, quoteString } from '../sql/quote-name.ts'
import { inPackets, type SchemaPlace } from './asking.ts'
import type { Answer, Connection, Row } from './connection.ts'
import { hasNumber, serverErrors } from './errors.ts'
import { isUnread, selectRegistered, toRegistered, withTraced } from './registered-shards.ts'
import { type Charsets, readFacts, selectFacts } from './schema-facts.ts'

export interface SnapshotRequest extends SnapshotOptions {
  /** Logical database. */
  readonly database: string
  readonly schema: string
  /** Tables that were read already, and have not changed since. */
  readonly ahead?: ReadonlyMap<string, ObjectSnapshot>
  /** True keeps the texts of tables, for a record, and reads them when a part of them is needed. */
  readonly keepsTexts?: boolean
  /** Absent where they are not known yet. */
  readonly charsets?: Promise<Charsets>
}

/** The number of SHOW CREATE statements in one packet. */
const together = 500

/** The objects of a schema, before their texts are read. */
interface Listed {
  readonly type: ObjectSnapshot['type']
  readonly name: string
  readonly row: Row
}

/**
 * Reads a whole schema: one packet for its objects, and one for the texts of every 500. Objects that are dropped meanwhile are left out.
 * Rejects with the server's error.
 */
export const readSnapshot = (
  connection: Pick<Connection, 'ask' | 'askInTurn'>,
  request: SnapshotRequest,
): Promise<SnapshotReading> => readSnapshotAt(inPackets(connection), request)

/** The same at any place. */
export async function readSnapshotAt(place: SchemaPlace, request: SnapshotRequest): Promise<SnapshotReading> {
  // The text of a view contains its own schema unless that is the session's.
  const questions = [
    selectFacts(request.schema, request.charsets),
    selectObjects(request.schema),
    'SELECT DATABASE(),@@lower_case_table_names',
  ]
  const select = place.isFixed === true ? 'DO 0' : `USE ${quoteName(request.schema)}`
  const packet = [...questions, select, selectRegistered(request.schema)]
  const { answers, error } = await place.askEach(packet)
  if (error !== null && error !== undefined && !(answers.length === packet.length - 1 && isUnread(error))) throw error
  const [facts = [], rows = [], before = [], , registered = []] = answers.map((answer) => answer.rows)
  const { context, charset, collation } = readFacts([...facts, ...((await request.charsets) ?? [])], request.databases)
  const all = rows.filter(([kind]) => kind !== 'restrict').map(toListed)
  const tables = new Set(all.flatMap(({ type, name }) => (type === 'table' ? [name] : [])))
  const shards = await withTraced(place, request.schema, registered.map(toRegistered), tables)
  const names = new Set(shards.map(({ table }) => table))
  const isLeftOut = ({ type, name, row }: Listed): boolean => {
    const table = type === 'trigger' ? String(row[5]) : null
    return request.isLeftOut({ type, name, table, isRegistered: names.has(table ?? name) })
  }
  const listed: Listed[] = []
  const leftOut: string[] = []
  const leftOutTriggers: string[] = []
  for (const one of all) {
    if (!isLeftOut(one)) listed.push(one)
    else if (one.type === 'table' || one.type === 'view') leftOut.push(one.name)
    else if (one.type === 'trigger') leftOutTriggers.push(one.name)
  }
  try {
    const read = await readObjects(place, request, listed, context, readRestrictions(rows))
    return {
      snapshot: {
        format: 1,
        database: request.database,
        charset,
        collation,
        objects: sortObjects(read.flatMap(({ object }) => (object === null ? [] : [object]))),
      },
      hidden: read.flatMap(({ type, name, object }) => (object === null ? [`${type} ${name}`] : [])),
      leftOut,
      ...(leftOutTriggers.length > 0 && { leftOutTriggers }),
      foldsNames: Number(before[0]?.[1]) !== 0,
      shards,
    }
  } finally {
    const [schema] = before[0] ?? []
    const isOther = schema !== null && schema !== undefined && String(schema) !== request.schema
    if (isOther && place.isFixed !== true) await place.ask(`USE ${quoteName(String(schema))}`)
  }
}

/**
 * Kind, name, and for triggers the whole definition: their texts contain the name that the table had when they were
 * created.
 */
function selectObjects(schema: string): string {
  const of = quoteString(schema)
  return [
    `SELECT ${ownHint} IF(TABLE_TYPE='VIEW','view','table'),TABLE_NAME,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL FROM information_schema.TABLES WHERE TABLE_SCHEMA=${of} AND TABLE_TYPE IN ('BASE TABLE','VIEW')`,
    `SELECT LOWER(ROUTINE_TYPE),ROUTINE_NAME,DEFINER,NULL,NULL,NULL,NULL,NULL,NULL,NULL FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA=${of} AND ROUTINE_TYPE IN ('PROCEDURE','FUNCTION')`,
    `SELECT 'trigger',TRIGGER_NAME,DEFINER,ACTION_TIMING,EVENT_MANIPULATION,EVENT_OBJECT_TABLE,ACTION_STATEMENT,SQL_MODE,ACTION_ORDER,COLLATION_CONNECTION FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA=${of}`,
    // Servers of 8.0 omit RESTRICT from SHOW CREATE TABLE.
    `SELECT 'restrict',CONSTRAINT_NAME,TABLE_NAME,UPDATE_RULE,DELETE_RULE,NULL,NULL,NULL,NULL,NULL FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE VERSION() LIKE '8.0.%' AND CONSTRAINT_SCHEMA=${of} AND 'RESTRICT' IN (UPDATE_RULE,DELETE_RULE)`,
    `SELECT 'event',EVENT_NAME,DEFINER,NULL,NULL,NULL,NULL,NULL,NULL,NULL FROM information_schema.EVENTS WHERE EVENT_SCHEMA=${of}`,
  ].join(' UNION ALL ')
}

const types: readonly ObjectSnapshot['type'][] = ['table', 'view', 'procedure', 'function', 'trigger', 'event']

function toListed(row: Row): Listed {
  const type = types.find((one) => one === String(row[0]))
  if (type === undefined) throw new Error(`an object of the kind ${String(row[0])} was not asked for`)
  return { type, name: String(row[1]), row }
}

/** By table. */
type Restrictions = ReadonlyMap<string, Map<string, RestrictedKey>>

function readRestrictions(rows: readonly Row[]): Restrictions {
  const restrictions = new Map<string, Map<string, RestrictedKey>>()
  for (const [kind, name, table, update, remove] of rows) {
    if (kind !== 'restrict') continue
    const rules = restrictions.get(String(table)) ?? new Map<string, RestrictedKey>()
    rules.set(String(name), { onUpdate: update === 'RESTRICT', onDelete: remove === 'RESTRICT' })
    restrictions.set(String(table), rules)
  }
  return restrictions
}

interface ReadObject {
  readonly type: ObjectSnapshot['type']
  readonly name: string
  /** Null where this user may not read it. */
  readonly object: ObjectSnapshot | null
}

async function readObjects(
  place: SchemaPlace,
  { schema, ahead, keepsTexts = false }: SnapshotRequest,
  listed: readonly Listed[],
  context: NormalFormContext,
  restrictions: Restrictions,
): Promise<readonly ReadObject[]> {
  const known = ({ type, name, row }: Listed): ObjectSnapshot | undefined =>
    type === 'trigger' ? readTrigger(row) : type === 'table' ? ahead?.get(name) : undefined
  const found: ReadObject[] = []
  let left = listed.filter((one) => {
    const object = known(one)
    if (object !== undefined) found.push({ type: one.type, name: one.name, object })
    return object === undefined
  })
  while (left.length > 0) {
    const batch = left.slice(0, together)
    const texts = batch.map(({ type, name }) => `SHOW CREATE ${type.toUpperCase()} ${quoteQualified(schema, name)}`)
    const { answers, error } = await place.askEach(texts, (answer, index) => {
      const one = batch[index]
      if (one !== undefined)
        found.push({
          type: one.type,
          name: one.name,
          object: restrict(readShown(one, answer, context, keepsTexts), restrictions),
        })
    })
    left = left.slice(answers.length)
    if (error === null || error === undefined) continue
    const [failed] = left
    // Dropped between the list and its text; or a view, whose text needs SHOW VIEW.
    if (failed === undefined || !hasNumber(error, ...gone, ...denied)) throw error
    if (hasNumber(error, ...denied)) found.push({ type: failed.type, name: failed.name, object: null })
    left = left.slice(1)
  }
  return found
}

/** Unknown table, procedure or function, event. */
const gone = [serverErrors.unknownTable, 1305, 1539]

/** A privilege on the schema, on a table or view, or on a routine is missing. */
const denied = [1044, 1142, 1370]

function restrict(object: ObjectSnapshot | null, restrictions: Restrictions): ObjectSnapshot | null {
  const rules = object?.type === 'table' ? restrictions.get(object.name) : undefined
  return object?.type === 'table' && rules !== undefined ? withRestrictions(object, rules) : object
}

function readShown(
  { type, name, row }: Listed,
  { rows }: Answer,
  context: NormalFormContext,
  keepsTexts: boolean,
): ObjectSnapshot | null {
  const cells = rows[0] ?? []
  const cell = (at: number): string | null => (cells[at] === null || cells[at] === undefined ? null : String(cells[at]))
  const code = { name, definer: row[2] === null ? '' : String(row[2]), timeZone: null, table: null, order: 0 }
  switch (type) {
    case 'table': {
      const text = cell(1)
      if (text === null) return null
      return keepsTexts ? showTable(name, text, context) : normalizeTable(name, text, context)
    }
    case 'view': {
      const text = cell(1)
      const [, user = '', host = ''] = /DEFINER=`((?:[^`]|``)*)`@`((?:[^`]|``)*)`/.exec(text ?? '') ?? []
      return text === null
        ? null
        : {
            ...code,
            type,
            text: normalizeView(text, context),
            sqlMode: null,
            definer: `${user}@${host}`,
            ...madeUnder(cell(3)),
          }
    }
    case 'procedure':
    case 'function': {
      const text = cell(2)
      return text === null
        ? null
        : {
            ...code,
            type,
            text: normalizeRoutine(withLineFeeds(text)),
            sqlMode: orderModes(cell(1) ?? ''),
            ...madeUnder(cell(4)),
          }
    }
    case 'event': {
      const text = cell(3)
      return text === null
        ? null
        : {
            ...code,
            type,
            text: withoutDefiner(withLineFeeds(text)),
            sqlMode: orderModes(cell(1) ?? ''),
            timeZone: cell(2),
            ...madeUnder(cell(5)),
          }
    }
    default:
      throw new Error(`${type} ${name} has no SHOW CREATE of its own`)
  }
}

/** The collation_connection of the session that created it. */
function madeUnder(collation: string | null): Pick<CodeSnapshot, 'collation'> {
  return collation === null ? {} : { collation: modernCharset(collation) }
}

/** The server keeps the line ends of a body as they were sent; migrations are sent with LF. */
function withLineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n')
}

function readTrigger([, name, definer, time, event, table, statement, sqlMode, order, collation]: Row): CodeSnapshot {
  return {
    type: 'trigger',
    name: String(name),
    text: `CREATE TRIGGER ${quoteName(String(name))} ${String(time)} ${String(event)} ON ${quoteName(String(table))} FOR EACH ROW ${withLineFeeds(String(statement))}`,
    definer: String(definer),
    sqlMode: orderModes(String(sqlMode)),
    timeZone: null,
    table: String(table),
    order: Number(order),
    ...madeUnder(String(collation)),
  }
}
