import type { ObjectName } from './statement.ts'

/** A column as information_schema.COLUMNS describes it. */
export interface ColumnState {
  readonly name: string
  /** COLUMN_TYPE, e.g. `varchar(50)`, `int unsigned`, `enum('a','b')`. */
  readonly type: string
  readonly nullable: boolean
  readonly charset: string | null
  /** What else its definition says; absent where nobody looked. */
  readonly attributes?: ColumnAttributes
  /** True where an earlier statement of the same plan adds it: it holds nothing that was there before. */
  readonly made?: boolean
}

/** What MODIFY and CHANGE drop unless they repeat it. */
export interface ColumnAttributes {
  readonly generated: 'STORED' | 'VIRTUAL' | null
  readonly autoIncrement: boolean
  /** A default other than NULL. */
  readonly hasDefault: boolean
  readonly onUpdate: boolean
  readonly hasComment: boolean
  /** It is part of the primary key, and so NOT NULL whatever its definition says. */
  readonly primary: boolean
}

/** An index, foreign key or check of a table. */
export interface KeyState {
  readonly name: string
  readonly kind: 'PRIMARY' | 'UNIQUE' | 'INDEX' | 'FOREIGN KEY' | 'CHECK'
  /** In order; empty for a check, and where they are not read. */
  readonly columns: readonly string[]
  /** True where an earlier statement of the same plan adds it. */
  readonly made?: boolean
}

/**
 * What is known of a table at the moment a statement would run:
 * - `present` it was on the server when the plan was made; rows and bytes are InnoDB's estimates
 * - `new`     an earlier statement of the same plan makes it: it holds nothing that was there before
 * - `view`    it is a view, or an earlier statement of the same plan makes it one
 * - `absent`  it is not there
 * - `unknown` nobody looked
 */
export type TableState =
  | {
      readonly type: 'present'
      readonly rows: number
      readonly bytes: number
      readonly columns: readonly ColumnState[]
      /** The character set that a column gets which names none; absent where nobody looked. */
      readonly charset?: string | null
      /** That of its schema, which CHARACTER SET DEFAULT means. */
      readonly schemaCharset?: string | null
      /** Indexes, foreign keys and checks; absent where nobody looked. */
      readonly keys?: readonly KeyState[]
    }
  | {
      readonly type: 'new'
      /** The CREATE TABLE that made it; absent once something else has changed it. */
      readonly definition?: string
    }
  | {
      readonly type: 'view'
      /** The tables behind it; null where nobody looked. */
      readonly reads: readonly ObjectName[] | null
      /** Empty where an earlier statement of the same plan makes it. */
      readonly columns: readonly ColumnState[]
    }
  | { readonly type: 'absent' }
  | { readonly type: 'unknown' }

export type PresentTable = Extract<TableState, { readonly type: 'present' }>

/** Tables by name, as far as somebody looked. */
export interface KnownTables {
  /** The schema that unqualified names mean; null where no server was asked. */
  readonly schema: string | null
  /** By `tableKey`. */
  readonly states: ReadonlyMap<string, TableState>
  /** Columns that the plan itself added to tables that were there, in lower case, by `tableKey`. */
  readonly ownColumns?: ReadonlyMap<string, ReadonlySet<string>>
  /** Texts of procedures by `tableKey`; null where the server does not show one. What is not listed is not known. */
  readonly procedures?: ReadonlyMap<string, string | null>
  /** The statements that gave user variables and prepared names what they hold, by `@name` and by `name`. */
  readonly texts?: ReadonlyMap<string, readonly string[]>
  /** True after something ran whose text is not known: a column that is not listed may have got its name there. */
  readonly unseen?: boolean
}

export const noTablesKnown: KnownTables = { schema: null, states: new Map() }

/**
 * Names are compared without regard to case: a server may hold them either way (lower_case_table_names), and taking two
 * tables for one errs towards a hazard too many.
 */
export function tableKey(tables: KnownTables, name: Pick<ObjectName, 'schema' | 'name'>): string {
  return `${name.schema ?? tables.schema ?? ''}\u0000${name.name}`.toLowerCase()
}

export function stateOfTable(tables: KnownTables, name: Pick<ObjectName, 'schema' | 'name'>): TableState {
  return tables.states.get(tableKey(tables, name)) ?? { type: 'unknown' }
}

/** True when the plan made or added the column, or nothing has it yet: no value in it was there before the run. */
export function isOwnColumn(tables: KnownTables, table: Pick<ObjectName, 'schema' | 'name'>, column: string): boolean {
  const state = stateOfTable(tables, table)
  if (state.type === 'new' || state.type === 'absent') return true
  const name = column.toLowerCase()
  if (tables.ownColumns?.get(tableKey(tables, table))?.has(name) === true) return true
  if (state.type !== 'present') return false
  const found = state.columns.find((each) => each.name.toLowerCase() === name)
  // Every table has a column: an empty list was not read.
  return found === undefined ? state.columns.length > 0 && tables.unseen !== true : found.made === true
}
