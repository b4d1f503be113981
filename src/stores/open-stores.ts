import type { Context } from '../command/context.ts'
import type { StoreConfig } from '../config/config.ts'
import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import { type PlanOptions, type PreparedStore, type StoreSession, storeReader } from './contract.ts'
import type { StorePlan } from './store-plan.ts'

/** A store that was opened, or why it was not; one failure does not affect the others. */
export type OpenedStore =
  | { readonly type: 'open'; readonly ready: PreparedStore; readonly session: StoreSession }
  | { readonly type: 'failed'; readonly ready: PreparedStore; readonly error: ToolError }

/** The same with its plan. */
export type PlannedStore =
  | (Extract<OpenedStore, { readonly type: 'open' }> & { readonly plan: StorePlan })
  | Extract<OpenedStore, { readonly type: 'failed' }>

/** Opens all stores in parallel, passes them on, and closes them even after a failure. */
export async function withStores<Answer>(
  stores: readonly PreparedStore[],
  use: (opened: readonly OpenedStore[]) => Promise<Answer>,
  options?: PlanOptions,
): Promise<Answer> {
  const opened = await Promise.all(stores.map((ready) => openStore(ready, options)))
  try {
    return await use(opened)
  } finally {
    await Promise.all(opened.map((one) => (one.type === 'open' ? one.session.close() : null)))
  }
}

async function openStore(ready: PreparedStore, options?: PlanOptions): Promise<OpenedStore> {
  const attempt = await attemptIn(() => ready.open(options))
  return attempt.error === null
    ? { type: 'open', ready, session: attempt.value }
    : { type: 'failed', ready, error: attempt.error }
}

/** Plans a store that is open; one that cannot be planned has failed. */
export async function planOne(one: OpenedStore): Promise<PlannedStore> {
  if (one.type === 'failed') return one
  const attempt = await attemptIn(one.session.plan)
  return attempt.error === null
    ? { ...one, plan: attempt.value }
    : { type: 'failed', ready: one.ready, error: attempt.error }
}

type Attempt<Value> = { readonly value: Value; readonly error: null } | { readonly error: ToolError }

/** A store's failure as a value; a defect of wwdb is rethrown. */
export async function attemptIn<Value>(work: () => Promise<Value>): Promise<Attempt<Value>> {
  try {
    return { value: await work(), error: null }
  } catch (error) {
    if (error instanceof ToolError) return { error }
    throw error
  }
}

/**
 * The stores asked for, or all stores in the configuration, with their declarations read. Every fault of every declaration is reported at once.
 * Throws ToolError `UNKNOWN_STORE` (64), `NO_STORES` (78), `DECLARATIONS_INVALID` (78).
 */
export async function chooseStores(context: Context, only: readonly StoreKind[]): Promise<readonly PreparedStore[]> {
  const chosen = await chooseConfigured(context, only)
  const readStore = await context.port(storeReader)
  const read = await Promise.allSettled(chosen.map((store) => readStore(store)))
  const failed = read.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  const defect = failed.find((error) => !(error instanceof ToolError))
  if (defect !== undefined) throw defect
  const errors = failed.filter((error) => error instanceof ToolError)
  const [first] = errors
  if (first !== undefined) {
    const faults = errors.flatMap((error) => error.faults)
    throw new ToolError(first.code, faults, { exitCode: first.exitCode, cause: first })
  }
  return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

/** The same for one store, whose declarations are not read. Throws ToolError `UNKNOWN_STORE` (64), `NO_STORES` (78). */
export async function chooseStore(context: Context, store: StoreKind): Promise<StoreConfig> {
  const [chosen] = await chooseConfigured(context, [store])
  if (chosen === undefined) throw new Error('the store that was asked for is not there')
  return chosen
}

async function chooseConfigured(context: Context, only: readonly StoreKind[]): Promise<readonly StoreConfig[]> {
  const { stores, file } = await context.config()
  const configured = stores.map(({ store }) => store)
  for (const name of only) if (!configured.includes(name)) throw notConfigured(name, configured)
  const chosen = stores.filter(({ store }) => only.length === 0 || only.includes(store))
  if (chosen.length === 0) throw noStores(file)
  const closed = chosen.flatMap(({ faults }) => faults)
  if (closed.length > 0) throw new ToolError('CONFIG_INVALID', closed)
  return chosen
}

function notConfigured(name: string, configured: readonly string[]): ToolError {
  return new ToolError('UNKNOWN_STORE', {
    what: `The configuration has no store \`${name}\`.`,
    why: configured.length === 0 ? 'It has no stores.' : `It has \`${configured.join('`, `')}\`.`,
    next: 'Add it under `stores`, or name another one.',
  })
}

function noStores(file: string | null): ToolError {
  return new ToolError('NO_STORES', {
    what: 'The configuration has no stores besides MySQL.',
    ...(file === null ? {} : { where: { file } }),
    next: 'Add one: "stores": {"redis": {"url": "redis://127.0.0.1:6379"}}, with its declarations in migrations/redis.',
  })
}
