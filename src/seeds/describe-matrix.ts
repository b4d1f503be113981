import { indexRows } from './order-rows.ts'
import { type DatabaseSeeds, type SeedReference, type SeedRow, textOf } from './seed.ts'
import type { SeedMatrixDocument } from './seed-plan.ts'

/** The matrices of a database with the names that people see, from the files alone. Pure. */
export function describeMatrices({ database, tables }: DatabaseSeeds): readonly SeedMatrixDocument[] {
  const find = indexRows(tables, () => true)
  const rowOf = (reference: SeedReference | undefined, name: string): SeedRow | undefined => {
    const position = reference === undefined ? null : find(reference, [name])
    return position === null ? undefined : tables[position.table]?.rows[position.row]
  }
  const read = (row: SeedRow | undefined, column: string | null | undefined): string | null => {
    const cell = column == null ? undefined : row?.cells.get(column)
    return cell === undefined ? null : textOf(cell.value)
  }
  return tables.flatMap(({ file, table, matrix, references }) => {
    if (matrix === null) return []
    const [down, across] = [matrix.down, matrix.across].map((field) => references.find((one) => one.field === field))
    return [
      {
        database,
        file,
        table,
        down: matrix.down,
        across: matrix.across,
        columns: matrix.columns.map(({ value }) => {
          const name = textOf(value) ?? ''
          return { name, label: read(rowOf(across, name), across?.label) }
        }),
        lines: matrix.lines.map(({ name: cell, marks }) => {
          const name = textOf(cell.value) ?? ''
          const row = rowOf(down, name)
          return { name, label: read(row, down?.label), group: read(row, matrix.group), marks }
        }),
      },
    ]
  })
}
