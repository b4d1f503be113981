import type { StoreVerification } from '../../domain/stores/outcome.ts'
import type { ToolError } from '../../domain/tool-error.ts'
import { attemptIn, type OpenedStore, type ReadyStore, withStores } from './open-stores.ts'
import type { SetUpReport } from './set-up-stores.ts'

/** Proves of every store, side by side, that it does what it is for. */
export function verifyStores(stores: readonly ReadyStore[]): Promise<SetUpReport<StoreVerification>> {
  return withStores(stores, async (opened) => {
    const verified = await Promise.all(opened.map(verifyStore))
    return {
      outcomes: verified.map(({ outcome }) => outcome),
      error: verified.map(({ error }) => error).find((error) => error !== null) ?? null,
    }
  })
}

async function verifyStore(
  one: OpenedStore,
): Promise<{ readonly outcome: StoreVerification; readonly error: ToolError | null }> {
  const { store, server } = one.ready
  const started = performance.now()
  const attempt = one.type === 'failed' ? one : await attemptIn(one.session.verify)
  const { error } = attempt
  if (error === null) {
    const checks = attempt.value
    return {
      outcome: { store, server, checks, milliseconds: performance.now() - started, fault: null, code: null },
      error,
    }
  }
  const [fault = { what: error.message }] = error.faults
  const milliseconds = performance.now() - started
  return { outcome: { store, server, checks: [], milliseconds, fault, code: error.code }, error }
}
