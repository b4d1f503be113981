import type { Target } from '../core/target.ts'
import type { Fault } from '../core/tool-error.ts'
import { checkShapes, tablesOf } from './check-shapes.ts'
import type { SeedStore, Stage, StagedTable, StageFault } from './ports.ts'
import type { DatabaseSeeds, SeedPlace, SeedTable } from './seed.ts'
import { toStaged } from './staged-table.ts'

/** A file's table, known to the server under a number. */
export interface StagedSeed {
  readonly seed: SeedTable
  readonly staged: StagedTable
  readonly number: number
  /** For each row, what its values come to. */
  readonly values: Stage['values']
}

export interface Staging {
  readonly tables: readonly StagedSeed[]
  readonly faults: readonly Fault[]
}

/**
 * Checks all rows of a database, of whatever environment, against the tables that are there, and lets the server read their
 * values. Writes nothing that anybody else sees.
 * @param first number of the first table: what was staged before keeps its own
 */
export async function stageTarget(
  store: SeedStore,
  target: Target,
  { tables }: DatabaseSeeds,
  first: number,
): Promise<Staging> {
  const shapes = await store.describe(tablesOf(tables))
  const faults = [...checkShapes(tables, shapes, target)]
  if (faults.length > 0) return { tables: [], faults }
  const seeds: StagedSeed[] = []
  for (const [index, seed] of tables.entries()) {
    const shape = shapes.get(seed.table)
    if (shape === undefined || seed.rows.length === 0) continue
    const staged = toStaged(seed, shape)
    const stage = await store.stage(first + index, staged)
    const refused = stage.faults.toSorted((a, b) => a.row - b.row)
    faults.push(...refused.map((fault) => valueFault(seed, fault)))
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
  const column = fault.column?.startsWith('wwdb_') === false ? ` "${fault.column}"` : ''
  return {
    what: `A value does not fit the column${column} of "${seed.table}".`,
    where: placeOf(seed, fault),
    why: fault.why.replace(/wwdb_seed_\d+\./g, ''),
    next: 'Correct the value.',
  }
}

function twinFault(seed: SeedTable, one: number, other: number): Fault {
  const first = seed.rows[one]?.place
  return {
    what: `"${seed.table}" takes the keys of two rows for one.`,
    where: seed.rows[other]?.place ?? seed.tablePlace,
    why: `To its collation this row is the one of ${first?.file}:${first?.line}, however it is spelt.`,
    next: 'Remove one of them.',
  }
}
