import type { ToolError } from '../core/tool-error.ts'
import { unusedAllowances } from './allowed-losses.ts'
import { type ApplyRequest, applyStore, lockStore } from './apply-store.ts'
import { approveLosses, refuseLosses } from './approve-losses.ts'
import type { PlanOptions, PreparedStore, VerifyDepth } from './contract.ts'
import { findDrift, inEnglish, isAsDeclared, toErrorFindings } from './find-drift.ts'
import { attemptIn, type OpenedStore, type PlannedStore, planOne, withStores } from './open-stores.ts'
import { faultOf, type StoreOutcome, type StorePlanDocument, type StoreVerification, toCheck } from './outcome.ts'
import { planAgain } from './plan-again.ts'
import type { ComparedPlan, StorePlan } from './store-plan.ts'

export interface SetUpRequest extends ApplyRequest {
  readonly stores: readonly PreparedStore[]
  readonly options?: PlanOptions
}

/** The first failure of any store decides the exit code; null when there was none. */
export interface SetUpReport<Outcome> {
  readonly outcomes: readonly Outcome[]
  readonly error: ToolError | null
}

/** The changes that would bring each store to its declarations. Writes nothing. */
export function planStores(
  stores: readonly PreparedStore[],
  options?: PlanOptions,
): Promise<SetUpReport<StorePlanDocument>> {
  return withStores(
    stores,
    async (opened) => {
      const planned = await Promise.all(opened.map(planOne))
      const outcomes = planned.map((one): StorePlanDocument => {
        const { store, server } = one.ready
        if (one.type === 'failed') return { store, server, plan: null, ...faultOf(one.error) }
        return { store, server, plan: one.plan, fault: null, code: null }
      })
      return { outcomes, error: firstError(planned) }
    },
    options,
  )
}

/**
 * Brings every store to its declarations: plans all, takes the locks of those that have something to do and plans these again, asks about what
 * would be lost, plans once more, applies side by side, and reads back: a second plan must be empty. One store's trouble leaves the others their work.
 * Throws ToolError `STORE_LOSS` before anything is written.
 */
export function setUpStores(request: SetUpRequest): Promise<SetUpReport<StoreOutcome>> {
  return withStores(
    request.stores,
    async (opened) => {
      const seen = await Promise.all(opened.map(async (one) => ({ one, planned: await planOne(one) })))
      refuseLosses(plansOf(seen.map(({ planned }) => planned)), request.permission)
      const planned = await Promise.all(seen.map((store) => lockStore(store.planned, store.one, request)))
      // What is planned under the locks counts: another run may have made a loss of it, or none.
      for (const { flag } of unusedAllowances(request.permission.allow, plansOf(planned))) {
        const message = `\`${flag}\` does not name what this plan would lose.`
        request.emit({ type: 'warning', message, target: null })
      }
      await approveLosses(plansOf(planned), request.permission)
      const again = await Promise.all(planned.map(planAgain))
      const applied = await allOf(again.map((one) => applyStore(one, request)))
      return {
        outcomes: applied.map(({ outcome }) => outcome),
        error: applied.map(({ error }) => error).find((error) => error !== null) ?? null,
      }
    },
    request.options,
  )
}

/** A defect in one store ends no lock under which another one is still written to. */
async function allOf<Value>(works: readonly Promise<Value>[]): Promise<readonly Value[]> {
  await Promise.allSettled(works)
  return Promise.all(works)
}

function plansOf(planned: readonly PlannedStore[]): readonly StorePlan[] {
  return planned.flatMap((one) => (one.type === 'failed' ? [] : [one.plan]))
}

function firstError(planned: readonly PlannedStore[]): ToolError | null {
  return planned.flatMap((one) => (one.type === 'failed' ? [one.error] : []))[0] ?? null
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
  // Checks also run where the store could not be compared: both together show what is wrong.
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
  // A common reason is reported once.
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
