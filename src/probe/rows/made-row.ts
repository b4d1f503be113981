import { quoteName, quoteString } from '../../sql/quote-name.ts'

/** The rows that copies get before their samples are tried. */
export interface RowsToMake {
  /** Those that the project has for its tables, in its own order. */
  readonly given: readonly GivenRows[]
  /** The samples: rows are made that they find. */
  readonly texts: readonly string[]
  /** Without NULL, and with texts that are short, different and numbers: for a change that refuses others. */
  readonly isPlain: boolean
}

/** The rows of one table. */
export interface GivenRows {
  readonly table: string
  readonly rows: readonly ReadonlyMap<string, RowValue>[]
}

/**
 * A value as it is written:
 * - `sql`     an expression without a name in it
 * - `found`   the value of a column in the row of a table that has such a key
 * - `parent`  that of one of the rows of a table, in the order of the referenced columns: the same number for each column of a key
 */
export type RowValue =
  | { readonly type: 'sql'; readonly text: string }
  | {
      readonly type: 'found'
      readonly table: string
      readonly column: string
      readonly key: ReadonlyMap<string, string>
    }
  | {
      readonly type: 'parent'
      readonly table: string
      readonly column: string
      readonly order: readonly string[]
      readonly number: number
    }

/** A row to write. */
export interface MadeRow {
  readonly table: string
  /** `instead` is written where the server took none of those that were given for the table. */
  readonly by: 'given' | 'instead' | 'made'
  readonly values: ReadonlyMap<string, RowValue>
}

/** A column of a copy. */
export interface MadeColumn {
  readonly name: string
  /** `DATA_TYPE` in lower case: `int`, `varchar`. */
  readonly type: string
  /** As the server writes it: `enum('a','b')`, `tinyint(1)`. */
  readonly written: string
  readonly nullable: boolean
  readonly generated: boolean
  /** Characters of a text, bytes of others. */
  readonly length: number | null
  readonly precision: number | null
  readonly scale: number | null
  /** Digits of the fraction of a second. */
  readonly fraction: number
  readonly spatialReference: number | null
}

/** A foreign key to a table of the same schema. */
export interface MadeKey {
  readonly columns: readonly string[]
  readonly parent: string
  readonly parentColumns: readonly string[]
}

/** A copy. */
export interface MadeTable {
  readonly name: string
  readonly columns: readonly MadeColumn[]
  /** Columns of its primary and unique keys. */
  readonly unique: readonly (readonly string[])[]
  readonly keys: readonly MadeKey[]
  /** True where a foreign key references another schema: of that no rows are there. */
  readonly refersOutside: boolean
}

export const sql = (text: string): RowValue => ({ type: 'sql', text })

/** Without regard to case. */
export function findColumn({ columns }: Pick<MadeTable, 'columns'>, name: string): MadeColumn | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
}

/** The statement that writes a row. @param countOf how many rows a table has: a parent is chosen among them */
export function writeRow({ table, values }: MadeRow, countOf: (table: string) => number): string {
  const names = [...values.keys()].map(quoteName).join(',')
  const written = [...values.values()].map((value) => writeValue(value, countOf)).join(',')
  return `INSERT INTO ${quoteName(table)} (${names}) VALUES (${written})`
}

/** A derived table, as a row may name others of its own table. */
function writeValue(value: RowValue, countOf: (table: string) => number): string {
  switch (value.type) {
    case 'sql':
      return value.text
    case 'found': {
      const { table, column, key } = value
      const where = [...key].map(([name, text]) => `${quoteName(name)}=${quoteString(text)}`).join(' AND ')
      return `(SELECT v FROM (SELECT ${quoteName(column)} v FROM ${quoteName(table)} WHERE ${where} LIMIT 1) found)`
    }
    case 'parent': {
      const { table, column, order, number } = value
      const at = number % Math.max(1, countOf(table))
      const by = order.map(quoteName).join(',')
      return `(SELECT v FROM (SELECT ${quoteName(column)} v FROM ${quoteName(table)} ORDER BY ${by} LIMIT 1 OFFSET ${at}) parent)`
    }
  }
}
