import { closestName } from '../core/closest-name.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { SeedTableShape } from './ports.ts'
import type { SeedCell, SeedPlace, SeedReference, SeedRow, SeedTable } from './seed.ts'
import { keyColumnsOf } from './staged-table.ts'

type Shapes = ReadonlyMap<string, SeedTableShape>

/** The tables that the seeds of a database speak of. */
export function tablesOf(tables: readonly SeedTable[]): readonly string[] {
  return [...new Set(tables.flatMap(({ table, references }) => [table, ...references.map((one) => one.table)]))]
}

/** What the tables of the server say against the files: unknown tables and columns, keys that are not unique, missing values. */
export function checkShapes(tables: readonly SeedTable[], shapes: Shapes, target: Target): readonly Fault[] {
  return tables.flatMap((table) => {
    const shape = shapes.get(table.table)
    if (shape === undefined) return [missingTable(table.table, table.tablePlace, target)]
    return [
      ...table.references.flatMap((reference) => checkReference(reference, shape, shapes, target)),
      ...checkColumns(table, shape, target),
      ...checkUnique(table, shape),
      ...checkRequired(table, shape),
    ]
  })
}

function missingTable(table: string, place: SeedPlace, { database, server }: Target): Fault {
  return {
    what: `There is no table "${table}" in ${database}.`,
    where: { ...place, database, server },
    next: 'Correct its name, or make it: `wwdb migrate` comes before `wwdb seed`.',
  }
}

/** A column that a file names and the table has not. */
export function unknownColumn(column: string, table: string, shape: SeedTableShape, place: SeedPlace): Fault {
  const names = shape.columns.map(({ name }) => name)
  const close = closestName(column, names)
  const next = close === null ? `Its columns are ${names.join(', ')}.` : `Did you mean "${close}"?`
  return { what: `The table "${table}" has no column "${column}".`, where: place, next }
}

const has = (shape: SeedTableShape, column: string): boolean => shape.columns.some(({ name }) => name === column)

function checkReference(
  reference: SeedReference,
  shape: SeedTableShape,
  shapes: Shapes,
  target: Target,
): readonly Fault[] {
  const { field, column, table, key, value, place } = reference
  const parent = shapes.get(table)
  if (parent === undefined) return [missingTable(table, place, target)]
  const faults = [...key, value]
    .filter((name) => !has(parent, name))
    .map((name) => unknownColumn(name, table, parent, place))
  if (!has(shape, column))
    faults.push({
      what: `The reference "${field}" fills the column "${column}", which there is not.`,
      where: place,
      next: 'Name the column it fills: "column: NAME".',
    })
  if (faults.length === 0 && !isUnique(key, parent))
    faults.push({
      what: `${key.join(', ')} of "${table}" does not name one row: no unique key has exactly ${key.length > 1 ? 'these columns' : 'this column'}.`,
      where: place,
      next: `Refer by a unique key of "${table}", or add one by a migration.`,
    })
  return faults
}

function isUnique(columns: readonly string[], { uniqueKeys }: SeedTableShape): boolean {
  const wanted = columns.toSorted().join('\n')
  return uniqueKeys.some((key) => key.toSorted().join('\n') === wanted)
}

/** A column that is not there is told once, where it is first given. */
function checkColumns(table: SeedTable, shape: SeedTableShape, target: Target): readonly Fault[] {
  const given = new Map<string, SeedCell>()
  for (const { cells } of table.rows) for (const [name, cell] of cells) if (!given.has(name)) given.set(name, cell)
  return [...given].flatMap(([name, { place }]): readonly Fault[] => {
    const column = shape.columns.find((one) => one.name === name)
    if (column === undefined) return [unknownColumn(name, table.table, shape, place)]
    if (!column.generated) return []
    const where = { ...place, database: target.database }
    return [{ what: `MySQL computes the column "${name}" by itself.`, where, next: 'Leave it out.' }]
  })
}

function checkUnique(table: SeedTable, shape: SeedTableShape): readonly Fault[] {
  const columns = keyColumnsOf(table)
  if (columns.some((column) => !has(shape, column)) || isUnique(columns, shape)) return []
  return [
    {
      what: `The key ${table.key.join(', ')} does not tell the rows of "${table.table}" apart: no unique key has exactly ${columns.length > 1 ? 'these columns' : 'this column'}.`,
      where: table.keyPlace,
      why: 'Two rows of it could have the same values, and nobody could say which one is meant.',
      next: `Choose a unique key of the table (${shape.uniqueKeys.map((key) => `(${key.join(', ')})`).join(', ')}), or add one by a migration.`,
    },
  ]
}

function checkRequired(table: SeedTable, shape: SeedTableShape): readonly Fault[] {
  const required = shape.columns.filter((column) => column.required)
  return table.rows.flatMap((row) => {
    const lacking = required.filter(({ name }) => !isGiven(row, name, table.references)).map(({ name }) => name)
    if (lacking.length === 0) return []
    return [
      {
        what: `The row does not say its ${lacking.map((name) => `"${name}"`).join(', ')}, which ${lacking.length > 1 ? 'have' : 'has'} no default.`,
        where: row.place,
        next: 'Give it with the row, or for all rows under "defaults".',
      },
    ]
  })
}

function isGiven(row: SeedRow, column: string, references: readonly SeedReference[]): boolean {
  return (
    row.cells.has(column) || references.some((one) => one.column === column && row.references.get(one.field) != null)
  )
}
