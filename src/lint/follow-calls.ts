import { classifyStatement } from '../sql/classify.ts'
import { findSources, mayBuildMove, noteVariables } from '../sql/procedures/built-texts.ts'
import { type CalledProcedures, type CalledStatement, preparedLiteral, readCall } from '../sql/procedures/read-call.ts'
import type { Statement } from '../sql/statement.ts'
import { type KnownTables, type PresentTable, type TableState, tableKey } from '../sql/table-state.ts'

/** How one statement leaves the tables. */
export type FollowStatement = (tables: KnownTables, statement: CalledStatement) => KnownTables

/** What a CALL comes to, by the texts of procedures that are known. */
export function readKnownCall(tables: KnownTables, call: Pick<Statement, 'objects' | 'text'>): CalledProcedures | null {
  const procedure = call.objects[0]
  if (procedure === undefined) return null
  return readCall({
    procedure,
    schema: tables.schema ?? '',
    text: call.text,
    find: (name) => tables.procedures?.get(tableKey(tables, name)),
    ...(tables.texts === undefined ? {} : { texts: tables.texts }),
  })
}

/** CREATE PROCEDURE and DROP PROCEDURE. */
export function followProcedure(tables: KnownTables, statement: CalledStatement): KnownTables {
  const procedures = new Map(tables.procedures)
  for (const name of statement.objects) {
    const key = tableKey(tables, name)
    const keeps = statement.idempotent && typeof procedures.get(key) === 'string'
    if (statement.verb === 'DROP PROCEDURE') procedures.delete(key)
    else if (statement.idempotent && !keeps && !isAbsent(tables, key)) procedures.set(key, null)
    else if (!keeps) procedures.set(key, statement.text)
  }
  return { ...tables, procedures }
}

/** CREATE PROCEDURE IF NOT EXISTS makes nothing where one may be: what was asked for and not found is not there. */
function isAbsent(tables: KnownTables, key: string): boolean {
  return tables.schema !== null && tables.procedures?.has(key) !== true
}

/** What a session statement leaves for PREPARE and EXECUTE. */
export function followTexts(tables: KnownTables, statement: CalledStatement): KnownTables {
  const before = tables.texts ?? new Map<string, readonly string[]>()
  if (statement.verb !== 'PREPARE' || statement.prepared === null) {
    const texts = noteVariables(statement.text, before)
    return texts === before ? tables : { ...tables, texts }
  }
  return { ...tables, texts: new Map(before).set(statement.prepared.toLowerCase(), [statement.text]) }
}

/**
 * The tables as a CALL may leave them: what is known afterwards is what holds in every case. Statements that are certain have
 * their effect in their place; those between them may run in any order, often, or not at all.
 */
export function followCall(tables: KnownTables, call: CalledStatement, follow: FollowStatement): KnownTables {
  const called = readKnownCall(tables, call)
  if (called === null || called.missing.length > 0 || called.buildsMoves) return forget(tables)
  let after: KnownTables | null = followTexts(tables, call)
  let uncertain: CalledStatement[] = []
  for (const [index, statement] of called.statements.entries()) {
    if (statement.class === 'call' || statement.class === 'execute') continue
    if (called.certain[index] !== true) uncertain.push(statement)
    else {
      after = after === null ? null : followPossible(after, uncertain, follow)
      after = after === null ? null : follow(after, statement)
      uncertain = []
    }
  }
  return (after === null ? null : followPossible(after, uncertain, follow)) ?? forget(tables)
}

/** What holds whether or not, and however often, these statements run; null where that is not found soon. */
function followPossible(
  tables: KnownTables,
  statements: readonly CalledStatement[],
  follow: FollowStatement,
): KnownTables | null {
  let after = tables
  for (let round = 0; round < mostRounds; round += 1) {
    const before = after
    for (const statement of statements) after = join(after, follow(after, statement))
    if (print(before) === print(after)) return after
  }
  return null
}

/** Names that a chain of renames leads to are known after as many rounds as it has links. */
const mostRounds = 5

export function followExecute(tables: KnownTables, execute: CalledStatement, follow: FollowStatement): KnownTables {
  const prepare = tables.texts?.get(execute.prepared?.toLowerCase() ?? '')?.[0]
  if (prepare === undefined) return forget(tables)
  const literal = preparedLiteral(prepare)
  if (literal !== null) {
    const facts = classifyStatement(literal)
    return facts.class === 'execute' ? forget(tables) : follow(tables, { ...facts, text: literal })
  }
  const sources = findSources(classifyStatement(prepare).userVariables, tables.texts ?? new Map())
  return sources === null || mayBuildMove(sources) ? forget(tables) : tables
}

/**
 * Something may have renamed a table to a name that was free: what was missing or new may hold data now. Procedures stay:
 * the server lets none be made, changed or dropped from within another.
 */
function forget(tables: KnownTables): KnownTables {
  const states = new Map(
    [...tables.states].flatMap(([key, state]) => (state.type === 'present' ? [[key, forgetMade(state)] as const] : [])),
  )
  const { ownColumns: _columns, texts: _texts, ...kept } = tables
  return { ...kept, states, unseen: true }
}

function forgetMade(table: PresentTable): PresentTable {
  return { ...table, columns: table.columns.map((column) => ({ ...column, made: false })) }
}

const unknown: TableState = { type: 'unknown' }

/** What holds in both cases. */
function join(one: KnownTables, other: KnownTables): KnownTables {
  if (one === other) return one
  const keys = new Set([...one.states.keys(), ...other.states.keys()])
  const states = new Map(
    [...keys].map((key) => [key, joinStates(one.states.get(key) ?? unknown, other.states.get(key) ?? unknown)]),
  )
  const ownColumns = new Map(
    [...(one.ownColumns ?? [])].map(([key, names]) => {
      const others = other.ownColumns?.get(key)
      return [key, new Set([...names].filter((name) => others?.has(name)))]
    }),
  )
  return { ...one, states, ownColumns, texts: joinTexts(one.texts ?? new Map(), other.texts ?? new Map()) }
}

function joinStates(one: TableState, other: TableState): TableState {
  if (one.type === 'unknown' || other.type === 'unknown') return unknown
  if (one.type !== 'present') return other.type === 'absent' ? one : other
  if (other.type !== 'present') return one
  return { ...one, columns: joinColumns(one.columns, other.columns) }
}

type Columns = PresentTable['columns']

/** A column that only one of them has is as it has it; one that both have is the plan's own when both say so. */
function joinColumns(one: Columns, other: Columns): Columns {
  const find = (columns: Columns, name: string) =>
    columns.find((each) => each.name.toLowerCase() === name.toLowerCase())
  const kept = one.map((column) => {
    const same = find(other, column.name)
    return same === undefined || (same.made === true) === (column.made === true) ? column : { ...column, made: false }
  })
  return [...kept, ...other.filter((column) => find(one, column.name) === undefined)]
}

type Texts = ReadonlyMap<string, readonly string[]>

function joinTexts(one: Texts, other: Texts): Texts {
  const names = new Set([...one.keys(), ...other.keys()])
  return new Map([...names].map((name) => [name, [...new Set([...(one.get(name) ?? []), ...(other.get(name) ?? [])])]]))
}

function print({ states, ownColumns, texts }: KnownTables): string {
  return JSON.stringify([
    [...states],
    [...(ownColumns ?? [])].map(([key, names]) => [key, [...names]]),
    [...(texts ?? [])],
  ])
}
