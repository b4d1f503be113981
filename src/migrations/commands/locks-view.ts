import type { UnreachedTarget } from '../../core/target.ts'
import { renderUnreached } from '../../terminal/human/fault.ts'
import { describeHolder } from '../../terminal/human/holder.ts'
import { nextLines, type Page, symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'
import type { LockStatus } from '../lock-status.ts'
import type { WorkerLock } from '../ports.ts'

/** The answer of `lock status`. */
export interface LocksResult {
  readonly kind: 'locks'
  readonly locks: readonly LockStatus[]
  readonly unreached: readonly UnreachedTarget[]
}

export const locksView: View<LocksResult> = {
  render: renderLocks,
}

/** Which databases are being written to, by whom and since when. */
function renderLocks(result: LocksResult, page: Page): readonly Line[] {
  const orphaned = result.locks.some((lock) => [lock, ...lock.workers].some((one) => one.orphaned))
  const next = orphaned ? ['The next run waits until the server has finished; `wwdb lock release` kills it now.'] : []
  const locks = result.locks.flatMap((lock) => renderLock(lock, page))
  return [...locks, ...renderUnreached(result.unreached, page), ...nextLines(next, page)]
}

function renderLock(lock: LockStatus, page: Page): readonly Line[] {
  const name: Line = [toned('strong', lock.target.database), toned('faint', ` at ${lock.target.server}`)]
  const { vschemas = null } = lock
  const turn: Line =
    vschemas === null ? [] : ['  VSchemas: ', toned('warning', 'held'), ` by ${describeHolder(vschemas)}`]
  const others = [
    ...lock.workers.flatMap((worker) => renderWorker(worker, page)),
    ...(vschemas === null ? [] : wrapLine(turn, page.columns, 4)),
  ]
  if (!lock.held) return [...wrapLine([symbol('idle'), ' ', ...name, ': free'], page.columns, 2), ...others]
  const held: Line = [': ', toned('warning', 'held'), ` by ${describeHolder(lock)}`]
  return [...wrapLine([symbol('warning'), ' ', ...name, ...held], page.columns, 2), ...others]
}

function renderWorker(worker: WorkerLock, page: Page): readonly Line[] {
  const line: Line = [`  worker ${worker.worker} of a fan-out: `, describeHolder(worker)]
  return wrapLine(line, page.columns, 4)
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly locks: LocksResult
  }
}
