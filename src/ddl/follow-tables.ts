import { withEntry, withoutKeys } from '../core/versioned-map.ts'
import { isMark, isWord, readAlterations } from '../sql/clauses.ts'
import type { CalledStatement } from '../sql/procedures/read-call.ts'
import { readSources } from '../sql/read-sources.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'
import { alterTable } from './alter-table.ts'
import { followAddedKeys } from './follow-added-keys.ts'
import { followCall, followExecute, followProcedure, followTexts } from './follow-calls.ts'
import { followTemporary, isOfTemporary } from './follow-temporary.ts'
import { followTriggers } from './follow-triggers.ts'
import { readAdded, readDroppedColumn, readNewNames } from './read-alterations.ts'
import { readOptions, schemaDefault } from './read-options.ts'
import { type KnownTables, stateOfTable, type TableState, tableKey, withState } from './table-state.ts'

/**
 * The state of the tables after a statement. It changes with statements that create, drop, rename or alter a table, and with calls
 * that may do so.
 */
export function followTables(tables: KnownTables, statement: CalledStatement): KnownTables {
  return isOfTemporary(tables, statement)
    ? followTemporary(tables, statement, followLasting)
    : followLasting(tables, statement)
}

function followLasting(tables: KnownTables, statement: CalledStatement): KnownTables {
  const after = followStates(tables, statement)
  const triggers = followTriggers(tables, statement)
  return triggers === tables.triggers || triggers === undefined ? after : { ...after, triggers }
}

function followStates(tables: KnownTables, statement: CalledStatement): KnownTables {
  if (statement.class === 'call') return followCall(tables, statement, followTables)
  if (statement.class === 'execute') return followExecute(tables, statement, followTables)
  switch (statement.verb) {
    case 'CREATE TABLE':
      return followCreate(tables, statement)
    case 'DROP TABLE':
      return setAll(tables, statement.objects, { type: 'absent' })
    case 'RENAME TABLE':
      return followRenames(tables, statement.objects)
    case 'ALTER TABLE':
      return followAlter(tables, statement)
    case 'CREATE INDEX':
    case 'DROP INDEX':
      return followChange(tables, statement)
    case 'CREATE VIEW':
    case 'ALTER VIEW':
      return followView(tables, statement)
    case 'DROP VIEW':
      return setAll(tables, statement.objects, { type: 'absent' })
    case 'ALTER DATABASE':
      return followSchemaCharset(tables, statement)
    case 'CREATE PROCEDURE':
    case 'DROP PROCEDURE':
      return followProcedure(tables, statement)
    default:
      return statement.userVariables.length > 0 || statement.verb === 'PREPARE'
        ? followTexts(tables, statement)
        : tables
  }
}

/** A write to a view changes the tables that it reads. */
function followView(tables: KnownTables, statement: CalledStatement): KnownTables {
  const view = statement.objects[0]
  if (view === undefined) return tables
  const reads = readSources(tokenize(statement.text)).map(({ table }) => table)
  return setAll(tables, [view], { type: 'view', reads, columns: [] })
}

function followAlter(tables: KnownTables, statement: CalledStatement): KnownTables {
  const table = statement.objects[0]
  const changed = followChange(followOwnColumns(tables, statement), statement)
  const followed = table === undefined ? changed : followAddedKeys(tables, changed, table)
  const isNew = table !== undefined && stateOfTable(tables, table).type === 'new'
  const altered = isNew ? withState(followed, table, { type: 'new' }) : followed
  if (/\bexchange\b/i.test(statement.text)) return followExchange(altered, statement.objects)
  return /\brename\b/i.test(statement.text) ? followRenames(altered, statement.objects) : altered
}

/** A table that was there before the plan, after a statement that changes its definition. */
function followChange(tables: KnownTables, { objects, text }: CalledStatement): KnownTables {
  const [name] = objects
  const state = name === undefined ? null : stateOfTable(tables, name)
  if (name === undefined || state?.type !== 'table') return tables
  return withState(tables, name, { type: 'table', table: alterTable(state.table, tokenize(text), true) })
}

/** The rows of a partition are exchanged with those of a table: each may contain the data of both. */
function followExchange(tables: KnownTables, names: readonly ObjectName[]): KnownTables {
  const isNew = (name: ObjectName): boolean => ['new', 'absent'].includes(stateOfTable(tables, name).type)
  return names.every(isNew) ? tables : setAll(tables, names.filter(isNew), { type: 'unknown' })
}

/** CREATE TABLE IF NOT EXISTS changes nothing where the table may exist. */
function followCreate(tables: KnownTables, statement: CalledStatement): KnownTables {
  const table = statement.objects[0]
  if (table === undefined) return tables
  const before = stateOfTable(tables, table)
  if (statement.idempotent && before.type !== 'absent') return tables
  return setAll(tables, [table], { type: 'new', definition: statement.text })
}

/** ALTER DATABASE changes the default character set for its tables; without a name it alters the session's schema. */
function followSchemaCharset(tables: KnownTables, statement: CalledStatement): KnownTables {
  const options = readOptions(tokenize(statement.text).slice(2))
  const schemaCharset = options.get('CHARSET') ?? options.get('COLLATE')?.split('_')[0]
  if (schemaCharset === undefined || schemaCharset === schemaDefault) return tables
  const prefix = tableKey(tables, { schema: statement.objects[0]?.name ?? null, name: '' })
  const states = [...tables.states].map(([key, state]): readonly [string, TableState] =>
    state.type === 'table' && key.startsWith(prefix)
      ? [key, { type: 'table', table: { ...state.table, schemaCharset } }]
      : [key, state],
  )
  return { ...tables, states: new Map(states) }
}

/** Pairs of old and new names, one after the other. */
function followRenames(tables: KnownTables, names: readonly ObjectName[]): KnownTables {
  let after = tables
  for (let index = 0; index + 1 < names.length; index += 2) {
    const [from, to] = [names[index], names[index + 1]]
    if (from === undefined || to === undefined || from.type !== 'table') continue
    const state = stateOfTable(after, from)
    const own = after.ownColumns?.get(tableKey(after, from))
    after = setAll(setAll(after, [from], { type: 'absent' }), [to], state)
    if (own !== undefined)
      after = { ...after, ownColumns: withEntry(after.ownColumns ?? new Map(), tableKey(after, to), own) }
  }
  return after
}

/** After a rename, other tables have these names. */
function setAll(tables: KnownTables, names: readonly ObjectName[], state: TableState): KnownTables {
  const after = names.reduce((before, name) => withState(before, name, state), tables)
  if (tables.ownColumns === undefined) return after
  const keys = names.map((name) => tableKey(tables, name))
  return { ...after, ownColumns: withoutKeys(tables.ownColumns, keys) }
}

/**
 * The columns that the plan added, after an ALTER TABLE, also of a table that was not read. All clauses of
 * one statement use the names of the columns before it.
 */
function followOwnColumns(tables: KnownTables, statement: CalledStatement): KnownTables {
  const table = statement.objects[0]
  const state = table === undefined ? 'new' : stateOfTable(tables, table).type
  if (table === undefined || state === 'new' || state === 'absent') return tables
  const clauses = readAlterations(tokenize(statement.text))
  const key = tableKey(tables, table)
  const before = tables.ownColumns?.get(key) ?? new Set<string>()
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
    ? tables
    : { ...tables, ownColumns: withEntry(tables.ownColumns ?? new Map(), key, own) }
}

/** True when an existing column takes the name while this one keeps it: then one of them is dropped. */
function takes(renames: ReadonlyMap<string, string>, name: string, own: ReadonlySet<string>): boolean {
  return !renames.has(name) && [...renames].some(([from, to]) => to === name && !own.has(from))
}

/**
 * True while the sql_mode is strict, as at the start of every session of wwdb; false once a SET of the file may have
 * ended that. Computed modes are not known here: only one that extends the present mode (CONCAT) stays strict.
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
