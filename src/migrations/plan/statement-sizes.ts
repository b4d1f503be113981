import { nothingKnown, type Schema, stateOfTable } from '../../ddl/schema.ts'
import type { Statement } from '../../sql/statement.ts'
import type { TableSize } from '../plan.ts'

/** A statement with the tables before it, where they are known. */
interface SizedStatement {
  readonly statement: Statement
  readonly tables?: Schema
}

/** The largest existing table among those that a statement changes. */
function sizeOf({ objects }: Statement, tables: Schema): TableSize | null {
  const sizes = objects.flatMap((name): readonly TableSize[] => {
    const state = name.type === 'table' ? stateOfTable(tables, name) : null
    if (state?.type !== 'table' || state.table.rows === undefined) return []
    return [{ table: name.name, rows: state.table.rows, bytes: state.table.bytes ?? 0 }]
  })
  return sizes.toSorted((left, right) => right.bytes - left.bytes)[0] ?? null
}

/** The same for each statement of a step; on shards of several shapes the largest table. */
export function sizesOf(own: readonly SizedStatement[]): ReadonlyMap<number, TableSize> {
  const sizes = new Map<number, TableSize>()
  for (const { statement, tables } of own) {
    const size = sizeOf(statement, tables ?? nothingKnown)
    const known = sizes.get(statement.index)
    if (size !== null && (known === undefined || known.bytes < size.bytes)) sizes.set(statement.index, size)
  }
  return sizes
}
