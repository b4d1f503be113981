import { withEntry, withoutKeys } from '../core/versioned-map.ts'
import { classifyStatement } from '../sql/classify.ts'
import { readAlterations } from '../sql/clauses.ts'
import { mayBuildMove, namesInBuilt } from '../sql/procedures/built-text.ts'
import {
  type CalledProcedures,
  type CalledStatement,
  findSources,
  noteVariables,
  preparedLiteral,
  readCall,
} from '../sql/procedures/read-call.ts'
import type { Statement } from '../sql/statement.ts'
import { tokenize } from '../sql/tokens.ts'
import type { AppliedStatement } from './apply-statement.ts'
import { FollowedTable, uncertain } from './followed-table.ts'
import { readAdded } from './read-alterations.ts'
import { isPlanned, knownColumns, routineKey, type Schema, type SchemaObject, stateOfTable, unknown } from './schema.ts'
import { type Column, findKnownColumn } from './table.ts'

/** Computes the state of the tables after one statement. */
export type FollowStatement = (tables: Schema, statement: AppliedStatement) => Schema

/** The effects of a CALL, by the known texts of procedures. */
export function readKnownCall(tables: Schema, call: Pick<Statement, 'objects' | 'text'>): CalledProcedures | null {
  const procedure = call.objects[0]
  if (procedure === undefined) return null
  return readCall({
    procedure,
    schema: tables.schema ?? '',
    text: call.text,
    find: (name) => tables.procedures?.get(routineKey(tables, name)),
    ...(tables.texts === undefined ? {} : { texts: tables.texts }),
  })
}

interface MissingName {
  readonly table: string
  /** Null for the table itself. */
  readonly column: string | null
}

/**
 * The tables and columns that a CALL may create and that are known not to exist before it. Those that exist afterwards were created by the
 * CALL, even where it does so under a condition.
 */
export function listMissingBefore(tables: Schema, call: Pick<Statement, 'objects' | 'text'>): readonly MissingName[] {
  const called = readKnownCall(tables, call)
  return (called?.statements ?? []).flatMap((statement): readonly MissingName[] => {
    const [name] = statement.objects
    if (name === undefined || (name.schema ?? tables.schema) !== tables.schema) return []
    const state = stateOfTable(tables, name)
    const table = name.name
    if (statement.verb === 'CREATE TABLE') return state.type === 'absent' ? [{ table, column: null }] : []
    const columns = statement.verb === 'ALTER TABLE' && state.type === 'table' ? knownColumns(state) : null
    const has = (column: string): boolean => columns?.some((one) => one.toLowerCase() === column.toLowerCase()) === true
    const added = columns === null ? [] : readAlterations(tokenize(statement.text)).flatMap(readAdded)
    return added.flatMap(([column]) => (has(column) ? [] : [{ table, column }]))
  })
}

/** CREATE PROCEDURE and DROP PROCEDURE. */
export function followProcedure(tables: Schema, statement: CalledStatement): Schema {
  let procedures = tables.procedures ?? new Map<string, string | null>()
  for (const name of statement.objects) {
    const key = routineKey(tables, name)
    const keeps = statement.idempotent && typeof procedures.get(key) === 'string'
    if (statement.verb === 'DROP PROCEDURE') procedures = withoutKeys(procedures, [key])
    else if (statement.idempotent && !keeps && !isAbsent(tables, key)) procedures = withEntry(procedures, key, null)
    else if (!keeps) procedures = withEntry(procedures, key, statement.text)
  }
  return { ...tables, procedures }
}

/**
 * CREATE PROCEDURE IF NOT EXISTS changes nothing where the procedure may exist: one that was looked up and not found does not. Without a server, only the
 * files are known, and none of them has created it; the run asks its server.
 */
function isAbsent(tables: Schema, key: string): boolean {
  return tables.procedures?.has(key) !== true
}

/** The user variables and prepared statements after a session statement. */
export function followTexts(tables: Schema, statement: CalledStatement): Schema {
  const before = tables.texts ?? new Map<string, readonly string[]>()
  if (statement.verb !== 'PREPARE' || statement.prepared === null) {
    const texts = noteVariables(statement.text, before)
    return texts === before ? tables : { ...tables, texts }
  }
  return { ...tables, texts: withEntry(before, statement.prepared.toLowerCase(), [statement.text]) }
}

/**
 * The tables after a CALL: only what is certain in every case stays known. Certain statements take effect in order; those
 * between them may run in any order, any number of times, or not at all.
 */
export function followCall(tables: Schema, call: AppliedStatement, follow: FollowStatement): Schema {
  const called = readKnownCall(tables, call)
  if (called === null || called.missing.length > 0 || called.buildsMoves) return forget(tables)
  let after: Schema | null = followTexts(tables, call)
  let possible: AppliedStatement[] = []
  for (const [index, inner] of called.statements.entries()) {
    if (inner.class === 'call' || inner.class === 'execute') continue
    const statement = placeAt(inner, call)
    if (called.certain[index] !== true) possible.push(statement)
    else {
      after = after === null ? null : followPossible(after, possible, follow)
      after = after === null ? null : follow(after, statement)
      possible = []
    }
  }
  return (after === null ? null : followPossible(after, possible, follow)) ?? forget(tables)
}

/** What a CALL or an EXECUTE creates counts as created at its place. */
function placeAt(statement: CalledStatement, { file, line }: AppliedStatement): AppliedStatement {
  return { ...statement, ...(file !== undefined && { file }), ...(line !== undefined && { line }) }
}

/** The state after any number of runs of these statements; null where it is not found within the limit. */
function followPossible(
  tables: Schema,
  statements: readonly AppliedStatement[],
  follow: FollowStatement,
): Schema | null {
  let after = tables
  for (let round = 0; round < mostRounds; round += 1) {
    const before = after
    for (const statement of statements) after = join(after, follow(after, statement))
    if (isSame(before, after)) return after
  }
  return null
}

/** A chain of renames is known after as many rounds as it has links. */
const mostRounds = 5

export function followExecute(tables: Schema, execute: AppliedStatement, follow: FollowStatement): Schema {
  const prepare = tables.texts?.get(execute.prepared?.toLowerCase() ?? '')?.[0]
  if (prepare === undefined) return forget(tables)
  const literal = preparedLiteral(prepare)
  if (literal !== null) {
    const facts = classifyStatement(literal)
    return facts.class === 'execute' ? forget(tables) : follow(tables, placeAt({ ...facts, text: literal }, execute))
  }
  const sources = findSources(classifyStatement(prepare).userVariables, tables.texts ?? new Map())
  return sources === null || mayBuildMove(sources) ? forget(tables) : doubt(tables, namesInBuilt(sources))
}

/**
 * Tables that a text may have created, changed or dropped: they may have more columns than is known, and missing tables may now exist. Who created them is still
 * known.
 */
export function doubt(schema: Schema, names: (name: string) => boolean = () => true): Schema {
  const touched = [...schema.states].filter(([key]) => names(key.slice(key.indexOf('\u0000') + 1)))
  const states = touched.reduce((before, [key, state]): Schema['states'] => {
    if (state.type === 'absent') return withEntry(before, key, unknown)
    return state.type === 'table'
      ? withEntry(before, key, FollowedTable.change(state, uncertain, { mayRefer: true }))
      : before
  }, schema.states)
  return { ...schema, states }
}

/**
 * A table may have been renamed to a free name: one that was missing or new may contain data now. Procedures stay known:
 * the server does not allow a procedure to create, change or drop one.
 */
export function forget(schema: Schema): Schema {
  const { ownColumns: _columns, texts: _texts, temporary: _temporary, ...kept } = schema
  return { ...kept, forgotten: schema.states }
}

/** The common state of both cases. @param other what a statement made of `one` */
function join(one: Schema, other: Schema): Schema {
  if (one === other) return one
  const changed = [...other.states].filter(([key, state]) => one.states.get(key) !== state)
  const states = changed.reduce(
    (before, [key, state]) => withEntry(before, key, joinObjects(one, one.states.get(key) ?? unknown, state)),
    other.states,
  )
  const own = new Set([...(one.ownColumns?.keys() ?? []), ...(other.ownColumns?.keys() ?? [])])
  const ownColumns = new Map([...own].map((key) => [key, joinOwn(key, one, other)]))
  const temporary = new Set([...(one.temporary ?? [])].filter((key) => other.temporary?.has(key)))
  const triggers = new Map([...(one.triggers ?? []), ...(other.triggers ?? [])])
  const texts = joinTexts(one.texts ?? new Map(), other.texts ?? new Map())
  return { ...one, states, ownColumns, temporary, triggers, texts }
}

/**
 * The columns that the plan added in both cases, or in one case while the table of the other is known not to have that
 * column.
 */
function joinOwn(key: string, one: Schema, other: Schema): ReadonlySet<string> {
  const isOwn = (name: string, { states, ownColumns, foldsNames }: Schema): boolean => {
    const state = states.get(foldsNames === undefined ? key.toLowerCase() : key)
    if (ownColumns?.get(key)?.has(name) === true) return true
    return state?.type === 'table' && findKnownColumn(state.table, name) === null
  }
  const names = [...(one.ownColumns?.get(key) ?? []), ...(other.ownColumns?.get(key) ?? [])]
  return new Set(names.filter((name) => isOwn(name, one) && isOwn(name, other)))
}

/**
 * A table from before the plan takes precedence over one that the plan created, and an existing table over a missing
 * one.
 */
function joinObjects(schema: Schema, one: SchemaObject, other: SchemaObject): SchemaObject {
  if (one.type === 'unknown' || other.type === 'unknown') return unknown
  if (one.type !== 'table' || other.type !== 'table') {
    const [kept, left] = other.type === 'table' && !isMade(schema, other) ? [other, one] : [one, other]
    const found = kept.type === 'absent' || (left.type === 'table' && !isMade(schema, left)) ? left : kept
    return found.type === 'table' ? FollowedTable.change(found, uncertain) : found
  }
  if (isMade(schema, one) !== isMade(schema, other))
    return FollowedTable.change(isMade(schema, one) ? other : one, uncertain)
  return FollowedTable.change(one, (table) => ({
    ...uncertain(table),
    columns: joinColumns(table.columns, other.table.columns),
  }))
}

function isMade(schema: Schema, object: SchemaObject): boolean {
  return object instanceof FollowedTable && object.madeIn !== null && isPlanned(schema, { file: object.madeIn })
}

function joinColumns(one: readonly Column[], other: readonly Column[]): readonly Column[] {
  return [...one, ...other.filter(({ name }) => findKnownColumn({ columns: one }, name) === null)]
}

type Texts = ReadonlyMap<string, readonly string[]>

function joinTexts(one: Texts, other: Texts): Texts {
  const names = new Set([...one.keys(), ...other.keys()])
  return new Map([...names].map((name) => [name, [...new Set([...(one.get(name) ?? []), ...(other.get(name) ?? [])])]]))
}

/** Whether two schemas contain the same knowledge. */
function isSame(one: Schema, other: Schema): boolean {
  const keys = new Set([...one.states.keys(), ...other.states.keys()])
  const print = (schema: Schema, key: string): string => {
    const state = schema.states.get(key)
    return toText(state?.type === 'table' ? [state.table, isMade(schema, state)] : state)
  }
  if ([...keys].some((key) => one.states.get(key) !== other.states.get(key) && print(one, key) !== print(other, key)))
    return false
  const rest = ({ ownColumns, texts, temporary }: Schema): string =>
    toText([[...(ownColumns ?? [])], [...(texts ?? [])], [...(temporary ?? [])]])
  return rest(one) === rest(other)
}

function toText(value: unknown): string {
  return String(JSON.stringify(value, (_, one: unknown) => (one instanceof Map || one instanceof Set ? [...one] : one)))
}
