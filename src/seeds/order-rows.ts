import { type SeedReference, type SeedRow, type SeedTable, textOf } from './seed.ts'

/** A row, by its table's and its own position. */
export interface RowPosition {
  readonly table: number
  readonly row: number
}

/** Rows of one table that can be written together: everything that they reference is in an earlier wave. */
interface Wave {
  readonly table: number
  readonly rows: readonly number[]
}

export type RowOrder =
  | { readonly type: 'waves'; readonly waves: readonly Wave[] }
  /** Each row references the next, and the last references the first. */
  | { readonly type: 'cycle'; readonly rows: readonly RowPosition[] }

/** Finds the seeded row that a natural key names; null where it is in no file. */
export type FindRow = (reference: SeedReference, texts: readonly (string | null)[]) => RowPosition | null

/** The texts with which a row references another; null where the reference is empty or not given. */
export function namedBy(row: SeedRow, field: string): readonly (string | null)[] | null {
  return row.references.get(field)?.map(({ value }) => textOf(value)) ?? null
}

/** Looks up rows by the columns that references name, spelled as in the files. */
export function indexRows(
  tables: readonly SeedTable[],
  takesPart: (row: SeedRow, table: SeedTable) => boolean,
): FindRow {
  const indexes = new Map<string, ReadonlyMap<string, RowPosition>>()
  const indexOf = (name: string, key: readonly string[]): ReadonlyMap<string, RowPosition> => {
    const signature = JSON.stringify([name, key])
    const known = indexes.get(signature)
    if (known !== undefined) return known
    const index = new Map<string, RowPosition>()
    for (const [position, table] of tables.entries()) {
      if (table.table !== name) continue
      for (const [row, seed] of table.rows.entries()) {
        const texts = key.map((column) => seed.cells.get(column)).map((cell) => cell && textOf(cell.value))
        if (takesPart(seed, table) && !texts.includes(undefined))
          index.set(JSON.stringify(texts), { table: position, row })
      }
    }
    indexes.set(signature, index)
    return index
  }
  return (reference, texts) => indexOf(reference.table, reference.key).get(JSON.stringify(texts)) ?? null
}

const nameOf = ({ table, row }: RowPosition): string => `${table}/${row}`

/**
 * Orders rows so that each comes after those that it references; rows of one depth and table stay together and in the order
 * of their file. Pure: the same files give the same order.
 */
export function orderRows(
  tables: readonly SeedTable[],
  takesPart: (row: SeedRow, table: SeedTable) => boolean,
): RowOrder {
  const find = indexRows(tables, takesPart)
  const nodes = tables.flatMap((table, position) =>
    table.rows.flatMap((row, index) => (takesPart(row, table) ? [{ table: position, row: index }] : [])),
  )
  const parents = new Map(nodes.map((node) => [nameOf(node), parentsOf(tables, node, find)]))
  const depths = measureDepths(nodes, parents)
  const stuck = nodes.filter((node) => !depths.has(nameOf(node)))
  if (stuck.length > 0) return { type: 'cycle', rows: findCycle(stuck, parents) }
  return { type: 'waves', waves: collectWaves(nodes, depths) }
}

function parentsOf(tables: readonly SeedTable[], node: RowPosition, find: FindRow): readonly RowPosition[] {
  const table = tables[node.table]
  const row = table?.rows[node.row]
  if (table === undefined || row === undefined) return []
  return table.references.flatMap((reference) => {
    const texts = namedBy(row, reference.field)
    const parent = texts === null ? null : find(reference, texts)
    return parent === null ? [] : [parent]
  })
}

/** Kahn's algorithm: rows whose parents all have a depth get one; rows in or behind a cycle never do. */
function measureDepths(
  nodes: readonly RowPosition[],
  parents: ReadonlyMap<string, readonly RowPosition[]>,
): ReadonlyMap<string, number> {
  const depths = new Map<string, number>()
  const missing = new Map(nodes.map((node) => [nameOf(node), parents.get(nameOf(node))?.length ?? 0]))
  const children = new Map<string, RowPosition[]>()
  for (const node of nodes) {
    for (const parent of parents.get(nameOf(node)) ?? []) {
      const list = children.get(nameOf(parent)) ?? []
      list.push(node)
      children.set(nameOf(parent), list)
    }
  }
  const ready = nodes.filter((node) => missing.get(nameOf(node)) === 0)
  for (let at = 0; at < ready.length; at += 1) {
    const name = nameOf(ready[at] ?? { table: -1, row: -1 })
    depths.set(name, 1 + Math.max(-1, ...(parents.get(name) ?? []).map((parent) => depths.get(nameOf(parent)) ?? 0)))
    for (const child of children.get(name) ?? []) {
      const left = (missing.get(nameOf(child)) ?? 0) - 1
      missing.set(nameOf(child), left)
      if (left === 0) ready.push(child)
    }
  }
  return depths
}

/** Following parents among rows without a depth must lead back to a row that was already visited. */
function findCycle(
  stuck: readonly RowPosition[],
  parents: ReadonlyMap<string, readonly RowPosition[]>,
): readonly RowPosition[] {
  const names = new Set(stuck.map(nameOf))
  const path: RowPosition[] = []
  for (let node = stuck[0]; node !== undefined; ) {
    const name = nameOf(node)
    const met = path.findIndex((earlier) => nameOf(earlier) === name)
    if (met >= 0) return path.slice(met)
    path.push(node)
    node = parents.get(name)?.find((parent) => names.has(nameOf(parent)))
  }
  return path
}

function collectWaves(nodes: readonly RowPosition[], depths: ReadonlyMap<string, number>): readonly Wave[] {
  const waves = new Map<string, { readonly depth: number; readonly table: number; readonly rows: number[] }>()
  for (const node of nodes) {
    const depth = depths.get(nameOf(node)) ?? 0
    const name = `${depth}/${node.table}`
    const wave = waves.get(name) ?? { depth, table: node.table, rows: [] }
    wave.rows.push(node.row)
    waves.set(name, wave)
  }
  return [...waves.values()]
    .toSorted((one, other) => one.depth - other.depth || one.table - other.table)
    .map(({ table, rows }) => ({ table, rows }))
}
