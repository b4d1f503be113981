import type { StoreConfig } from '../config/config.ts'
import type { StoreKind } from '../core/store.ts'
import { ToolError } from '../core/tool-error.ts'
import {
  noOptions,
  type Plan,
  type PlanOptions,
  type Purpose,
  type Store,
  type StoreContext,
  type StoreParts,
  type StoreRun,
  type StoreSession,
} from './contract.ts'
import type { DeclarationDocument } from './declare/read-declarations.ts'
import { declareRemoved } from './declare-removed.ts'
import { inEnglish, noteUndeclared } from './find-drift.ts'
import { importContents } from './import-store.ts'
import type { ComparedPlan } from './store-plan.ts'
import { type Lease, takeLease } from './take-lease.ts'

/** Combines the parts of a store: the same session for every store, with its types hidden. */
export function defineStore<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
>(parts: StoreParts<Declaration, Observation, Operation, Driver>): Store {
  return {
    kind: parts.kind,
    explainError: parts.explainError,
    sandbox: parts.sandbox,
    prepare: (config, documents, run) => {
      const reading = parts.readDeclaration(documents, config)
      if (reading.type === 'faults') throw new ToolError('DECLARATIONS_INVALID', reading.faults)
      const open = async (options = noOptions): Promise<StoreSession> => {
        const driver = await parts.connect(config)
        const opened = { ...declare(parts, reading.declaration, config), driver, run, options }
        return openSession(parts, opened, { config, documents })
      }
      return { store: parts.kind, server: config.label, open }
    },
    readImport: (config, run, request) => importContents(parts, config, run, request),
  }
}

function declare<Declaration>(
  { prefixNames }: { readonly prefixNames: (declaration: Declaration, prefix: string) => Declaration },
  declaration: Declaration,
  { prefix, label, user }: Pick<StoreConfig, 'prefix' | 'label' | 'user'>,
) {
  const named = prefix === '' ? declaration : prefixNames(declaration, prefix)
  return { declaration: named, prefix, server: label, user }
}

/** What a test needs to open a session: a declaration without its prefix, and a driver. */
export interface SessionParts<Declaration, Driver> {
  readonly declaration: Declaration
  readonly prefix: string
  readonly server: string
  readonly user: string | null
  readonly driver: Driver
  readonly run: StoreRun
  readonly options?: PlanOptions
}

/** A session over an open driver; `prefixNames` is applied here. */
export function sessionOver<
  Declaration,
  Observation,
  Operation,
  Driver extends { readonly close: () => Promise<void> },
>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  { declaration, prefix, server, user, driver, run, options = noOptions }: SessionParts<Declaration, Driver>,
): StoreSession {
  const opened = { ...declare(parts, declaration, { prefix, label: server, user }), driver, run, options }
  return openSession(parts, opened, null)
}

/** The files of a session, and where it is. */
interface Present {
  readonly config: StoreConfig
  readonly documents: readonly DeclarationDocument[]
}

function openSession<Declaration, Observation, Operation, Driver extends { readonly close: () => Promise<void> }>(
  parts: StoreParts<Declaration, Observation, Operation, Driver>,
  opened: StoreContext<Declaration, Driver>,
  present: Present | null,
): StoreSession {
  const { kind, backfill } = parts
  const { server, prefix, driver, run } = opened
  let lease: Lease | null = null
  const check = async (): Promise<void> => lease?.check()
  const context = { ...opened, driver: parts.guardWrites(driver, check) }
  const place = parts.lockPlace(opened)
  const unlock = async (): Promise<void> => {
    await lease?.release()
    lease = null
  }
  let latest: { readonly plan: Plan<Operation>; readonly observation: Observation } | null = null
  const make = async (purpose: Purpose) => {
    const observation = await parts.observe(context, purpose)
    return { observation, plan: parts.plan(context, observation, purpose) }
  }
  return {
    store: kind,
    server,
    plan: async () => {
      latest = await make('apply')
      const plan = toComparedPlan(kind, server, latest.plan)
      return { ...plan, findings: plan.findings.map(inEnglish) }
    },
    compare: async () => toComparedPlan(kind, server, (await make('compare')).plan),
    lock: async (wait) => {
      lease ??= await takeLease(place, { store: kind, server, wait, run })
      return lease !== null
    },
    unlock,
    readLock: place.read,
    apply: async ({ number }) => {
      const planned = latest?.plan.changes[number]
      if (latest === null || planned === undefined) throw new Error(`the latest plan has no change ${number}`)
      await parts.applyOperation(context, planned, latest.observation)
    },
    declareRemoved: (resources) => {
      if (present === null) throw new Error('a session without files declares nothing')
      const named = (declaration: Declaration) => declare(parts, declaration, present.config).declaration
      return declareRemoved(parts, { ...present, opened, named }, resources)
    },
    ...(backfill === undefined ? {} : { backfill: (request) => backfill(context, request) }),
    verify: (depth = 'prove') => parts.verify(context, depth),
    clear: async () => {
      if (prefix === '') throw prefixMissing(kind, server)
      return parts.clear(context)
    },
    close: async () => {
      await unlock()
      await driver.close()
    },
  }
}

function toComparedPlan<Operation>(store: StoreKind, server: string, plan: Plan<Operation>): ComparedPlan {
  const { version, changes, unchanged, notes, left, findings } = plan
  return {
    store,
    server,
    version,
    changes: changes.map(({ change }, number) => ({ number, ...change })),
    unchanged,
    notes: [...notes, ...(left ?? []), ...noteUndeclared(findings)],
    ...(left === undefined ? {} : { left }),
    findings,
  }
}

function prefixMissing(store: StoreKind, server: string): ToolError {
  return new ToolError('STORE_PREFIX_MISSING', {
    what: `Removing resources from ${store} requires a prefix.`,
    where: { server },
    why: 'Without a prefix, everything on the server would be removed.',
    next: 'Set `prefix` in the configuration, `WWDB_PREFIX` or `--prefix`.',
  })
}
