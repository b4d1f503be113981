import type { Config } from '../config/config.ts'
import type { GivenRows, RowValue } from '../probe/rows/made-row.ts'
import { quoteString } from '../sql/quote-name.ts'
import { inspectSeeds } from './files/read-seeds.ts'
import { isForEnvironment, type SeedRow, type SeedTable, type SeedValue, textOf } from './seed.ts'

/** More rows of a table show nothing more. */
const most = 30

/** The rows of the project's seeds for copies of a database's tables, those first that others refer to. What scripts write is not among them, and a file with a fault is left out. */
export function listGivenRows(config: Config, database: string): readonly GivenRows[] {
  const { seeds } = inspectSeeds(config, new Set([database]))
  const tables = seeds.flatMap((one) => one.tables)
  return orderTables(tables).map((table) => ({
    table: table.table,
    rows: table.rows
      .filter((row) => isForEnvironment(row, config.environment))
      .slice(0, most)
      .map((row) => toValues(table, row)),
  }))
}

function orderTables(tables: readonly SeedTable[]): readonly SeedTable[] {
  const ordered = new Set<SeedTable>()
  const under = new Set<SeedTable>()
  const visit = (table: SeedTable): void => {
    if (under.has(table)) return
    under.add(table)
    for (const { table: name } of table.references) for (const one of tables) if (one.table === name) visit(one)
    ordered.add(table)
  }
  for (const table of tables) visit(table)
  return [...ordered]
}

function toValues({ references }: SeedTable, { cells, references: named }: SeedRow): ReadonlyMap<string, RowValue> {
  const found = references.flatMap(({ field, column, table, key, value }): readonly (readonly [string, RowValue])[] => {
    const parts = named.get(field)
    if (parts === undefined) return []
    if (parts === null) return [[column, { type: 'sql', text: 'NULL' }]]
    const texts = parts.map((cell) => textOf(cell.value) ?? '')
    return [
      [column, { type: 'found', table, column: value, key: new Map(key.map((name, at) => [name, texts[at] ?? ''])) }],
    ]
  })
  return new Map([...[...cells].map(([column, { value }]) => [column, toValue(value)] as const), ...found])
}

function toValue(value: SeedValue): RowValue {
  const text = value.type === 'null' ? 'NULL' : value.type === 'number' ? value.text : quoteString(value.text)
  return { type: 'sql', text }
}
