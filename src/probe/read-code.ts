import { routineKey, type Schema, type TriggerState, tableKey, type ViewText } from '../ddl/schema.ts'
import { listFunctionsCalled, listNamed } from '../lint/called-functions.ts'
import { bodyOf, enablesEvent } from '../lint/stored-body.ts'
import { classifyStatement } from '../sql/classify.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import { preparedLiteral } from '../sql/procedures/read-call.ts'
import { listTablesRead } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { listProceduresToRead } from './what-to-read.ts'

/** What is asked of the server, on its own connection. */
export interface CodeReader {
  /**
   * The bodies of these procedures and of those that they call, by `routineKey`; null where the server shows no body. Procedures that do not exist
   * are left out.
   */
  readonly readProcedures: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, string | null>>
  /** The bodies of functions, of those that the server shows. */
  readonly readFunctions: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, string>>
  /** The triggers that writes to these tables and views fire, by `tableKey`. */
  readonly readTriggers: (
    names: readonly ObjectName[],
    views: ReadonlyMap<string, ViewText>,
  ) => Promise<ReadonlyMap<string, readonly TriggerState[]>>
  /** The views among these names, with those behind them, by `tableKey`. */
  readonly readViews: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, ViewText>>
  /** The bodies of these events, by `routineKey`. */
  readonly readEvents: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, string>>
}

/** Code on the server that statements run. */
export interface ServerCode {
  readonly procedures: ReadonlyMap<string, string | null>
  readonly functions: ReadonlyMap<string, string>
  readonly triggers: ReadonlyMap<string, readonly TriggerState[]>
  readonly views: ReadonlyMap<string, ViewText>
  readonly events: ReadonlyMap<string, string>
  /** Its statements. */
  readonly inner: readonly Statement[]
}

/** The longest chain of triggers and calls that is followed. */
const longestChain = 8

const writing = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD DATA', 'LOAD XML']

/** The tables that a statement may write to, and those that it renames: their triggers go with them. */
function listWritten(statement: Statement): readonly ObjectName[] {
  const { verb, objects } = statement
  if (verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length > 1)) return objects
  if (verb === 'UPDATE' || verb === 'DELETE') return [...objects, ...listTablesRead(statement)]
  return writing.includes(verb) ? objects : []
}

/** The tables and views that a statement may write to or read. */
function listTouched(statement: Statement): readonly ObjectName[] {
  const { verb } = statement
  // Most CREATE TABLEs have no query: the tables they name do not exist yet.
  const uses = usingViews.test(verb) && !(verb.endsWith(' TABLE') && listTablesRead(statement).length === 0)
  return [...listWritten(statement), ...(uses ? listNamed(statement) : [])]
}

const usingViews =
  /^(?:SELECT|TABLE|DO|SET|CALL|EXPLAIN|INSERT|REPLACE|UPDATE|DELETE|CREATE (?:VIEW|TABLE|TEMPORARY TABLE)|ALTER VIEW)$/

/** The procedures that statements call and the triggers that they fire, with those that these call and fire in turn. */
export async function readCode(
  reader: CodeReader,
  place: Pick<Schema, 'schema' | 'foldsNames'>,
  statements: readonly Statement[],
): Promise<ServerCode> {
  const procedures = new Map<string, string | null>()
  const functions = new Map<string, string>()
  const triggers = new Map<string, readonly TriggerState[]>()
  const views = new Map<string, ViewText>()
  const events = new Map<string, string>()
  const asked = new Set<string>()
  const inner: Statement[] = []
  const once = (names: readonly ObjectName[], key: (name: ObjectName) => string): readonly ObjectName[] =>
    names.filter((name) => !asked.has(key(name)) && asked.add(key(name)) !== undefined)
  let left = statements
  for (let link = 0; link < longestChain && left.length > 0; link += 1) {
    const called = await reader.readProcedures(
      once(listProceduresToRead(left), (name) => `procedure ${routineKey(place, name)}`),
    )
    const bodies = [...called].flatMap(([key, text]) =>
      procedures.has(key) || text === null ? [] : toStatements(text, key.slice(0, key.indexOf('\u0000'))),
    )
    for (const [key, text] of called) procedures.set(key, text)
    const used = await reader.readFunctions(
      once(left.flatMap(listFunctionsCalled), (name) => `function ${routineKey(place, name)}`),
    )
    const bodiesOfFunctions = [...used].flatMap(([key, text]) =>
      toStatements(text, key.slice(0, key.indexOf('\u0000'))),
    )
    for (const [key, text] of used) functions.set(key, text)
    const prepared = left.flatMap(({ text }) => toStatements(preparedLiteral(text) ?? '', place.schema))
    const written = [...left, ...bodies, ...bodiesOfFunctions, ...prepared].flatMap((one) => [
      one,
      ...insideOf(one, place.schema),
    ])
    const touched = link === 0 ? leaveOutMade(written, listTouched) : written.flatMap(listTouched)
    const seen = await reader.readViews(once(touched, (name) => `view ${tableKey(place, name)}`))
    for (const [key, view] of seen) views.set(key, view)
    const names = link === 0 ? leaveOutMade(written, listWritten) : written.flatMap(listWritten)
    const found = await reader.readTriggers(
      once(names, (name) => `table ${tableKey(place, name)}`),
      views,
    )
    const altered = await reader.readEvents(
      once(
        left.filter(enablesEvent).flatMap(({ objects }) => objects),
        (name) => `event ${routineKey(place, name)}`,
      ),
    )
    for (const [key, body] of altered) events.set(key, body)
    const bodiesOfEvents = [...altered].flatMap(([key, body]) =>
      toStatements(body, key.slice(0, key.indexOf('\u0000'))),
    )
    const queries = [...seen.values()].flatMap(({ text }) =>
      text.includes('(') ? [toStatement(text, place.schema)] : [],
    )
    const fired = [...found.values()].flat().map((trigger) => toStatement(trigger.text, trigger.schema))
    for (const [key, own] of found) triggers.set(key, own)
    const bodiesOfTriggers = fired.flatMap((one) => insideOf(one, one.objects[0]?.schema ?? place.schema))
    inner.push(...bodies, ...bodiesOfFunctions, ...prepared, ...bodiesOfTriggers, ...bodiesOfEvents)
    left = [...fired, ...bodiesOfTriggers, ...bodies, ...bodiesOfFunctions, ...bodiesOfEvents, ...queries]
  }
  return { procedures, functions, triggers, views, events, inner }
}

/** A table that an earlier statement creates has no trigger on the server, and is not a view there. */
function leaveOutMade(
  statements: readonly Statement[],
  list: (statement: Statement) => readonly ObjectName[],
): readonly ObjectName[] {
  const made = new Set<string>()
  return statements.flatMap((statement) => {
    const names = list(statement).filter(({ schema, name }) => schema !== null || !made.has(name))
    if (statement.verb === 'CREATE TABLE' && !statement.idempotent)
      for (const { schema, name } of statement.objects) if (schema === null) made.add(name)
    return names
  })
}

/** The statements in a body that a statement defines. */
function insideOf({ verb, text }: Statement, schema: string | null): readonly Statement[] {
  const body = bodyVerbs.includes(verb) ? (verb === 'CREATE PROCEDURE' ? text : bodyOf(verb, text)) : null
  return body === null ? [] : toStatements(body, schema)
}

const bodyVerbs = ['CREATE PROCEDURE', 'CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

function toStatements(body: string, schema: string | null): readonly Statement[] {
  return readBody(body).statements.map((text) => toStatement(text, schema))
}

/** Names without a schema belong to the code's own schema. */
function toStatement(text: string, schema: string | null): Statement {
  const facts = classifyStatement(text)
  const objects = facts.objects.map((name) =>
    name.type === 'account' ? name : { ...name, schema: name.schema ?? schema },
  )
  return { ...facts, objects, text, file: '', line: 1, column: 1, index: 0, hash: '' }
}
