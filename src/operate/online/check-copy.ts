import { setTimeout } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import type { ChangeRequest } from './change-request.ts'
import { pairColumns } from './checksum/columns.ts'
import { type Ask, type Comparison, compareAgain, compareCopy, type DifferingRow } from './checksum/compare-copy.ts'
import { chooseKey } from './checksum/key.ts'
import type { OnlineRecord } from './record.ts'

/** Rows of a chunk: some milliseconds for each side. */
const rowsOfChunk = 5000

/** Tables that are compared, and what their names mean. */
export type CheckRequest = Pick<ChangeRequest, 'server' | 'target' | 'governor' | 'stop' | 'progressed'> & {
  /** An estimate. */
  readonly rows: number
}

/** Compares a copy with its table. Throws ToolError `COPY_DIFFERS`, with the rows that differ. */
export async function checkCopy(
  request: Omit<CheckRequest, 'rows'> & Pick<ChangeRequest, 'table'>,
  record: Pick<OnlineRecord, 'table' | 'copy' | 'renamed'>,
): Promise<{ readonly rows: number }> {
  const { target } = request
  const { rows, differing } = await compareTables({ ...request, rows: request.table.rows ?? 0 }, record)
  if (differing.length === 0) return { rows }
  throw new ToolError('COPY_DIFFERS', {
    what: `The copy of \`${record.table}\` differs from it: ${differing.slice(0, 5).map(describe).join(', ')}${differing.length > 5 ? ' and more' : ''}.`,
    where: { database: target.database, server: target.server },
    why: `${rows} rows were compared with \`${record.copy}\`, each by the SHA-256 of its values. The copy was not put in the place of the table.`,
    next: 'The table is as it was, and the copy was removed. Look at the rows that are named: values that the new definition cannot hold, or that are equal in a unique key of it, are the usual reason.',
  })

  function describe(row: DifferingRow): string {
    if (row.type === 'count') return `${row.table} rows are ${row.copy} in the copy`
    return `the row ${row.key} is ${row.type}${row.type === 'different' ? '' : ' in the copy'}`
  }
}

/** The rows in which two tables differ after they were read twice. */
export async function compareTables(
  { server, target, governor, stop, progressed, rows: estimated }: CheckRequest,
  { table, copy, renamed }: Pick<OnlineRecord, 'table' | 'copy' | 'renamed'>,
): Promise<{ readonly rows: number; readonly differing: readonly DifferingRow[] }> {
  const { pairs } = pairColumns(
    await server.readColumns(table),
    await server.readColumns(copy),
    new Map(Object.entries(renamed)),
  )
  const key = chooseKey(await server.readUniqueKeys(table), pairs)
  const comparison: Comparison = { schema: target.schema, table, copy, pairs, key }
  const began = performance.now()
  return server.beside(async (ask: Ask) => {
    const found = await compareCopy(ask, comparison, {
      rows: rowsOfChunk,
      between: async ({ rows }) => {
        progressed(
          { type: 'known', stage: 'comparing the copy', completed: rows, estimated: Math.max(rows, estimated) },
          performance.now() - began,
        )
        await governor?.clear()
        // A second Ctrl-C ends it between two chunks; the copy stays, and the next run compares it again.
        if (stop.killRequested) throw new ToolError('CANCELED', stopped(table))
      },
    })
    if (found.differing.length === 0) return found
    await setTimeout(500)
    return { ...found, differing: await compareAgain(ask, comparison, found.differing) }
  })
}

const stopped = (table: string) => ({
  what: `The comparison of \`${table}\` with its copy was ended.`,
  why: 'The run was stopped twice.',
  next: 'Run the command again: it compares the complete copy again and goes on with the swap. Until then, triggers write each change of the table twice.',
})
