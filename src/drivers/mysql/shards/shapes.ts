import type { TableShape } from '../../../engine/shards/ports.ts'
import type { Connection, Row } from '../connection.ts'
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
  const tables = new Map<string, ShapeCollector>()
  const present: string[] = []
  const partitioned: string[] = []
  const take = (row: Row): void => {
    const name = String(row[1])
    if (wanted !== null && !wanted.has(name)) return
    const collector = tables.get(name) ?? new ShapeCollector(name)
    tables.set(name, collector)
    adders[String(row[0])]?.(collector, row.slice(2))
    // Columns come of views, too.
    if (row[0] === 't') present.push(name)
    if (row[0] === 't' && String(row[5]).includes('partitioned')) partitioned.push(name)
  }
  await streamRows(connection, selectShapes(request), take)
  if (partitioned.length > 0) await streamRows(connection, selectPartitions(request, partitioned), take)
  return new Map(
    present.flatMap((name) => {
      const shape = tables.get(name)?.finish(keepLines)
      return shape === undefined ? [] : [[name, shape] as const]
    }),
  )
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
