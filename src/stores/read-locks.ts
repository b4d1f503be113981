import type { ErrorCode } from '../core/error-codes.ts'
import type { StoreKind } from '../core/store.ts'
import type { Fault, ToolError } from '../core/tool-error.ts'
import type { PreparedStore } from './contract.ts'
import { attemptIn, type OpenedStore, withStores } from './open-stores.ts'
import { faultOf } from './outcome.ts'
import type { SetUpReport } from './set-up-stores.ts'

/** Whether a run is applying the declarations of a store. */
export interface StoreLockState {
  readonly store: StoreKind
  readonly server: string
  /** The run that holds the lock: `deploy@host, process 4711`; null where none does, and where the store was not reached. */
  readonly holder: string | null
  /** For how long it has held the lock, in milliseconds of the store's clock. */
  readonly heldFor: number | null
  /** Milliseconds until another run may take the lock over if it is not renewed; not above 0 where it may do so now. */
  readonly left: number | null
  /** Why the store could not be asked. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/** Reads who holds the lock of each store. Writes nothing. */
export function readLocks(stores: readonly PreparedStore[]): Promise<SetUpReport<StoreLockState>> {
  return withStores(stores, async (opened) => {
    const read = await Promise.all(opened.map(readLock))
    return {
      outcomes: read.map(({ outcome }) => outcome),
      error: read.map(({ error }) => error).find((error) => error !== null) ?? null,
    }
  })
}

async function readLock(
  one: OpenedStore,
): Promise<{ readonly outcome: StoreLockState; readonly error: ToolError | null }> {
  const { store, server } = one.ready
  const none = { store, server, holder: null, heldFor: null, left: null, fault: null, code: null }
  const attempt = one.type === 'failed' ? one : await attemptIn(one.session.readLock)
  if (attempt.error !== null) return { outcome: { ...none, ...faultOf(attempt.error) }, error: attempt.error }
  return { outcome: { ...none, ...attempt.value }, error: null }
}
