import type { TableSnapshot } from '../ddl/snapshot.ts'
import type { Column, Index, Table } from '../ddl/table.ts'
import type { Origins } from './origins.ts'
import type { ReportColumn, ReportKey, ReportOrigin, ReportTable } from './report.ts'

/** A key that the files declare; the server may not know it. */
export interface DeclaredKeyOfTable extends Omit<ReportKey, 'physical'> {
  readonly child: string
}

/** A table as its server has it, with what the files say about it. */
export function describeTable(
  database: string,
  table: TableSnapshot,
  origins: Origins,
  declared: readonly DeclaredKeyOfTable[],
): ReportTable {
  const held = table.foreignKeys.map(
    ({ columns, parentDatabase, parent, parentColumns }): ReportKey => ({
      columns,
      database: parentDatabase ?? database,
      table: parent,
      parentColumns,
      physical: true,
    }),
  )
  const identities = new Set(held.map(identify))
  const logical = declared.filter((key) => key.child === table.name && !identities.has(identify(key)))
  return {
    name: table.name,
    family: null,
    comment: unquote(table.options['COMMENT'] ?? ''),
    made: origins.ofTable(table.name),
    columns: table.columns.map((column) => {
      const { made = null, changed = null } = origins.ofColumn(table.name, column.name) ?? {}
      return { ...describeColumn(table, column), made, changed }
    }),
    indexes: table.indexes.map(({ name, columns, unique }) => ({ name, columns, unique })),
    keys: [...held, ...logical.map((key) => toKey(key, false))],
  }
}

/** The ends of a key, which is the same key whatever its name. */
function identify({ columns, database, table }: Pick<ReportKey, 'columns' | 'database' | 'table'>): string {
  return JSON.stringify([columns, database, table])
}

function toKey({ columns, database, table, parentColumns }: Omit<ReportKey, 'physical'>, physical: boolean): ReportKey {
  return { columns, database, table, parentColumns, physical }
}

function describeColumn({ indexes }: Pick<Table, 'indexes'>, column: Column): Omit<ReportColumn, 'made' | 'changed'> {
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    default: column.autoIncrement ? 'AUTO_INCREMENT' : (column.generated?.expression ?? plainNumber(column)),
    comment: column.comment,
    key: keyOf(indexes, column.name),
  }
}

/** Servers also quote numbers: a number is shown without quotes. */
function plainNumber({ type, default: value }: Column): string | null {
  const number = /^'(-?\d+(?:\.\d+)?)'$/.exec(value ?? '')?.[1]
  return number !== undefined && /int|decimal|float|double/.test(type) ? number : value
}

function keyOf(indexes: readonly Index[], column: string): ReportColumn['key'] {
  const own = indexes.filter(({ columns }) => columns.includes(column))
  if (own.some(({ name }) => name === 'PRIMARY')) return 'primary'
  if (own.some(({ unique, columns }) => unique && columns.length === 1)) return 'unique'
  return own.some(({ columns }) => columns[0] === column) ? 'index' : null
}

/** Placeholders for a table of which only the definition in a file is known. */
interface WrittenTable {
  /** The displayed name; a family's is the pattern of its shards. */
  readonly name: string
  readonly family: string | null
  /** The statement that the tokens come from, by the file of a definition; for texts as they are written. */
  readonly madeBy: (column: string | null) => {
    readonly made: ReportOrigin | null
    readonly changed: ReportOrigin | null
  }
  readonly keys: readonly ReportKey[]
}

/** A table as the files define it: of a database whose server was not read, or of a shard family. */
export function describeWritten(table: Table, { name, family, madeBy, keys }: WrittenTable): ReportTable {
  return {
    name,
    family,
    comment: unquote(table.options['COMMENT'] ?? ''),
    made: madeBy(null).made,
    columns: table.columns.map((column) => ({ ...describeColumn(table, column), ...madeBy(column.name) })),
    indexes: table.indexes.map(({ name: own, columns, unique }) => ({ name: own, columns, unique })),
    keys,
  }
}

/** A quoted SQL comment; `as it is` without quotes. */
function unquote(text: string): string {
  const inside = /^'(.*)'$/s.exec(text)?.[1]
  return inside === undefined ? text : inside.replaceAll("''", "'")
}
