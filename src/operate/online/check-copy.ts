import { setTimeout } from 'node:timers/promises'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { ChangeRequest } from './change-request.ts'
import { pairColumns } from './checksum/columns.ts'
import {
  type Ask,
  type Comparison,
  compareAgain,
  compareCopy,
  type DifferingRow,
  type LaterLook,
} from './checksum/compare-copy.ts'
import { chooseKey } from './checksum/key.ts'
import { copyToolOf, followsLog } from './copy-tool.ts'
import type { OnlineRecord } from './record.ts'

/** Rows of a chunk: some milliseconds for each side. */
const rowsOfChunk = 5000

/** Tables that are compared, and what their names mean. */
export type CheckRequest = Pick<ChangeRequest, 'server' | 'target' | 'governor' | 'stop' | 'progressed'> & {
  /** An estimate. */
  readonly rows: number
  /** Waits for transactions that hold the table, before others are kept from writing to it. */
  readonly awaitTable?: ChangeRequest['awaitTable'] | undefined
}

/** Compares a copy with its table. Throws ToolError `COPY_DIFFERS`, with the rows that differ. */
export async function checkCopy(
  request: Omit<CheckRequest, 'rows'> & Pick<ChangeRequest, 'table'>,
  record: Pick<OnlineRecord, 'table' | 'copy' | 'renamed' | 'tool'>,
): Promise<{ readonly rows: number }> {
  const { target } = request
  const { rows, differing } = await compareTables({ ...request, rows: request.table.rows ?? 0 }, record)
  if (differing.length === 0) return { rows }
  throw new ToolError('COPY_DIFFERS', {
    what: `The copy of \`${record.table}\` differs from it: ${differing.slice(0, 5).map(describe).join(', ')}${differing.length > 5 ? ' and more' : ''}.`,
    where: { database: target.database, server: target.server },
    why: `${countOf(rows, 'row')} ${rows === 1 ? 'was' : 'were'} compared with \`${record.copy}\`, each by the SHA-256 of its values. The copy was not put in the place of the table.`,
    next: 'The table is as it was, and the copy was removed. Look at the rows that are named: values that the new definition cannot hold, or that are equal in a unique key of it, are the usual reason.',
  })

  function describe(row: DifferingRow): string {
    if (row.type === 'count') return `${row.table} rows are ${row.copy} in the copy`
    return `the row ${row.key} is ${row.type}${row.type === 'different' ? '' : ' in the copy'}`
  }
}

/** The rows in which two tables differ after they were read twice. */
export async function compareTables(
  { server, target, governor, stop, progressed, rows: estimated, awaitTable }: CheckRequest,
  { table, copy, renamed, tool }: Pick<OnlineRecord, 'table' | 'copy' | 'renamed' | 'tool'>,
): Promise<{ readonly rows: number; readonly differing: readonly DifferingRow[] }> {
  const { pairs } = pairColumns(
    await server.readColumns(table),
    await server.readColumns(copy),
    new Map(Object.entries(renamed)),
  )
  const key = chooseKey(await server.readUniqueKeys(table), pairs)
  const comparison: Comparison = { schema: target.schema, table, copy, pairs, key }
  const began = performance.now()
  return server.beside((ask: Ask) => {
    const again = (rows: readonly DifferingRow[]): Promise<readonly DifferingRow[]> =>
      compareAgain(ask, comparison, rows)
    return compareCopy(ask, comparison, {
      rows: rowsOfChunk,
      between: async ({ rows }) => {
        progressed(
          { type: 'known', stage: 'comparing the copy', completed: rows, estimated: Math.max(rows, estimated) },
          performance.now() - began,
        )
        await governor?.clear()
        // A second Ctrl-C ends it between two chunks.
        if (stop.killRequested) throw new ToolError('CANCELED', stopped(table, followsLog({ tool })))
      },
      later: followsLog({ tool }) ? lookLater({ server, awaitTable, stop }, { table, tool }, again) : lookOnce(again),
    })
  })
}

const pause = 500

type Again = LaterLook['again']

/** What triggers write is in the copy together with what is in the table: one further look tells. */
function lookOnce(again: Again): LaterLook {
  return {
    again: async (rows) => {
      await setTimeout(pause)
      return again(rows)
    },
    still: (look) => look(),
  }
}

/** Times that rows are read which the log has not brought to the copy, before others are kept from writing. */
const looks = 3
/** Milliseconds more than it takes until a tool brings them that does so from time to time. */
const longer = 10_000
/** Times that they are kept from it, where the lock is not given. */
const attempts = 5
/** Milliseconds in which the log brings what was written before. */
const ofFrozen = 1500

/**
 * What a tool brings to the copy by the binary log comes a moment later, and a row that is written all the time always differs: such rows are read again, and
 * at last while nobody can write to the table.
 */
function lookLater(
  { server, awaitTable, stop }: Pick<CheckRequest, 'server' | 'awaitTable' | 'stop'>,
  { table, tool }: Pick<OnlineRecord, 'table' | 'tool'>,
  again: Again,
): LaterLook {
  const still: LaterLook['still'] = async (look) => {
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      await awaitTable?.(null)
      const seen = await server.frozen(table, async () => {
        const end = performance.now() + ofFrozen
        for (;;) {
          const rows = await look()
          if (rows.length === 0 || performance.now() >= end) return rows
          await setTimeout(50)
        }
      })
      if (seen !== null) return seen
      await setTimeout(pause)
    }
    return null
  }
  const lookOften = async (rows: readonly DifferingRow[], times: number): Promise<readonly DifferingRow[]> => {
    let differing = rows
    for (let count = 1; count <= times && differing.length > 0; count += 1) {
      await setTimeout(pause)
      if (stop.killRequested) throw new ToolError('CANCELED', stopped(table, true))
      differing = await again(differing)
    }
    const left = differing
    return left.length === 0 ? left : ((await still(() => again(left))) ?? left)
  }
  return {
    still,
    again: async (rows) => {
      const left = await lookOften(rows, looks)
      const { bringsWritesEach: each } = copyToolOf(tool)
      return left.length > 0 && each !== null ? lookOften(left, Math.ceil((each + longer) / pause)) : left
    },
  }
}

const stopped = (table: string, isFromLog: boolean) => ({
  what: `The comparison of \`${table}\` with its copy was ended.`,
  why: 'The run was stopped twice.',
  next: isFromLog
    ? 'Run the command again.'
    : 'Run the command again: it compares the complete copy again and goes on with the swap. Until then, triggers write each change of the table twice.',
})
