import { applyStatement } from '../ddl/apply-statement.ts'
import { readKnownCall } from '../ddl/follow-calls.ts'
import { nothingKnown, routineKey, type Schema, type TriggerState, tableKey } from '../ddl/schema.ts'
import { classifyStatement } from '../sql/classify.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import { type CalledProcedures, readCall } from '../sql/procedures/read-call.ts'
import { readSources } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import { listFunctionsCalled, listNamed } from './called-functions.ts'
import { isPlainInsert } from './plain-rows.ts'
import { bodyOf, enablesEvent } from './stored-body.ts'
import { selectionOf } from './taken-rows.ts'
import { type NamedTable, readDeletedTables, readUpdatedTables } from './written-tables.ts'

/** A statement that another one runs, now or later: in a procedure that is called, in a trigger that fires, or in the body of a trigger, an event or a function. */
export interface InnerStatement {
  readonly statement: Statement
  /** The tables before it. */
  readonly tables: Schema
  /**
   * The trigger that runs it, where it exists on the server already; absent for what the statement itself calls or
   * creates.
   */
  readonly trigger?: TriggerState
  /** True where it may run more than once: in a loop, for each row of a query, or for each row that fires its trigger. */
  readonly repeats?: true
}

const bodies = ['CREATE TRIGGER', 'CREATE EVENT', 'ALTER EVENT', 'CREATE FUNCTION']

/** True where a statement may run others. */
export function hasInner(statement: Statement, known: Schema = nothingKnown): boolean {
  return (
    statement.class === 'call' ||
    bodies.includes(statement.verb) ||
    listFired(statement, known).length > 0 ||
    findFunctions(statement, known).length > 0
  )
}

export const firing: ReadonlyMap<string, readonly TriggerState['event'][]> = new Map([
  ['INSERT', ['INSERT', 'UPDATE']],
  ['LOAD DATA', ['INSERT', 'DELETE']],
  ['LOAD XML', ['INSERT', 'DELETE']],
  ['REPLACE', ['INSERT', 'DELETE']],
  ['UPDATE', ['UPDATE']],
  ['DELETE', ['DELETE']],
])

/** The triggers on the server that a statement fires. An INSERT updates only with ON DUPLICATE KEY UPDATE, a LOAD deletes only with REPLACE. */
export function listFired(
  { verb, objects, text }: Pick<Statement, 'verb' | 'objects' | 'text'>,
  known: Schema,
): readonly TriggerState[] {
  const events = firing.get(verb)
  if (events === undefined || known.triggers === undefined || known.triggers.size === 0) return []
  const fires = events.filter(
    (event, at) =>
      at === 0 || verb === 'REPLACE' || new RegExp(event === 'UPDATE' ? 'duplicate' : 'replace', 'i').test(text),
  )
  const written = listChanged({ verb, objects, text }, known)
  const keys = written.map((name) => tableKey(known, name)).filter((key) => known.temporary?.has(key) !== true)
  const found = keys.flatMap((key) => known.triggers?.get(key) ?? [])
  return [...new Set(found)].filter(({ event }) => fires.includes(event))
}

/** The texts of the stored functions that a statement calls. */
function findFunctions(statement: CallingStatement, known: Schema, schema?: string): readonly string[] {
  const { functions } = known
  if (functions === undefined || functions.size === 0) return []
  return [...listFunctionsCalled(statement), ...listCalledByViews(statement, known)].flatMap((name) => {
    const text = functions.get(routineKey(known, { ...name, schema: name.schema ?? schema ?? null }))
    return text === undefined ? [] : [text]
  })
}

/** The functions of the views on the server that a statement reads, and of those behind them. */
function listCalledByViews(statement: CallingStatement, known: Schema): readonly ObjectName[] {
  const { views } = known
  if (views === undefined || views.size === 0) return []
  const keys = new Set(listNamed(statement).map((name) => tableKey(known, name)))
  for (const key of keys) for (const name of views.get(key)?.reads ?? []) keys.add(tableKey(known, name))
  return [...keys].flatMap((key) => {
    const text = views.get(key)?.text ?? ''
    return listFunctionsCalled({ verb: 'SELECT', objects: [], text, class: 'data' })
  })
}

type CallingStatement = Pick<Statement, 'verb' | 'objects' | 'text' | 'class'>

/** The tables whose rows a statement changes. */
function listChanged(
  { verb, objects, text }: Pick<Statement, 'verb' | 'objects' | 'text'>,
  known: Schema,
): readonly ObjectName[] {
  if (verb !== 'UPDATE' && verb !== 'DELETE') return objects
  const tokens = tokenize(text)
  const named = verb === 'DELETE' ? readDeletedTables(tokens) : readUpdatedTables(tokens, known)
  // Unqualified names in a body mean the body's schema.
  const meant = ({ table }: NamedTable): ObjectName => objects.find(({ name }) => name === table.name) ?? table
  return named?.map(meant) ?? objects
}

/** The effects of a CALL, or of a body whenever it runs, with all procedures that it calls; null for anything else. */
export function readInnerCall(
  tables: Schema,
  statement: Pick<Statement, 'verb' | 'class' | 'objects' | 'text'>,
  schema?: string,
): CalledProcedures | null {
  if (statement.class === 'call') return readKnownCall(tables, statement)
  if (!bodies.includes(statement.verb)) return null
  const [event] = statement.objects
  const enabled = enablesEvent(statement) && event !== undefined ? tables.events?.get(routineKey(tables, event)) : null
  const text = enabled ?? bodyOf(statement.verb, statement.text)
  const body: ObjectName = { type: 'procedure', schema: schema ?? null, name: '' }
  return readCall({
    procedure: body,
    schema: tables.schema ?? '',
    text: '',
    find: (name) => (name.name === '' ? text : tables.procedures?.get(routineKey(tables, name))),
  })
}

/**
 * The statements that one runs, in order, each with those of the triggers that it fires; statements on their own temporary tables are left out.
 */
export function listInner(statement: Statement, known: Schema = nothingKnown): readonly InnerStatement[] {
  return listWithFired(statement, known, new Set())
}

/** @param seen the triggers that were followed: the server does not let a trigger change its own table */
function listWithFired(
  statement: Statement,
  known: Schema,
  seen: ReadonlySet<TriggerState>,
  schema?: string,
): readonly InnerStatement[] {
  const own = [...listOwnInner(statement, known, schema), ...listOfFunctions(statement, known, schema)]
  const all = [{ statement, tables: known }, ...own]
  return all.flatMap((one): readonly InnerStatement[] => {
    const fired = listFired(one.statement, one.tables).filter((trigger) => !seen.has(trigger))
    const inside = fired.flatMap((trigger) => {
      const made = { ...statement, ...classifyStatement(trigger.text), text: trigger.text }
      const inner = listWithFired(made, one.tables, new Set([...seen, trigger]), trigger.schema)
      return inner.map((each) => ({
        trigger,
        ...each,
        ...(firesOften(one.statement) ? { repeats: true as const } : {}),
      }))
    })
    return one.statement === statement ? inside : [one, ...inside]
  })
}

/** True where the rows that it writes are not listed individually. */
function firesOften(statement: Statement): boolean {
  const { verb, text } = statement
  if (verb === 'INSERT' || verb === 'REPLACE') return !isPlainInsert(statement)
  if (verb !== 'UPDATE' && verb !== 'DELETE') return true
  return selectionOf(tokenize(text), verb) !== 'value'
}

/** The statements of the functions that a statement calls, and of those that these call. */
function listOfFunctions(statement: Statement, known: Schema, schema?: string): readonly InnerStatement[] {
  const seen = new Set<string>()
  const found: InnerStatement[] = []
  const follow = (one: CallingStatement, isRepeated: boolean): void => {
    const isOften = isRepeated || readSources(tokenize(one.text)).length > 0
    for (const text of findFunctions(one, known, schema)) {
      if (seen.has(text)) continue
      seen.add(text)
      const { statements, repeated } = readBody(text)
      for (const [at, inside] of statements.entries()) {
        const facts = classifyStatement(inside)
        const { file, line, column } = statement
        const each = { ...facts, text: inside, file, line, column, index: 0, hash: '' }
        const isLoop = isOften || repeated[at] === true
        found.push({ statement: each, tables: known, ...(isLoop ? { repeats: true } : {}) })
        follow(each, isLoop)
      }
    }
  }
  follow(statement, false)
  for (const one of listOwnInner(statement, known, schema)) follow(one.statement, one.repeats === true)
  return found
}

function listOwnInner(statement: Statement, known: Schema, schema?: string): readonly InnerStatement[] {
  if (statement.class !== 'call' && !bodies.includes(statement.verb)) return []
  let tables = known
  const temporary = new Set<string>()
  const called = readInnerCall(known, statement, schema)
  return (called?.statements ?? []).flatMap((one, at): readonly InnerStatement[] => {
    if (one.class === 'call' || one.class === 'execute') return []
    const before = tables
    if (statement.class === 'call') tables = applyStatement(tables, one)
    if (one.verb === 'CREATE TEMPORARY TABLE') for (const { name } of one.objects) temporary.add(name.toLowerCase())
    const isOwn = one.objects.length > 0 && one.objects.every(({ name }) => temporary.has(name.toLowerCase()))
    if (isOwn && one.verb === 'DROP TABLE') for (const { name } of one.objects) temporary.delete(name.toLowerCase())
    if (isOwn) return []
    const { file, line, column } = statement
    const repeats = called?.repeated[at] === true ? { repeats: true as const } : {}
    return [{ statement: { ...one, file, line, column, index: 0, hash: '' }, tables: before, ...repeats }]
  })
}
