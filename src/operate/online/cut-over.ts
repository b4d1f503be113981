import type { Holder } from '../../core/holder.ts'
import { sleepUnlessStopped } from '../../core/sleep-unless-stopped.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isAtLeast } from '../../core/version.ts'
import type { ChangeRequest } from './change-request.ts'
import type { OnlineRecord } from './record.ts'
import { blocked, stoppedBefore } from './refusals.ts'

const firstPause = 1000
const longestPause = 16_000

/** What a cut-over needs of the run. */
export type CutOverRequest = Pick<
  ChangeRequest,
  'server' | 'target' | 'version' | 'governor' | 'guard' | 'stop' | 'awaitTable'
>

/** What was tried, and the sessions that held a lock of the whole server at the last of the tries, which then was none. */
export interface Tries {
  readonly attempts: number
  readonly holders: readonly Holder[]
}

/** Short tries, and the queue left free between them: a definition that waits makes every later statement on its tables wait as well. */
export async function tryBetween(
  { server, governor, guard, stop, awaitTable }: Omit<CutOverRequest, 'target' | 'version'>,
  copy: string | null,
  work: () => Promise<boolean>,
): Promise<Tries & { readonly done: boolean }> {
  const end = performance.now() + guard.budget
  for (let attempt = 1; ; attempt += 1) {
    await governor?.clear()
    await awaitTable(copy)
    // The guard ends its wait at once: to stand in the queue behind those who hold the table would be what it is to prevent.
    if (stop.requested) return { done: false, attempts: attempt - 1, holders: [] }
    // Behind a lock of the whole server a try could not be carried out, and would keep others out of the table meanwhile.
    const holders = await server.findServerLocks()
    if (holders.length === 0 && (await work())) return { done: true, attempts: attempt, holders }
    const left = end - performance.now()
    if (left <= 0 || stop.requested) return { done: false, attempts: attempt, holders }
    const pause = Math.min(longestPause, firstPause * 2 ** (attempt - 1)) * (0.5 + Math.random())
    await sleepUnlessStopped(Math.min(left, pause), stop)
  }
}

/** Puts the copy in the place of the table. Throws ToolError `BLOCKED` where the table is never free, `COPY_DIFFERS` where rows were lost since it was compared. */
export async function cutOver(
  request: CutOverRequest,
  record: OnlineRecord,
  {
    countsRows,
    check,
    swap,
  }: {
    readonly countsRows: boolean
    readonly check: () => Promise<void>
    /** Where the tool swaps the tables itself. */
    readonly swap?: () => Promise<'swapped' | 'blocked'>
  },
): Promise<void> {
  const { server, target, version } = request
  // From 8.0.13 on, tables can be renamed while they are locked: nothing is written between the last look and the swap.
  const isLocked = isAtLeast(version, '8.0.13')
  const stays = record.takesBack === null && swap === undefined
  const { done, ...tries } = await tryBetween(request, stays ? record.copy : null, async () => {
    await check()
    const ended = await (swap === undefined
      ? server.swap({ ...record, schema: target.schema, isLocked, countsRows })
      : swap())
    if (ended === 'counts-differ') throw lostRows(request, record)
    return ended === 'swapped'
  })
  if (!done && request.stop.requested) throw stoppedBefore(record, target)
  if (!done) throw blocked(record, target, tries)
}

function lostRows({ target }: CutOverRequest, { table, copy, takesBack }: OnlineRecord): ToolError {
  const isBack = takesBack !== null
  return new ToolError('COPY_DIFFERS', {
    what: isBack
      ? `\`${copy}\` does not have every row of \`${table}\`.`
      : `The copy of \`${table}\` has lost rows since it was compared.`,
    where: { database: target.database, server: target.server },
    why: `Rows that were written meanwhile are equal in a unique key of ${isBack ? `\`${copy}\`` : 'the copy'}, and each took the place of another.`,
    next: isBack
      ? `Nothing was put back. Remove the rows of \`${table}\` that are equal in that key, then run the command again.`
      : 'Nothing was changed, and the copy was removed. Remove the rows that are equal in the new key, and keep others from being written, then run the command again.',
  })
}
