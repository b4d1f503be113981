import type { ErrorCode } from '../core/error-codes.ts'
import type { Emit } from '../core/event.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { StorePlan } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import type { StopRequest } from '../migrations/ports.ts'
import { approveLosses, type LossPermission } from './approve-losses.ts'
import type { PreparedStore } from './contract.ts'
import { attemptIn, type PlannedStore, planEach, withStores } from './open-stores.ts'
import type { StoreOutcome, StorePlanDocument } from './outcome.ts'

export interface SetUpRequest {
  readonly stores: readonly PreparedStore[]
  readonly permission: LossPermission
  readonly emit: Emit
  readonly stop: StopRequest
}

/** The first trouble of any store decides how the whole ends; null when there was none. */
export interface SetUpReport<Outcome> {
  readonly outcomes: readonly Outcome[]
  readonly error: ToolError | null
}

/** What would bring each store to its declarations. Writes nothing. */
export function planStores(stores: readonly PreparedStore[]): Promise<SetUpReport<StorePlanDocument>> {
  return withStores(stores, async (opened) => {
    const planned = await planEach(opened)
    const outcomes = planned.map((one): StorePlanDocument => {
      const { store, server } = one.ready
      if (one.type === 'failed') return { store, server, plan: null, ...faultOf(one.error) }
      return { store, server, plan: one.plan, fault: null, code: null }
    })
    return { outcomes, error: firstError(planned) }
  })
}

/**
 * Brings every store to its declarations: plans all, asks about what would be lost, applies side by side, and reads back: a
 * second plan must be empty. One store's trouble leaves the others their work.
 * Throws ToolError `STORE_LOSS` before anything is written.
 */
export function setUpStores(request: SetUpRequest): Promise<SetUpReport<StoreOutcome>> {
  return withStores(request.stores, async (opened) => {
    const planned = await planEach(opened)
    const plans = planned.flatMap((one) => (one.type === 'failed' ? [] : [one.plan]))
    await approveLosses(plans, request.permission)
    const applied = await Promise.all(planned.map((one) => applyPlan(one, request)))
    return {
      outcomes: applied.map(({ outcome }) => outcome),
      error: applied.map(({ error }) => error).find((error) => error !== null) ?? null,
    }
  })
}

interface Applied {
  readonly outcome: StoreOutcome
  readonly error: ToolError | null
}

async function applyPlan(planned: PlannedStore, request: SetUpRequest): Promise<Applied> {
  const { store, server } = planned.ready
  const started = performance.now()
  const none = { store, server, version: null, done: [], notDone: [], unchanged: 0, notes: [] }
  if (planned.type === 'failed') {
    const state = isNotReached(planned.error) ? 'not-reached' : 'failed'
    const outcome: StoreOutcome = { ...none, state, milliseconds: 0, ...faultOf(planned.error) }
    return { outcome, error: planned.error }
  }
  const { plan, session } = planned
  const done: string[] = []
  const attempt = await attemptIn(async () => {
    for (const change of plan.changes) {
      if (request.stop.requested) return 'stopped'
      const before = performance.now()
      request.emit({ type: 'store-change-started', store, server, summary: change.summary })
      await session.apply(change)
      const milliseconds = performance.now() - before
      request.emit({ type: 'store-change-finished', store, server, summary: change.summary, milliseconds })
      done.push(change.summary)
    }
    if (plan.changes.length > 0) readBack(await session.plan())
    return plan.changes.length > 0 ? 'done' : 'nothing-to-do'
  })
  const summary = {
    store,
    server,
    version: plan.version,
    done,
    notDone: plan.changes.slice(done.length).map((change) => change.summary),
    unchanged: plan.unchanged.length,
    notes: plan.notes,
    milliseconds: performance.now() - started,
  }
  return attempt.error === null
    ? { outcome: { ...summary, state: attempt.value, fault: null, code: null }, error: null }
    : { outcome: { ...summary, state: 'failed', ...faultOf(attempt.error) }, error: attempt.error }
}

/** What was written must be what is there: throws ToolError `STORE_DIFFERS` where a second plan finds something to do. */
function readBack({ store, server, changes }: StorePlan): void {
  const [first] = changes
  if (first === undefined) return
  const difference = first.differences[0]
  const seen =
    difference === undefined
      ? first.summary
      : `${first.summary}: ${difference.path} is ${difference.actual ?? 'not there'}, declared ${difference.declared ?? 'as nothing'}`
  throw new ToolError('STORE_DIFFERS', {
    what: `${store} was brought to its declarations, and reads back as something else.`,
    where: { server },
    why: `Still to do, ${changes.length} in all: ${seen}.`,
    next: 'Did somebody else change it meanwhile? Run it again, and compare with `wwdb setup plan`.',
  })
}

/** A server that refuses the credentials was reached. */
function isNotReached({ code, exitCode }: ToolError): boolean {
  return exitCode === exitCodes.unreachable && code !== 'STORE_ACCESS_DENIED'
}

function faultOf(error: ToolError): { readonly fault: StoreOutcome['fault']; readonly code: ErrorCode } {
  const [fault = { what: error.message }] = error.faults
  return { fault, code: error.code }
}

function firstError(planned: readonly PlannedStore[]): ToolError | null {
  return planned.flatMap((one) => (one.type === 'failed' ? [one.error] : []))[0] ?? null
}
