import type { StorePlan } from '../core/store.ts'
import type { ToolError } from '../core/tool-error.ts'
import type { PreparedStore } from './contract.ts'
import { findDrift, toErrorFindings } from './find-drift.ts'
import { isAsDeclared } from './finding.ts'
import { attemptIn, type OpenedStore, withStores } from './open-stores.ts'
import type { StoreVerification } from './outcome.ts'
import type { SetUpReport } from './set-up-stores.ts'

/** Compares every store with its declaration, then proves that it does what it is for; the stores side by side. */
export function verifyStores(stores: readonly PreparedStore[]): Promise<SetUpReport<StoreVerification>> {
  return withStores(stores, async (opened) => {
    const verified = await Promise.all(opened.map(verifyStore))
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

async function verifyStore(one: OpenedStore): Promise<Verified> {
  const { store, server } = one.ready
  const started = performance.now()
  const compared = one.type === 'failed' ? one : await attemptIn(one.session.compare)
  // What is sound is proven also where it could not be compared: both together say what is wrong.
  const proven = one.type === 'failed' ? one : await attemptIn(one.session.verify)
  const comparison = describe(one, compared.error === null ? { plan: compared.value } : { error: compared.error })
  if (proven.error === null) {
    const milliseconds = performance.now() - started
    const outcome = { store, server, ...comparison, checks: proven.value, milliseconds, fault: null, code: null }
    return { outcome, error: null }
  }
  const { error } = proven
  const [fault = { what: error.message }] = error.faults
  // One reason for both is said once.
  const seen = compared.error?.code === error.code ? { ...comparison, findings: [] } : comparison
  const milliseconds = performance.now() - started
  return { outcome: { store, server, ...seen, checks: [], milliseconds, fault, code: error.code }, error }
}

function describe(
  { ready }: OpenedStore,
  compared: { readonly plan: StorePlan } | { readonly error: ToolError },
): Pick<StoreVerification, 'compared' | 'findings' | 'asDeclared'> {
  if ('error' in compared) return { compared: 0, findings: toErrorFindings(ready, compared.error), asDeclared: false }
  const { plan } = compared
  const findings = findDrift(plan)
  const changed = new Set(plan.changes.map(({ resource }) => `${resource.kind} ${resource.name}`))
  return { compared: changed.size + plan.unchanged.length, findings, asDeclared: isAsDeclared(findings) }
}
