import type { StorePlan } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import type { PreparedStore, StoreSession } from './contract.ts'

/** A store that was opened, or why it was not: its own trouble, which leaves the others alone. */
export type OpenedStore =
  | { readonly type: 'open'; readonly ready: PreparedStore; readonly session: StoreSession }
  | { readonly type: 'failed'; readonly ready: PreparedStore; readonly error: ToolError }

/** The same with what would bring it to its declarations. */
export type PlannedStore =
  | (Extract<OpenedStore, { readonly type: 'open' }> & { readonly plan: StorePlan })
  | Extract<OpenedStore, { readonly type: 'failed' }>

/** Opens all stores in parallel, passes them on, and closes them even after a failure. */
export async function withStores<Answer>(
  stores: readonly PreparedStore[],
  use: (opened: readonly OpenedStore[]) => Promise<Answer>,
): Promise<Answer> {
  const opened = await Promise.all(stores.map(openStore))
  try {
    return await use(opened)
  } finally {
    await Promise.all(opened.map((one) => (one.type === 'open' ? one.session.close() : null)))
  }
}

async function openStore(ready: PreparedStore): Promise<OpenedStore> {
  const attempt = await attemptIn(ready.open)
  return attempt.error === null
    ? { type: 'open', ready, session: attempt.value }
    : { type: 'failed', ready, error: attempt.error }
}

/** Plans every store that is open; one that cannot be planned has failed. */
export function planEach(opened: readonly OpenedStore[]): Promise<readonly PlannedStore[]> {
  return Promise.all(
    opened.map(async (one): Promise<PlannedStore> => {
      if (one.type === 'failed') return one
      const attempt = await attemptIn(one.session.plan)
      return attempt.error === null
        ? { ...one, plan: attempt.value }
        : { type: 'failed', ready: one.ready, error: attempt.error }
    }),
  )
}

type Attempt<Value> = { readonly value: Value; readonly error: null } | { readonly error: ToolError }

/** What a store's trouble is, as a value; a defect of ours is thrown on. */
export async function attemptIn<Value>(work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await work(), error: null }
  } catch (error) {
    if (error instanceof ToolError) return { error }
    throw error
  }
}
