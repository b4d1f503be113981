import type { SeedTableShape, StagedTable } from './ports.ts'
import type { SeedTable } from './seed.ts'

/** A file's table as the server is given it. */
export function toStaged(table: SeedTable, shape: SeedTableShape): StagedTable {
  const { references, key } = table
  return {
    table: table.table,
    shape,
    keyColumns: key.filter((part) => !references.some(({ field }) => field === part)),
    keyReferences: references.flatMap(({ field }, index) => (key.includes(field) ? [index] : [])),
    references,
    rows: table.rows.map((row) => ({
      cells: new Map([...row.cells].map(([column, { value }]) => [column, value])),
      references: references.map(({ field }) => row.references.get(field)?.map(({ value }) => value) ?? null),
    })),
  }
}

/** The columns that the natural key comes to, references' own among them. */
export function keyColumnsOf({ key, references }: SeedTable): readonly string[] {
  return key.map((part) => references.find(({ field }) => field === part)?.column ?? part)
}
