import type { Connection, Row } from '../../mysql/connection.ts'
import type { TableShape } from '../ports.ts'
import { neutralizeRow } from './neutral-names.ts'
import { ShapeCollector } from './shape-lines.ts'
import { type ShapeRequest, selectPartitions, selectShapes } from './shape-questions.ts'
import { streamRows } from './stream-rows.ts'

/** Shapes of a schema's tables, in one question; a second one only where there are partitions. */
export async function readShapes(
  connection: Connection,
  request: ShapeRequest,
  keepLines: boolean,
): Promise<ReadonlyMap<string, TableShape>> {
  const wanted = request.names === null ? null : new Set(request.names)
  const facts = new FactPool()
  const tables = new Map<string, number[]>()
  const present: string[] = []
  const partitioned: string[] = []
  const take = (row: Row): void => {
    const name = String(row[1])
    if (wanted !== null && !wanted.has(name)) return
    const own = tables.get(name) ?? []
    if (own.length === 0) tables.set(name, own)
    own.push(facts.keep(neutralizeRow(name, row)))
    // Columns come of views, too.
    if (row[0] === 't') present.push(name)
    if (row[0] === 't' && String(row[5]).includes('partitioned')) partitioned.push(name)
  }
  await streamRows(connection, selectShapes(request), take)
  if (partitioned.length > 0) await streamRows(connection, selectPartitions(request, partitioned), take)
  const shapes = new ShapePool(facts, keepLines)
  return new Map(present.map((name) => [name, shapes.shapeOf(tables.get(name) ?? [])]))
}

/** Rows that say the same of different tables are kept once, under a number: a family's tables consist of the same ones. */
class FactPool {
  readonly #numbers = new Map<string, number>()
  readonly #rows: Row[] = []

  keep(row: Row): number {
    const key = row.map((cell) => cell ?? '\u0001').join('\u0000')
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#rows.push(row) - 1
    this.#numbers.set(key, number)
    return number
  }

  rowsOf(numbers: readonly number[]): readonly Row[] {
    return numbers.flatMap((number) => {
      const row = this.#rows[number]
      return row === undefined ? [] : [row]
    })
  }
}

/** Every different set of facts is made into a shape once. */
class ShapePool {
  readonly #facts: FactPool
  readonly #keepLines: boolean
  readonly #shapes = new Map<string, TableShape>()

  constructor(facts: FactPool, keepLines: boolean) {
    this.#facts = facts
    this.#keepLines = keepLines
  }

  shapeOf(numbers: readonly number[]): TableShape {
    const sorted = numbers.toSorted((a, b) => a - b)
    const key = sorted.join()
    const shape = this.#shapes.get(key) ?? this.#make(sorted)
    this.#shapes.set(key, shape)
    return shape
  }

  #make(numbers: readonly number[]): TableShape {
    const collector = new ShapeCollector()
    for (const row of this.#facts.rowsOf(numbers)) adders[String(row[0])]?.(collector, row.slice(2))
    return collector.finish(this.#keepLines)
  }
}

/** What to do with a row, by the letter that it begins with. */
const adders: Readonly<Record<string, (collector: ShapeCollector, cells: Row) => void>> = {
  t: (collector, cells) => collector.addTable(cells),
  c: (collector, cells) => collector.addColumn(cells),
  i: (collector, cells) => collector.addIndexColumn(cells),
  k: (collector, cells) => collector.addKey(cells),
  u: (collector, cells) => collector.addKeyColumn(cells),
  h: (collector, cells) => collector.addCheck(cells),
  p: (collector, cells) => collector.addPartition(cells),
}
