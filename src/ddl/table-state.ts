import { withEntry } from '../core/versioned-map.ts'
import { isWord } from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import { readCreatedTable } from './created-table.ts'
import { type Cascade, type Column, findKnownColumn, type SchemaObject, type Table } from './table.ts'

/**
 * What is known of a table before a statement runs. A `table` was there when the plan was made.
 * - `new`     an earlier statement of the same plan creates it: it contains no data from before the run
 * - `view`    it is a view, or an earlier statement of the same plan creates it as one
 */
export type TableState =
  | Exclude<SchemaObject, { readonly type: 'view' }>
  | {
      readonly type: 'new'
      /** The CREATE TABLE that made it; absent once something else has changed it. */
      readonly definition?: string
    }
  | {
      readonly type: 'view'
      /** The tables that the view reads; null where its definition was not read. */
      readonly reads: readonly ObjectName[] | null
      /** Empty where an earlier statement of the same plan creates it. */
      readonly columns: readonly Column[]
      /** The foreign keys to the tables behind it, as those of a table. */
      readonly cascades?: readonly Cascade[]
      readonly updates?: readonly Cascade[]
    }

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

/** The known tables by name. */
export interface KnownTables {
  /** The schema that unqualified names mean; null without a server. */
  readonly schema: string | null
  /**
   * Whether the server takes `T` and `t` for one table (`lower_case_table_names` other than 0). Absent without a server: then a name that is
   * written in two ways may mean one table or two, and nothing is known of it.
   */
  readonly foldsNames?: boolean
  /** By `tableKey`. */
  readonly states: ReadonlyMap<string, TableState>
  /** Where `foldsNames` is absent: how each name of a state is written, by the name in lower case; null where it is written in several ways. */
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
  /** True after unknown code ran: it may have given its name to a column that is not listed. */
  readonly unseen?: boolean
}

export const noTablesKnown: KnownTables = { schema: null, states: new Map() }

/** Two names have one key where the server is known to take them for one table: taken for one without that, `DROP TABLE t` after `CREATE TABLE T` would lose the rows of `t` unseen. */
export function tableKey(
  { schema, foldsNames }: Pick<KnownTables, 'schema' | 'foldsNames'>,
  name: Pick<ObjectName, 'schema' | 'name'>,
): string {
  const key = `${name.schema ?? schema ?? ''}\u0000${name.name}`
  return foldsNames === true ? key.toLowerCase() : key
}

/** The same for a routine: every server compares the names of routines without regard to case, and those of their schemas like tables. */
export function routineKey(
  tables: Pick<KnownTables, 'schema' | 'foldsNames'>,
  { schema, name }: Pick<ObjectName, 'schema' | 'name'>,
): string {
  return tableKey(tables, { schema, name: name.toLowerCase() })
}

export function stateOfTable(tables: KnownTables, name: Pick<ObjectName, 'schema' | 'name'>): TableState {
  const key = tableKey(tables, name)
  if (tables.temporary?.has(key) === true) return ownTable
  return isAmbiguous(tables, key) ? unknownTable : (tables.states.get(key) ?? unknownTable)
}

const unknownTable: TableState = { type: 'unknown' }
const ownTable: TableState = { type: 'new' }

/** What statements know that see no temporary table of this session: RENAME TABLE, and what runs later in sessions of others. */
export function withoutTemporary({ temporary: _temporary, ...tables }: KnownTables): KnownTables {
  return tables
}

/** True where another table of the statements has the same name but for its case, and no server says whether it is the same table. */
function isAmbiguous({ spellings }: KnownTables, key: string): boolean {
  return spellings?.get(key.toLowerCase()) === null
}

/** What is known with another state of a table. */
export function withState(
  tables: KnownTables,
  name: Pick<ObjectName, 'schema' | 'name'>,
  state: TableState,
): KnownTables {
  const key = tableKey(tables, name)
  const states = withEntry(tables.states, key, state)
  const known = tables.spellings?.get(key.toLowerCase())
  if (tables.foldsNames !== undefined || known === key || known === null) return { ...tables, states }
  const spellings = withEntry(tables.spellings ?? new Map(), key.toLowerCase(), known === undefined ? key : null)
  return { ...tables, states, spellings }
}

/** The first table of a statement, if it is known to exist. */
export function findPresentTable(
  { objects }: { readonly objects: readonly ObjectName[] },
  tables: KnownTables | undefined,
): Table | null {
  const [name] = objects
  const state = name === undefined ? null : stateOfTable(tables ?? noTablesKnown, name)
  return state?.type === 'table' ? state.table : null
}

/** The names of a table's columns; null where not all are known. */
export function knownColumns(state: TableState): readonly string[] | null {
  if (state.type === 'table')
    return state.table.columns.length === 0 ? null : state.table.columns.map(({ name }) => name)
  if (state.type !== 'new' || state.definition === undefined || state.definition.includes('/*!')) return null
  const created = readCreatedTable(state.definition)
  const isWhole =
    created !== null && !created.options.some((token) => isWord(token, 'SELECT', 'TABLE', 'WITH', 'VALUES'))
  return isWhole ? created.columns.map(({ name }) => name) : null
}

/** True when no value of the column is from before the run: the plan added it, or it does not exist yet. */
export function isOwnColumn(tables: KnownTables, table: Pick<ObjectName, 'schema' | 'name'>, column: string): boolean {
  const state = stateOfTable(tables, table)
  if (state.type === 'new' || state.type === 'absent') return true
  const name = column.toLowerCase()
  const key = tableKey(tables, table)
  if (!isAmbiguous(tables, key) && tables.ownColumns?.get(key)?.has(name) === true) return true
  // Every table has a column: an empty list means that the columns were not read.
  const isRead = state.type === 'table' && state.table.columns.length > 0
  return isRead && tables.unseen !== true && findKnownColumn(state.table, column) === null
}
