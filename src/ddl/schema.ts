import { withEntry } from '../core/versioned-map.ts'
import type { ObjectName } from '../sql/statement.ts'
import { FollowedTable } from './followed-table.ts'
import { type Cascade, type Column, findKnownColumn, type Table } from './table.ts'

type Name = Pick<ObjectName, 'schema' | 'name'>

interface View {
  readonly type: 'view'
  /** The tables that the view reads; null where its definition was not read. */
  readonly reads: readonly ObjectName[] | null
  /** Empty where a statement creates it. */
  readonly columns: readonly Column[]
  /** The foreign keys to the tables behind it, as for a table. */
  readonly cascades?: readonly Cascade[]
  readonly updates?: readonly Cascade[]
}

/**
 * What has a name in a schema:
 * - `table`   one that a server described, or that statements created or changed (`FollowedTable`)
 * - `absent`  the server has none of this name, or a statement dropped or renamed it
 * - `unknown` no server was asked, and no readable statement created it
 */
export type SchemaObject =
  | { readonly type: 'table'; readonly table: Table }
  | View
  | { readonly type: 'absent' }
  | { readonly type: 'unknown' }

/**
 * The same for a plan, which distinguishes rows from before it. A `table` existed when the plan was made.
 * - `new` an earlier statement of the same plan creates it: it contains no data from before the run. Its definition is null for a temporary table.
 */
export type TableState = SchemaObject | { readonly type: 'new'; readonly table: Table | null }

/** A trigger that is on the server. */
export interface TriggerState {
  readonly schema: string
  readonly name: string
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** The CREATE TRIGGER that makes it. */
  readonly text: string
}

/** A view that is on the server. */
export interface ViewText {
  readonly reads: readonly ObjectName[]
  /** Its query; empty where the account may not read it. */
  readonly text: string
}

/** What statements write to. */
export interface Written {
  /** The tables and views whose rows are deleted or get other values. */
  readonly parents: readonly ObjectName[]
  /**
   * The views among them, with those behind them, as `readViews` returns them: they are read once for triggers and for this.
   */
  readonly views: ReadonlyMap<string, ViewText>
}

/**
 * What is known about a schema, and about the session that changes it, before a statement. `applyStatement` returns the next
 * state.
 */
export interface Schema {
  /** The schema that unqualified names mean; null without a server. */
  readonly schema: string | null
  /** The logical database whose placeholder means this schema; absent where placeholders are replaced. */
  readonly database?: string
  /**
   * Whether the server treats `T` and `t` as one table (`lower_case_table_names` other than 0). Absent without a server: then a name that a
   * plan writes in two ways may mean one table or two, and nothing is known about it.
   */
  readonly foldsNames?: boolean
  /** By `objectKey`. */
  readonly states: ReadonlyMap<string, SchemaObject>
  /** The `states` when unreadable code last ran: it may have changed everything that has stayed the same since. */
  readonly forgotten?: ReadonlyMap<string, SchemaObject>
  /**
   * Whether a file is part of the plan, so that what it creates is new. By default every file is; of a history, none.
   */
  readonly isPlanned?: (file: string) => boolean
  /** Where `foldsNames` is absent: how the plan writes each name, by `objectKey`; null where it writes it in several ways. */
  readonly spellings?: ReadonlyMap<string, string | null>
  /** Columns that the plan added to existing tables, in lower case, by `tableKey`. */
  readonly ownColumns?: ReadonlyMap<string, ReadonlySet<string>>
  /** Texts of procedures by `routineKey`; null where the account may not read one. A procedure that is not listed is unknown. */
  readonly procedures?: ReadonlyMap<string, string | null>
  /** Texts of functions that statements call, by `routineKey`. One that is not listed is built in, or unknown. */
  readonly functions?: ReadonlyMap<string, string>
  /** The views on the server that statements use, with those behind them, by `tableKey`. */
  readonly views?: ReadonlyMap<string, ViewText>
  /** The bodies of events on the server that statements change, by `routineKey`. */
  readonly events?: ReadonlyMap<string, string>
  /** The session's temporary tables, by `tableKey`: each hides a table of its name. */
  readonly temporary?: ReadonlySet<string>
  /** The triggers that a write to a table or through a view fires, by `tableKey`. */
  readonly triggers?: ReadonlyMap<string, readonly TriggerState[]>
  /** The statements that set user variables and prepared statements, by `@name` and by `name`. */
  readonly texts?: ReadonlyMap<string, readonly string[]>
}

export const nothingKnown: Schema = { schema: null, states: new Map() }

export const absent: SchemaObject = { type: 'absent' }
export const unknown: SchemaObject = { type: 'unknown' }
const temporaryTable: TableState = { type: 'new', table: null }

/** Two names share a key only where the server is known to treat them as one table: otherwise `DROP TABLE t` after `CREATE TABLE T` would lose the rows of `t` unnoticed. */
export function tableKey(
  { schema, database, foldsNames }: Pick<Schema, 'schema' | 'database' | 'foldsNames'>,
  name: Name,
): string {
  const isOwn = name.schema === null || (database !== undefined && name.schema === `{{schema:${database}}}`)
  const key = `${(isOwn ? schema : name.schema) ?? ''}\u0000${name.name}`
  return foldsNames === true ? key.toLowerCase() : key
}

/**
 * The key of a name in `states`: also folded where no server says whether it should be, because the files of a history mean
 * one table.
 */
export function objectKey(schema: Pick<Schema, 'schema' | 'database' | 'foldsNames'>, name: Name): string {
  const key = tableKey(schema, name)
  return schema.foldsNames === undefined ? key.toLowerCase() : key
}

/** The same for a routine: every server compares the names of routines without regard to case, and their schemas' names like tables. */
export function routineKey(schema: Pick<Schema, 'schema' | 'database' | 'foldsNames'>, name: Name): string {
  return tableKey(schema, { schema: name.schema, name: name.name.toLowerCase() })
}

/** Whether what a statement of this file creates is new. */
export function isPlanned({ isPlanned: isOfPlan }: Schema, { file = '' }: { readonly file?: string }): boolean {
  return isOfPlan?.(file) ?? true
}

/** The object of a name, whatever the session hides. */
export function objectAt(schema: Schema, name: Name): SchemaObject {
  const key = objectKey(schema, name)
  const found = schema.states.get(key) ?? unknown
  if (schema.forgotten?.get(key) !== found) return found
  return found.type === 'table' ? FollowedTable.forget(found) : unknown
}

/**
 * What files say about a name of their own schema: a name of another schema, or one that is built from a placeholder, is
 * `unknown`.
 */
export function findObject(schema: Schema, name: Name): SchemaObject {
  const isOwn = tableKey(schema, name) === tableKey(schema, { schema: null, name: name.name })
  if (!isOwn || name.name.includes('{{') || schema.temporary?.has(tableKey(schema, name)) === true) return unknown
  return objectAt(schema, name)
}

/** What a plan knows of a table. */
export function stateOfTable(schema: Schema, name: Name): TableState {
  if (schema.temporary?.has(tableKey(schema, name)) === true) return temporaryTable
  if (isAmbiguous(schema, name)) return unknown
  const found = objectAt(schema, name)
  if (!(found instanceof FollowedTable) || found.madeIn === null) return found
  if (!isPlanned(schema, { file: found.madeIn })) return found.table.partial === true ? unknown : found
  // Without a server, `t` is not new just because `T` is.
  if (schema.foldsNames === undefined && found.name !== name.name) return found
  return found.isForgotten ? unknown : found.asNew
}

/** Whether one of these files created the existing table. Case counts: `t` is not theirs just because `T` is. */
export function isMadeIn(schema: Schema, name: Name, files: ReadonlySet<string>): boolean {
  const found = objectAt(schema, name)
  return found instanceof FollowedTable && found.madeIn !== null && files.has(found.madeIn) && found.name === name.name
}

/**
 * What is known to statements that see no temporary table of this session: RENAME TABLE, and code that runs later in other
 * sessions.
 */
export function withoutTemporary(schema: Schema): Schema {
  if (schema.temporary === undefined) return schema
  const { temporary: _temporary, ...lasting } = schema
  return lasting
}

/** True where the plan also writes the name in another case, and no server says whether it is the same table. */
function isAmbiguous(schema: Schema, name: Name): boolean {
  const written = schema.foldsNames === undefined ? schema.spellings?.get(objectKey(schema, name)) : undefined
  return written !== undefined && written !== tableKey(schema, name)
}

/** The schema with another object under a name. */
export function withState(schema: Schema, name: Name, state: SchemaObject, isOfPlan = true): Schema {
  const key = objectKey(schema, name)
  const states = withEntry(schema.states, key, state)
  if (schema.foldsNames !== undefined || !isOfPlan) return { ...schema, states }
  const [written, known] = [tableKey(schema, name), schema.spellings?.get(key)]
  if (known === written || known === null) return { ...schema, states }
  return {
    ...schema,
    states,
    spellings: withEntry(schema.spellings ?? new Map(), key, known === undefined ? written : null),
  }
}

/** The names of the schema's own tables in lower case. */
export function listTableNames(
  schema: Schema,
  isWanted: (object: SchemaObject) => boolean = () => true,
): readonly string[] {
  const prefix = tableKey(schema, { schema: null, name: '' }).toLowerCase()
  return [...schema.states].flatMap(([key, object]) =>
    object.type === 'table' && key.startsWith(prefix) && !key.includes('{{') && isWanted(object)
      ? [key.slice(prefix.length).toLowerCase()]
      : [],
  )
}

/** The schema's own tables; this reads each of them. */
export function listTables(schema: Schema, isWanted?: (object: SchemaObject) => boolean): readonly Table[] {
  return listTableNames(schema, isWanted).flatMap((name) => {
    const found = objectAt(schema, { schema: null, name })
    return found.type === 'table' ? [found.table] : []
  })
}

/** The name of a table as statements write it. Reads no table. */
export function nameOfTable(object: Extract<SchemaObject, { readonly type: 'table' }>): string {
  return object instanceof FollowedTable ? object.name : object.table.name
}

/** Tables that may have a foreign key: the others are not read. */
export function listReferringTables(schema: Schema): readonly Table[] {
  return listTables(schema, (object) => !(object instanceof FollowedTable) || object.mayRefer)
}

/** The first table of a statement, if it is known to exist. */
export function findPresentTable(
  { objects }: { readonly objects: readonly ObjectName[] },
  schema: Schema | undefined,
): Table | null {
  const [name] = objects
  const state = name === undefined ? null : stateOfTable(schema ?? nothingKnown, name)
  return state?.type === 'table' ? state.table : null
}

/** The names of a table's columns; null where not all are known. Every table has a column: an empty list was not read. */
export function knownColumns(state: TableState): readonly string[] | null {
  const table = state.type === 'table' || state.type === 'new' ? state.table : null
  return table === null || table.partial === true || table.columns.length === 0
    ? null
    : table.columns.map(({ name }) => name)
}

/** True when no value of the column is from before the run: the plan added it, or it does not exist yet. */
export function isOwnColumn(schema: Schema, table: Name, column: string): boolean {
  const state = stateOfTable(schema, table)
  if (state.type === 'new' || state.type === 'absent') return true
  const own = isAmbiguous(schema, table) ? undefined : schema.ownColumns?.get(tableKey(schema, table))
  if (own?.has(column.toLowerCase()) === true) return true
  const isRead = state.type === 'table' && state.table.columns.length > 0
  return isRead && schema.forgotten === undefined && findKnownColumn(state.table, column) === null
}

/** What the statements of the plan created, by `objectKey`. */
export function listNew(schema: Schema): readonly (readonly [string, SchemaObject])[] {
  return [...schema.states].filter(
    ([key, state]) =>
      state instanceof FollowedTable &&
      state.madeIn !== null &&
      !state.isForgotten &&
      schema.forgotten?.get(key) !== state,
  )
}
