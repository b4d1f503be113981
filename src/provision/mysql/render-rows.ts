import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RecipeTable } from '../ports.ts'

/** The statement that fills a table of a clone from that of the template. */
export function renderRows(table: RecipeTable, from: string, to: string): string | null {
  if (table.columns === null) return null
  const target = quoteQualified(to + table.schema.slice(from.length), table.table)
  const names = table.columns.map(quoteName)
  return `INSERT INTO ${target} (${names.join(',')}) ${selectRows({ ...table, columns: table.columns }, from, to)}`
}

/** The rows of the template's table as the clone has them, under the names of its columns. */
export function selectRows(
  { schema, table, columns, naming }: RecipeTable & { readonly columns: readonly string[] },
  from: string,
  to: string,
): string {
  const values = columns.map((name) => {
    const value = renderValue(name, naming[name], from, to)
    return value === quoteName(name) ? value : `${value} AS ${quoteName(name)}`
  })
  return `SELECT ${values.join(',')} FROM ${quoteQualified(schema, table)}`
}

/** Our own tables name schemas: those of the clone must name the clone's. */
function renderValue(name: string, naming: 'json' | 'text' | undefined, from: string, to: string): string {
  const column = quoteName(name)
  const replaced = (text: string): string => `REPLACE(${text},${quoteString(from)},${quoteString(to)})`
  if (naming === 'json') return `CAST(${replaced(`CAST(${column} AS CHAR)`)} AS JSON)`
  return naming === 'text' ? replaced(column) : column
}
