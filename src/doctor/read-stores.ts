import type { Context } from '../command/context.ts'
import type { Config, StoreConfig } from '../config/config.ts'
import { isLoopback } from '../config/url-parts.ts'
import type { StoreKind } from '../core/store.ts'
import { type Fault, ToolError } from '../core/tool-error.ts'
import { type PreparedStore, storeReader } from '../stores/contract.ts'
import { findDrift, type StoreFinding, toErrorFindings } from '../stores/find-drift.ts'
import { attemptIn, type OpenedStore, withStores } from '../stores/open-stores.ts'
import type { StoreFacts } from './facts.ts'

/** Reads the state of the stores, and the faults of their declarations. */
interface StoreReading {
  readonly stores: readonly StoreFacts[]
  /** Declared without a URL. */
  readonly withoutUrl: readonly StoreKind[]
  readonly declarations: readonly Fault[]
}

/** Compares every store with its declaration and checks its health. Writes nothing. */
export async function readStores(context: Context, { stores }: Config, timeout: number): Promise<StoreReading> {
  const declarations: Fault[] = []
  const prepared: { readonly config: StoreConfig; readonly ready: PreparedStore }[] = []
  const closed: StoreFacts[] = []
  for (const config of stores.filter(({ hasUrl }) => hasUrl)) {
    const [fault] = config.faults
    if (fault !== undefined) {
      closed.push({ ...placeOf(config), ...nothingSeen, fault })
      continue
    }
    try {
      prepared.push({ config, ready: await (await context.port(storeReader))({ ...config, connectTimeout: timeout }) })
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      declarations.push(...error.faults)
    }
  }
  const open = await withStores(
    prepared.map(({ ready }) => ready),
    (opened) =>
      Promise.all(
        prepared.flatMap(({ config, ready }) => {
          const one = opened.find((candidate) => candidate.ready === ready)
          return one === undefined ? [] : [look(config, one)]
        }),
      ),
  )
  const withoutUrl = stores.filter(({ hasUrl }) => !hasUrl).map(({ store }) => store)
  return { stores: [...closed, ...open], withoutUrl, declarations }
}

const nothingSeen = { version: null, drift: [], checks: [] } as const

function placeOf({ store, label, endpoints, secure }: StoreConfig) {
  const server = endpoints.length === 0 ? null : label
  return { store, server, remote: endpoints.some(({ host }) => !isLoopback(host)), secure }
}

async function look(config: StoreConfig, opened: OpenedStore): Promise<StoreFacts> {
  const place = placeOf(config)
  if (opened.type === 'failed') return { ...place, ...nothingSeen, fault: faultOf(opened.error) }
  const { session, ready } = opened
  const compared = await attemptIn(session.compare)
  const looked = await attemptIn(() => session.verify('look'))
  if (looked.error !== null) return { ...place, ...nothingSeen, fault: faultOf(looked.error) }
  const version = compared.error === null ? compared.value.version : null
  const drift = compared.error === null ? findDrift(compared.value) : toErrorFindings(ready, compared.error)
  // A replica set of which no member answers has no version: report why it could not be compared.
  const silent = version === null ? drift.find(({ resource }) => resource.kind === 'store') : undefined
  if (silent !== undefined) return { ...place, ...nothingSeen, fault: toFault(silent) }
  return { ...place, version, fault: null, drift, checks: looked.value }
}

function toFault({ what, why, next }: StoreFinding): Fault {
  return { what, next, ...(why === null ? {} : { why }) }
}

function faultOf(error: ToolError): Fault {
  return error.faults[0] ?? { what: error.message }
}
