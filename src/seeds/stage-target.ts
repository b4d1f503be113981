import { closestName } from '../core/closest-name.ts'
import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import type { SeedStore, SeedTableShape, Stage, StagedTable, StageFault } from './ports.ts'
import type { DatabaseSeeds, SeedCell, SeedPlace, SeedReference, SeedRow, SeedTable } from './seed.ts'

/** A file's table, staged on the server under a number. */
export interface StagedSeed {
  readonly seed: SeedTable
  readonly staged: StagedTable
  readonly number: number
  /** The staged values of each row. */
  readonly values: Stage['values']
}

export interface Staging {
  readonly tables: readonly StagedSeed[]
  readonly faults: readonly Fault[]
}

/**
 * Checks all rows of a database, of any environment, against the existing tables, and lets the server convert their values. Writes nothing that other sessions see. @param first number of the first table: tables that were staged before keep theirs
 */
export async function stageTarget(
  store: SeedStore,
  target: Target,
  { tables }: DatabaseSeeds,
  first: number,
): Promise<Staging> {
  const refused = await store.refuse({ tables })
  if (refused.length > 0) return { tables: [], faults: refused }
  const shapes = await store.describe(tablesOf(tables))
  const faults = [...checkShapes(tables, shapes, target)]
  if (faults.length > 0) return { tables: [], faults }
  const seeds: StagedSeed[] = []
  for (const [index, seed] of tables.entries()) {
    const shape = shapes.get(seed.table)
    if (shape === undefined || seed.rows.length === 0) continue
    const staged = toStaged(seed, shape)
    const stage = await store.stage(first + index, staged)
    const unfit = stage.faults.toSorted((a, b) => a.row - b.row)
    faults.push(...unfit.map((fault) => valueFault(seed, fault)))
    faults.push(...stage.twins.map(([one, other]) => twinFault(seed, one, other)))
    seeds.push({ seed, staged, number: first + index, values: stage.values })
  }
  return { tables: seeds, faults }
}

function placeOf(seed: SeedTable, { row, column }: StageFault): SeedPlace {
  const found = seed.rows[row]
  const cell = column === null ? undefined : found?.cells.get(column)
  return cell?.place ?? found?.place ?? seed.tablePlace
}

function valueFault(seed: SeedTable, fault: StageFault): Fault {
  const suffix = fault.column?.startsWith('wwdb_') === false ? ` \`${fault.column}\`` : ''
  return {
    what: `A value does not fit the column${suffix} of \`${seed.table}\`.`,
    where: placeOf(seed, fault),
    why: fault.why.replace(/wwdb_seed_\d+\./g, ''),
    next: 'Correct the value.',
  }
}

function twinFault(seed: SeedTable, one: number, other: number): Fault {
  const first = seed.rows[one]?.place
  return {
    what: `\`${seed.table}\` treats the keys of two rows as equal.`,
    where: seed.rows[other]?.place ?? seed.tablePlace,
    why: `In its collation this row has the same key as \`${first?.file}:${first?.line}\`.`,
    next: 'Remove one of them.',
  }
}

type Shapes = ReadonlyMap<string, SeedTableShape>

/** The tables that the seeds of a database name. */
function tablesOf(tables: readonly SeedTable[]): readonly string[] {
  return [...new Set(tables.flatMap(({ table, references }) => [table, ...references.map((one) => one.table)]))]
}

/** Conflicts between the server's tables and the files: unknown tables and columns, keys that are not unique, missing values. */
function checkShapes(tables: readonly SeedTable[], shapes: Shapes, target: Target): readonly Fault[] {
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
    what: `The table \`${table}\` does not exist in \`${database}\`.`,
    where: { ...place, database, server },
    next: 'Correct its name, or create it: run `wwdb migrate` before `wwdb seed`.',
  }
}

/** A column that a file names and the table does not have. */
export function unknownColumn(column: string, table: string, shape: SeedTableShape, place: SeedPlace): Fault {
  const names = shape.columns.map(({ name }) => name)
  const close = closestName(column, names)
  const next = close === null ? `Its columns are \`${names.join('`, `')}\`.` : `Did you mean \`${close}\`?`
  return { what: `The table \`${table}\` has no column \`${column}\`.`, where: place, next }
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
      what: `The reference \`${field}\` sets the column \`${column}\`, which does not exist.`,
      where: place,
      next: 'Give the column that it sets: `column: NAME`.',
    })
  if (faults.length === 0 && !isUnique(key, parent))
    faults.push({
      what: `\`${key.join('`, `')}\` of \`${table}\` does not identify one row: no unique key has exactly ${key.length > 1 ? 'these columns' : 'this column'}.`,
      where: place,
      next: `Use a unique key of \`${table}\`, or add one with a migration.`,
    })
  return faults
}

function isUnique(columns: readonly string[], { uniqueKeys }: SeedTableShape): boolean {
  const wanted = columns.toSorted().join('\n')
  return uniqueKeys.some((key) => key.toSorted().join('\n') === wanted)
}

/** A missing column is reported once, where it is first given. */
function checkColumns(table: SeedTable, shape: SeedTableShape, target: Target): readonly Fault[] {
  const given = new Map<string, SeedCell>()
  for (const { cells } of table.rows) for (const [name, cell] of cells) if (!given.has(name)) given.set(name, cell)
  return [...given].flatMap(([name, { place }]): readonly Fault[] => {
    const column = shape.columns.find((one) => one.name === name)
    if (column === undefined) return [unknownColumn(name, table.table, shape, place)]
    if (!column.generated) return []
    const where = { ...place, database: target.database }
    return [{ what: `MySQL computes the generated column \`${name}\`.`, where, next: 'Leave it out.' }]
  })
}

function checkUnique(table: SeedTable, shape: SeedTableShape): readonly Fault[] {
  const columns = keyColumnsOf(table)
  if (columns.some((column) => !has(shape, column)) || isUnique(columns, shape)) return []
  return [
    {
      what: `The key \`${table.key.join('`, `')}\` does not identify the rows of \`${table.table}\`: no unique key has exactly ${columns.length > 1 ? 'these columns' : 'this column'}.`,
      where: table.keyPlace,
      why: 'Two rows could have the same values, and it would be ambiguous which one is meant.',
      next: `Choose a unique key of the table (${shape.uniqueKeys.map((key) => `(${key.join(', ')})`).join(', ')}), or add one with a migration.`,
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
        what: `The row has no value for ${lacking.map((name) => `\`${name}\``).join(', ')}, which ${lacking.length > 1 ? 'have' : 'has'} no default.`,
        where: row.place,
        next: 'Give it with the row, or for all rows under `defaults`.',
      },
    ]
  })
}

function isGiven(row: SeedRow, column: string, references: readonly SeedReference[]): boolean {
  return (
    row.cells.has(column) || references.some((one) => one.column === column && row.references.get(one.field) != null)
  )
}

/** A file's table as the server receives it. */
function toStaged(table: SeedTable, shape: SeedTableShape): StagedTable {
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

/** The columns of the natural key, including those that references fill. */
export function keyColumnsOf({ key, references }: SeedTable): readonly string[] {
  return key.map((part) => references.find(({ field }) => field === part)?.column ?? part)
}
