import type { Emit } from '../command/event.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'
import { type LossPermission, refuseLosses } from './approve-losses.ts'
import { attemptIn, type OpenedStore, type PlannedStore, planOne } from './open-stores.ts'
import { faultOf, type StoreOutcome } from './outcome.ts'
import { findSameChange, type StoreChange, type StorePlan } from './store-plan.ts'

export interface ApplyRequest {
  readonly permission: LossPermission
  /** Milliseconds to wait for another applier of a store. */
  readonly lockWait: number
  readonly emit: Emit
  readonly stop: StopRequest
}

type ReadyStore = Exclude<PlannedStore, { readonly type: 'failed' }>

/** A store with its plan, made under the lock of the store, unless it has no place for a lock yet. */
export type LockedStore =
  | (ReadyStore & { readonly locked: boolean })
  | Extract<PlannedStore, { readonly type: 'failed' }>

/**
 * Takes the lock of a store that has something to do, and plans again: what another run has done meanwhile is not done twice. What another run is
 * in the middle of may be impossible to plan, so that is tried again after its end, also where it ended between the plan and the look at the lock.
 */
export async function lockStore(
  planned: PlannedStore,
  opened: OpenedStore,
  request: ApplyRequest,
): Promise<LockedStore> {
  if (opened.type === 'failed') return opened
  if (planned.type !== 'failed' && planned.plan.changes.length === 0) return { ...planned, locked: false }
  const { ready, session } = opened
  const attempt = await attemptIn(async (): Promise<LockedStore> => {
    if (planned.type === 'failed' && (await session.readLock().catch(() => null)) === null) {
      const again = await planOne(opened)
      return again.type === 'failed' ? again : lockStore(again, opened, request)
    }
    if (await session.lock(request.lockWait)) return { ...opened, plan: await session.plan(), locked: true }
    return planned.type === 'failed' ? planned : { ...planned, locked: false }
  })
  return attempt.error === null ? attempt.value : { type: 'failed', ready, error: attempt.error }
}

interface Applied {
  readonly outcome: StoreOutcome
  readonly error: ToolError | null
}

/** Carries out the changes of one store, and reads back that they are there. */
export async function applyStore(planned: LockedStore, request: ApplyRequest): Promise<Applied> {
  const { store, server } = planned.ready
  const started = performance.now()
  if (planned.type === 'failed') {
    const none = { store, server, version: null, done: [], notDone: [], unchanged: 0, notes: [], findings: [] }
    const outcome: StoreOutcome = {
      ...none,
      state: stateOf(planned.error),
      milliseconds: 0,
      ...faultOf(planned.error),
    }
    return { outcome, error: planned.error }
  }
  const { plan } = planned
  const progress = { done: [] as string[], left: plan.changes }
  const attempt = await attemptIn(() => carryOut(planned, request, progress))
  const summary = {
    store,
    server,
    version: plan.version,
    done: progress.done,
    notDone: progress.left.map((change) => change.summary),
    unchanged: plan.unchanged.length,
    // The fault says what is left.
    notes: plan.notes.filter((note) => plan.left?.includes(note) !== true),
    findings: plan.findings.filter(({ severity }) => severity === 'error'),
    milliseconds: performance.now() - started,
  }
  return attempt.error === null
    ? { outcome: { ...summary, state: attempt.value, fault: null, code: null }, error: null }
    : { outcome: { ...summary, state: 'failed', ...faultOf(attempt.error) }, error: attempt.error }
}

/** A server that refuses the credentials was reached. */
function stateOf({ code, exitCode }: ToolError): StoreOutcome['state'] {
  if (code === 'STOPPED') return 'stopped'
  return exitCode === exitCodes.unreachable && code !== 'STORE_ACCESS_DENIED' ? 'not-reached' : 'failed'
}

/** What a failure leaves to be reported. */
interface Progress {
  readonly done: string[]
  left: readonly StoreChange[]
}

async function carryOut(
  { plan: shown, session, locked }: ReadyStore & { readonly locked: boolean },
  request: ApplyRequest,
  progress: Progress,
): Promise<'stopped' | 'done' | 'nothing-to-do'> {
  const { stop, permission, lockWait, emit } = request
  const { store, server } = shown
  const apply = async (change: StoreChange): Promise<void> => {
    const before = performance.now()
    const { summary } = findShown(shown, change)
    emit({ type: 'store-change-started', store, server, summary })
    await session.apply(change)
    emit({ type: 'store-change-finished', store, server, summary, milliseconds: performance.now() - before })
    progress.done.push(summary)
    progress.left = progress.left.slice(1)
  }
  // A server that is not set up has no place for a lock. What sets it up is one request of which the server lets one succeed; then the others wait.
  for (let held = locked; !held && progress.left.length > 0; ) {
    if (stop.requested) return 'stopped'
    for (const first of progress.left.slice(0, 1)) await apply(first)
    held = await session.lock(lockWait)
    const plan = await session.plan()
    refuseLosses([plan], permission)
    progress.left = plan.changes
  }
  for (const change of progress.left) {
    if (stop.requested) return 'stopped'
    await apply(change)
  }
  if (progress.done.length > 0) readBack(await session.plan(), shown)
  await session.unlock()
  refuseLeft(shown)
  return progress.done.length > 0 ? 'done' : 'nothing-to-do'
}

/** A change goes by the sentence of the plan that was shown, also where another run or the first change did a part of it. */
function findShown(shown: StorePlan, change: StoreChange): StoreChange {
  return findSameChange(shown.changes, change) ?? change
}

/** What was written must be what is there: throws ToolError `STORE_DIFFERS` where a second plan finds something to do. What the changes set free is removed by the next run: nobody has allowed it yet. */
function readBack({ store, server, changes: found }: StorePlan, shown: StorePlan): void {
  const changes = found.filter((change) => change.action !== 'remove' || findShown(shown, change) !== change)
  const [first] = changes
  if (first === undefined) return
  const difference = first.differences[0]
  const seen =
    difference === undefined
      ? first.summary
      : `${first.summary}: ${difference.path} is ${difference.actual ?? 'missing'}, but declared as ${difference.declared ?? 'nothing'}`
  throw new ToolError('STORE_DIFFERS', {
    what: `${store} accepted the changes, but still differs from its declarations.`,
    where: { server },
    why: `${changes.length} remaining: ${seen}.`,
    next: 'Another session may have changed it in the meantime: run the command again, and compare with `wwdb setup plan`.',
  })
}

/** The other changes are made; what is left makes the command fail all the same. */
function refuseLeft({ server, left }: StorePlan): void {
  if (left === undefined) return
  throw new ToolError('STORE_LEFT', {
    what: 'A part of the store does not answer, so its declarations were not applied.',
    where: { server },
    why: left.join(' '),
    next: 'Run the command again when all of the store answers.',
  })
}
