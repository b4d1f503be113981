import { type KnownTables, routineKey, type TriggerState, tableKey } from '../ddl/table-state.ts'
import { listFunctionsCalled } from '../lint/called-functions.ts'
import { bodyOf } from '../lint/stored-body.ts'
import { classifyStatement } from '../sql/classify.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import { preparedLiteral } from '../sql/procedures/read-call.ts'
import { listTablesRead } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { listProceduresToRead } from './what-to-read.ts'

/** What is asked of the server. */
interface CodeReader {
  readonly readProcedures: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, string | null>>
  readonly readFunctions: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, string>>
  readonly readTriggers: (names: readonly ObjectName[]) => Promise<ReadonlyMap<string, readonly TriggerState[]>>
}

/** Code on the server that statements run. */
export interface ServerCode {
  readonly procedures: ReadonlyMap<string, string | null>
  readonly functions: ReadonlyMap<string, string>
  readonly triggers: ReadonlyMap<string, readonly TriggerState[]>
  /** The statements in it. */
  readonly inner: readonly Statement[]
}

/** The longest chain of triggers and calls that is followed. */
const longestChain = 8

const writing = ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD DATA', 'LOAD XML']

/** The tables that a statement may write to, and those that get another name: their triggers go with them. */
function listWritten(statement: Statement): readonly ObjectName[] {
  const { verb, objects } = statement
  if (verb === 'RENAME TABLE' || (verb === 'ALTER TABLE' && objects.length > 1)) return objects
  if (verb === 'UPDATE' || verb === 'DELETE') return [...objects, ...listTablesRead(statement)]
  return writing.includes(verb) ? objects : []
}

/** The procedures that statements call and the triggers that they fire, with those that these call and fire in turn. */
export async function readCode(
  reader: CodeReader,
  place: Pick<KnownTables, 'schema' | 'foldsNames'>,
  statements: readonly Statement[],
): Promise<ServerCode> {
  const procedures = new Map<string, string | null>()
  const functions = new Map<string, string>()
  const triggers = new Map<string, readonly TriggerState[]>()
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
    const names = link === 0 ? leaveOutMade(written) : written.flatMap(listWritten)
    const found = await reader.readTriggers(once(names, (name) => `table ${tableKey(place, name)}`))
    const fired = [...found.values()].flat().map((trigger) => toStatement(trigger.text, trigger.schema))
    for (const [key, own] of found) triggers.set(key, own)
    const bodiesOfTriggers = fired.flatMap((one) => insideOf(one, one.objects[0]?.schema ?? place.schema))
    inner.push(...bodies, ...bodiesOfFunctions, ...prepared, ...bodiesOfTriggers)
    left = [...fired, ...bodiesOfTriggers, ...bodies, ...bodiesOfFunctions]
  }
  return { procedures, functions, triggers, inner }
}

/** A table that an earlier statement creates has no trigger on the server. */
function leaveOutMade(statements: readonly Statement[]): readonly ObjectName[] {
  const made = new Set<string>()
  return statements.flatMap((statement) => {
    const names = listWritten(statement).filter(({ schema, name }) => schema !== null || !made.has(name))
    if (statement.verb === 'CREATE TABLE' && !statement.idempotent)
      for (const { schema, name } of statement.objects) if (schema === null) made.add(name)
    return names
  })
}

/** The statements of a body that a statement makes. */
function insideOf({ verb, text }: Statement, schema: string | null): readonly Statement[] {
  const body = bodyVerbs.includes(verb) ? (verb === 'CREATE PROCEDURE' ? text : bodyOf(verb, text)) : null
  return body === null ? [] : toStatements(body, schema)
}

const bodyVerbs = ['CREATE PROCEDURE', 'CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

function toStatements(body: string, schema: string | null): readonly Statement[] {
  return readBody(body).statements.map((text) => toStatement(text, schema))
}

/** Names without a schema are those of the code's own. */
function toStatement(text: string, schema: string | null): Statement {
  const facts = classifyStatement(text)
  const objects = facts.objects.map((name) =>
    name.type === 'account' ? name : { ...name, schema: name.schema ?? schema },
  )
  return { ...facts, objects, text, file: '', line: 1, column: 1, index: 0, hash: '' }
}
