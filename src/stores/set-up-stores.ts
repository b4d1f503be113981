import type { Emit } from '../command/event.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { StopRequest } from '../core/stop-request.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import type { PreparedStore, VerifyDepth } from './contract.ts'
import { findDrift, inEnglish, isAsDeclared, toErrorFindings } from './find-drift.ts'
import { attemptIn, type OpenedStore, type PlannedStore, planEach, withStores } from './open-stores.ts'
import { type StoreOutcome, type StorePlanDocument, type StoreVerification, toCheck } from './outcome.ts'
import type { ComparedPlan, StoreChange, StorePlan } from './store-plan.ts'

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
  const none = { store, server, version: null, done: [], notDone: [], unchanged: 0, notes: [], findings: [] }
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
    refuseLeft(plan)
    return plan.changes.length > 0 ? 'done' : 'nothing-to-do'
  })
  const summary = {
    store,
    server,
    version: plan.version,
    done,
    notDone: plan.changes.slice(done.length).map((change) => change.summary),
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

/** What was written must be what is there: throws ToolError `STORE_DIFFERS` where a second plan finds something to do. */
function readBack({ store, server, changes }: StorePlan): void {
  const [first] = changes
  if (first === undefined) return
  const difference = first.differences[0]
  const seen =
    difference === undefined
      ? first.summary
      : `${first.summary}: ${difference.path} is ${difference.actual ?? 'not there'}, but declared as ${difference.declared ?? 'nothing'}`
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

/** What the person who starts the run has allowed, by code. */
interface LossPermission {
  readonly allow: readonly string[]
  /** Asks before what was allowed is done; throws where the answer is not yes. */
  readonly confirm: (what: string) => Promise<void>
}

type LosingChange = StoreChange & { readonly loss: NonNullable<StoreChange['loss']> }

/** How many of the things concerned are named in a sentence. */
const mostNamed = 8

/**
 * Stops a run that would lose what is not allowed, and asks for confirmation of what is.
 * Throws ToolError `STORE_LOSS` with a fault for each change, before anything is written.
 */
async function approveLosses(plans: readonly StorePlan[], permission: LossPermission): Promise<void> {
  const losing = plans.flatMap((plan) => plan.changes.filter(loses).map((change) => ({ plan, change })))
  const refused = losing.filter(({ change }) => !permission.allow.includes(change.loss.code))
  if (refused.length > 0) {
    throw new ToolError(
      'STORE_LOSS',
      refused.map(({ plan, change }) => toFault(plan, change)),
    )
  }
  if (losing.length === 0) return
  const sentences = losing.map(({ plan, change }) => `${plan.store}: ${change.summary}. ${describeLoss(change)}`)
  await permission.confirm(sentences.join('\n'))
}

function loses(change: StoreChange): change is LosingChange {
  return change.loss !== null
}

function toFault({ store, server }: StorePlan, change: LosingChange): Fault {
  return {
    what: `${store}: ${change.summary}: that loses data.`,
    where: { server },
    why: describeLoss(change),
    next: `If the loss is intentional, allow it with \`--allow ${change.loss.code}\`; otherwise revert the declaration.`,
  }
}

function describeLoss({ loss: { why, affected } }: LosingChange): string {
  if (affected.length === 0) return why
  const named = affected.slice(0, mostNamed).join(', ')
  const more = affected.length > mostNamed ? ` and ${affected.length - mostNamed} more` : ''
  return `${why} Affected: ${named}${more}.`
}

/** Compares every store with its declaration, then proves that it does what it is for, or looks whether it can; the stores side by side. */
export function verifyStores(
  stores: readonly PreparedStore[],
  depth: VerifyDepth = 'prove',
): Promise<SetUpReport<StoreVerification>> {
  return withStores(stores, async (opened) => {
    const verified = await Promise.all(opened.map((one) => verifyStore(one, depth)))
    return {
      outcomes: verified.map(({ outcome }) => outcome),
      error: verified.map(({ error }) => error).find((error) => error !== null) ?? null,
    }
  })
}

interface Verified {
  readonly outcome: StoreVerification
  readonly error: ToolError | null
}

async function verifyStore(one: OpenedStore, depth: VerifyDepth): Promise<Verified> {
  const { store, server } = one.ready
  const started = performance.now()
  const compared = one.type === 'failed' ? one : await attemptIn(one.session.compare)
  // What is sound is proven also where it could not be compared: both together show what is wrong.
  const proven = one.type === 'failed' ? one : await attemptIn(() => one.session.verify(depth))
  const comparison = describe(one, compared.error === null ? { plan: compared.value } : { error: compared.error })
  if (proven.error === null) {
    const milliseconds = performance.now() - started
    const outcome = {
      store,
      server,
      ...comparison,
      checks: proven.value.map(toCheck),
      milliseconds,
      fault: null,
      code: null,
    }
    return { outcome, error: null }
  }
  const { error } = proven
  const [fault = { what: error.message }] = error.faults
  // One reason for both is reported once.
  const seen = compared.error?.code === error.code ? { ...comparison, findings: [] } : comparison
  const milliseconds = performance.now() - started
  return { outcome: { store, server, ...seen, checks: [], milliseconds, fault, code: error.code }, error }
}

function describe(
  { ready }: OpenedStore,
  compared: { readonly plan: ComparedPlan } | { readonly error: ToolError },
): Pick<StoreVerification, 'compared' | 'findings' | 'asDeclared'> {
  if ('error' in compared) {
    return { compared: 0, findings: toErrorFindings(ready, compared.error).map(inEnglish), asDeclared: false }
  }
  const { plan } = compared
  const findings = findDrift(plan)
  const changed = new Set(plan.changes.map(({ resource }) => `${resource.kind} ${resource.name}`))
  return {
    compared: changed.size + plan.unchanged.length,
    findings: findings.map(inEnglish),
    asDeclared: isAsDeclared(findings),
  }
}
