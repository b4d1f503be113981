import { withEntry, withoutKeys } from '../core/versioned-map.ts'
import { isMark, isWord, readAlterations, skipName } from '../sql/clauses.ts'
import type { CalledStatement } from '../sql/procedures/read-call.ts'
import { readSources } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'
import { alterTable } from './alter-table.ts'
import { findCreatedName } from './created-table.ts'
import { followAddedKeys } from './follow-added-keys.ts'
import { doubt, followCall, followExecute, followProcedure, followTexts } from './follow-calls.ts'
import { followTemporary, isOfTemporary } from './follow-temporary.ts'
import { followTriggers } from './follow-triggers.ts'
import { addsReferences, FollowedTable, uncertain } from './followed-table.ts'
import { readAdded, readDroppedColumn, readNewNames } from './read-alterations.ts'
import { readOptions, schemaDefault } from './read-options.ts'
import { readTable } from './read-table.ts'
import {
  absent,
  isPlanned,
  objectAt,
  type Schema,
  type SchemaObject,
  stateOfTable,
  tableKey,
  unknown,
  withState,
} from './schema.ts'
import type { Table } from './table.ts'

/** A statement of a file, or one that a procedure runs. */
export type AppliedStatement = CalledStatement & Partial<Pick<Statement, 'file' | 'line'>>

/**
 * The schema after a statement. Statements that create, drop, rename or alter a table change it, and so do calls that may do that. The given schema stays as it is, and no table is read before it is needed. @param surely false for a statement that runs only under a condition: afterwards, either state is possible
 */
export function applyStatement(schema: Schema, statement: AppliedStatement, surely = true): Schema {
  const apply = (before: Schema, one: AppliedStatement): Schema => applyLasting(before, one, surely)
  return isOfTemporary(schema, statement) ? followTemporary(schema, statement, apply) : apply(schema, statement)
}

function applyLasting(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const after = applyToObjects(schema, statement, surely)
  const triggers = followTriggers(schema, statement)
  return triggers === schema.triggers || triggers === undefined ? after : { ...after, triggers }
}

function applyToObjects(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  if (statement.class === 'call') return followCall(schema, statement, applyStatement)
  if (statement.class === 'execute') return followExecute(schema, statement, applyStatement)
  const isOfPlan = isPlanned(schema, statement)
  switch (statement.verb) {
    case 'CREATE TABLE':
      return create(schema, statement, surely)
    case 'DROP TABLE':
    case 'DROP VIEW':
      return setAll(schema, statement.objects, surely ? absent : unknown, isOfPlan)
    case 'RENAME TABLE':
      return rename(schema, statement, surely)
    case 'ALTER TABLE':
      return alter(schema, statement, surely)
    case 'CREATE INDEX':
    case 'DROP INDEX':
      return change(schema, statement, surely)
    case 'CREATE VIEW':
    case 'ALTER VIEW':
      return createView(schema, statement, surely)
    case 'ALTER DATABASE':
      return changeCharset(schema, statement)
    case 'DROP DATABASE':
      // Files do not say whether it is the database's own schema. In either case, no table that they created has rows
      // from before.
      return isOfPlan ? schema : doubt(schema)
    case 'CREATE PROCEDURE':
    case 'DROP PROCEDURE':
      return followProcedure(schema, statement)
    default:
      return statement.userVariables.length > 0 || statement.verb === 'PREPARE'
        ? followTexts(schema, statement)
        : schema
  }
}

/** A write to a view changes the tables that it reads. */
function createView(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const view = statement.objects[0]
  if (view === undefined) return schema
  const reads = readSources(tokenize(statement.text)).map(({ table }) => table)
  const made: SchemaObject = { type: 'view', reads, columns: [] }
  return setAll(schema, [view], surely ? made : unknown, isPlanned(schema, statement))
}

function alter(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const table = statement.objects[0]
  const changed = change(followOwnColumns(schema, statement), statement, surely)
  const isOfPlan = isPlanned(schema, statement)
  const addsKeys = isOfPlan && addsReferences(statement.text)
  const altered = addsKeys && table !== undefined ? followAddedKeys(schema, changed, table) : changed
  if (/\bexchange\b/i.test(statement.text)) return isOfPlan ? exchange(altered, statement.objects) : altered
  return /\brename\b/i.test(statement.text) ? rename(altered, statement, surely) : altered
}

/** A table after a statement that changes its definition. */
function change(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const [name] = statement.objects
  const found = name === undefined ? unknown : objectAt(schema, name)
  const isOfPlan = isPlanned(schema, statement)
  if (name === undefined || found.type !== 'table') return schema
  if (isOfPlan && stateOfTable(schema, name).type === 'unknown') return schema
  const altered = FollowedTable.change(
    found,
    (table) => {
      const after = alterTable(table, tokenize(statement.text), isOfPlan)
      return surely ? after : uncertain(after)
    },
    addsReferences(statement.text) ? { mayRefer: true } : {},
  )
  return withState(schema, name, altered, isOfPlan)
}

/** The rows of a partition are exchanged with those of a table: each may contain the other's data. */
function exchange(schema: Schema, names: readonly ObjectName[]): Schema {
  const isNew = (name: ObjectName): boolean => ['new', 'absent'].includes(stateOfTable(schema, name).type)
  return names.every(isNew) ? schema : setAll(schema, names.filter(isNew), unknown, true)
}

/**
 * CREATE TABLE IF NOT EXISTS changes nothing where the table may exist; in a history, only the files are known, and a table that none of them created does not
 * exist.
 */
function create(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const [name] = statement.objects
  if (name === undefined) return schema
  const { idempotent, text, file = '' } = statement
  const isOfPlan = isPlanned(schema, statement)
  const isKept = isOfPlan
    ? stateOfTable(schema, name).type !== 'absent'
    : ['table', 'view'].includes(objectAt(schema, name).type)
  if (idempotent && isKept) return schema
  // The content of executable comments exists only on some servers.
  const isCertain = surely && !(isOfPlan && text.includes('/*!'))
  const read = (): Table => {
    const made = readCreated(schema, name, statement)
    return isCertain ? made : uncertain(made)
  }
  return setAll(schema, [name], FollowedTable.make(name.name, file, text, read), isOfPlan)
}

function readCreated(schema: Schema, name: ObjectName, statement: AppliedStatement): Table {
  const tokens = tokenize(statement.text)
  const { objects, file = '', line = 1 } = statement
  return copyTable(schema, name, tokens, { file, line }) ?? readTable({ objects, file, line }, tokens)
}

/** CREATE TABLE ... LIKE copies columns and indexes, but no foreign keys. */
function copyTable(schema: Schema, { name }: ObjectName, tokens: readonly Token[], at: Table['at']): Table | null {
  const { open: end } = findCreatedName(tokens)
  const like = isMark(tokens[end], '(') ? end + 1 : end
  if (!isWord(tokens[like], 'LIKE')) return null
  const isQualified = skipName(tokens, like + 1) > like + 2
  const found = objectAt(schema, {
    schema: isQualified ? (tokens[like + 1]?.text ?? null) : null,
    name: tokens[isQualified ? like + 3 : like + 1]?.text ?? '',
  })
  if (found.type !== 'table') return null
  const { rows: _rows, bytes: _bytes, cascades: _cascades, updates: _updates, ...copied } = found.table
  return { ...copied, name, foreignKeys: [], ...(at !== undefined && { at }) }
}

/** ALTER DATABASE changes the default character set for its tables; without a name it alters the session's schema. */
function changeCharset(schema: Schema, statement: AppliedStatement): Schema {
  const options = readOptions(tokenize(statement.text).slice(2))
  const schemaCharset = options.get('CHARSET') ?? options.get('COLLATE')?.split('_')[0]
  if (schemaCharset === undefined || schemaCharset === schemaDefault) return schema
  const prefix = tableKey(schema, { schema: statement.objects[0]?.name ?? null, name: '' })
  const states = [...schema.states].map(([key, state]): readonly [string, SchemaObject] =>
    state.type === 'table' && key.startsWith(prefix)
      ? [key, FollowedTable.change(state, (table) => ({ ...table, schemaCharset }))]
      : [key, state],
  )
  return { ...schema, states: new Map(states) }
}

/** Pairs of old and new names, one after the other. */
function rename(schema: Schema, statement: AppliedStatement, surely: boolean): Schema {
  const isOfPlan = isPlanned(schema, statement)
  const names = statement.objects
  let after = schema
  for (let index = 0; index + 1 < names.length; index += 2) {
    const [from, to] = [names[index], names[index + 1]]
    if (from === undefined || to === undefined || from.type !== 'table') continue
    const found = isOfPlan && stateOfTable(after, from).type === 'unknown' ? unknown : objectAt(after, from)
    const own = after.ownColumns?.get(tableKey(after, from))
    after = setAll(after, [from], surely ? absent : unknown, isOfPlan)
    after = setAll(after, [to], found.type === 'table' ? moveTable(found, to.name, surely) : found, isOfPlan)
    if (own !== undefined)
      after = { ...after, ownColumns: withEntry(after.ownColumns ?? new Map(), tableKey(after, to), own) }
  }
  return after
}

function moveTable(found: Parameters<typeof FollowedTable.change>[0], name: string, surely: boolean): FollowedTable {
  const move = (table: Table): Table => ({ ...(surely ? table : uncertain(table)), name })
  return FollowedTable.change(found, move, { name })
}

/** After a rename, other tables have these names. */
function setAll(schema: Schema, names: readonly ObjectName[], state: SchemaObject, isOfPlan: boolean): Schema {
  const after = names.reduce((before, name) => withState(before, name, state, isOfPlan), schema)
  if (schema.ownColumns === undefined) return after
  const keys = names.map((name) => tableKey(schema, name))
  return { ...after, ownColumns: withoutKeys(schema.ownColumns, keys) }
}

/**
 * The columns that the plan added, after an ALTER TABLE, even of a table that was not read. All clauses of one
 * statement use the names of the columns before it.
 */
function followOwnColumns(schema: Schema, statement: AppliedStatement): Schema {
  if (!isPlanned(schema, statement)) return schema
  const table = statement.objects[0]
  const state = table === undefined ? 'new' : stateOfTable(schema, table).type
  if (table === undefined || state === 'new' || state === 'absent') return schema
  const clauses = readAlterations(tokenize(statement.text))
  const key = tableKey(schema, table)
  const before = schema.ownColumns?.get(key) ?? new Set<string>()
  const dropped = new Set(clauses.flatMap((clause) => readDroppedColumn(clause)?.toLowerCase() ?? []))
  const renames = new Map(
    [...readNewNames(clauses)]
      .map(([from, to]) => [from, to.toLowerCase()] as const)
      .filter(([from, to]) => from !== to),
  )
  const kept = [...before].filter((name) => !dropped.has(name) && !takes(renames, name, before))
  const added = clauses.flatMap((clause) => readAdded(clause).map(([name]) => name.toLowerCase()))
  const own = new Set([...kept.map((name) => renames.get(name) ?? name), ...added])
  return own.size === 0 && before.size === 0
    ? schema
    : { ...schema, ownColumns: withEntry(schema.ownColumns ?? new Map(), key, own) }
}

/** True when an existing column takes the name while this one keeps it: then one of them is dropped. */
function takes(renames: ReadonlyMap<string, string>, name: string, own: ReadonlySet<string>): boolean {
  return !renames.has(name) && [...renames].some(([from, to]) => to === name && !own.has(from))
}

/**
 * True while the sql_mode is strict, as at the start of every session of wwdb; false once a SET of the file may have
 * ended that. Computed modes are not known here: only one that extends the current mode (CONCAT) stays strict.
 */
export function followStrictMode(strict: boolean, statement: Statement): boolean {
  if (!statement.sessionVariables.includes('sql_mode')) return strict
  const tokens = tokenize(statement.text)
  const at = tokens.findLastIndex(
    (token, index) => isSqlMode(token) && isMark(tokens[index + 1], assignment(tokens, index)),
  )
  const value = tokens[at + 2]
  if (isWord(value, 'CONCAT', 'CONCAT_WS') && tokens.slice(at + 2).some(isSqlMode)) return strict
  if (value === undefined || (value.type !== 'string' && value.type !== 'word' && value.type !== 'name')) return false
  return /\b(?:STRICT_TRANS_TABLES|STRICT_ALL_TABLES|TRADITIONAL)\b/i.test(value.text)
}

function isSqlMode(token: Token): boolean {
  if (token.type === 'system-variable') return /^(?:(?:session|local)\.)?sql_mode$/i.test(token.text)
  return (token.type === 'word' || token.type === 'name') && token.text.toLowerCase() === 'sql_mode'
}

function assignment(tokens: readonly Token[], at: number): '=' | ':=' {
  return tokens[at + 1]?.text === ':=' ? ':=' : '='
}
