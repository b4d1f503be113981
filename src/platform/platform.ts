import type { Context } from '../command/context.ts'
import type { Result } from '../command/result.ts'
import { selectDatabases } from '../config/config.ts'
import type { ErrorCode } from '../core/error-codes.ts'
import type { ExitCode } from '../core/exit-code.ts'
import { countOf } from '../core/plural.ts'
import type { Fault } from '../core/tool-error.ts'
import { readFamilies } from '../shards/templates/read-families.ts'
import type { StoreFinding } from '../stores/find-drift.ts'
import type { StoreOutcome } from '../stores/outcome.ts'

/** The steps of `wwdb up`, in this order. */
export const platformSteps = ['create', 'migrate', 'rotate', 'seed', 'setup'] as const

export type PlatformStep = (typeof platformSteps)[number]

/** How one step of `wwdb up` went. */
export interface PlatformStepOutcome {
  readonly step: PlatformStep
  /** - `left-out` asked for with --skip, or nothing of the kind is in the project. */
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'stopped' | 'not-started' | 'left-out'
  /** The result in a few words. */
  readonly summary: string
  readonly milliseconds: number
  readonly exitCode: ExitCode
  readonly faults: readonly Fault[]
  /** What is wrong and this step does not change; `wwdb setup verify` counts it as an error. */
  readonly findings: readonly StoreFinding[]
}

/** One part of the platform, and where it is. */
export interface PlatformPlace {
  /** A logical database or a store. */
  readonly name: string
  /** `host:port`, several with commas. */
  readonly server: string
  /** What exists: its schema, its shards, its declared resources. */
  readonly holds: string
}

/** The server of a store that is declared without a URL. */
export const noUrl = 'no URL'

/**
 * What a step of `wwdb up` did, in a few words; its own answer says more. It claims that all is well only of what was looked
 * at.
 */
export function summarize(result: Result): string {
  switch (result.kind) {
    case 'databases': {
      const made = result.databases.filter(({ state }) => state === 'created').length
      const there = result.databases.filter(({ state }) => state !== 'unreachable').length
      return made === 0 ? `${there} schemas exist` : `${made} schemas created`
    }
    case 'run':
      return counted(
        result.outcomes.flatMap(({ done }) => done).length,
        'migrations applied',
        isIdle(result) ? 'no migration is pending' : '',
      )
    case 'rotation': {
      const made = result.families.flatMap(({ created }) => created).length
      const retired = result.families.flatMap(({ sealed, held, archived, dropped }) =>
        [sealed, held, archived, dropped].flat(),
      )
      const went = result.families.every(({ state }) => state === 'done' || state === 'nothing-to-do')
      const parts = [
        counted(made, 'shards made', went ? 'every shard exists' : ''),
        counted(retired.length, 'steps of retirement', ''),
      ]
      return parts.filter((part) => part !== '').join(', ')
    }
    case 'seed': {
      const written: ReadonlySet<string> = new Set(['insert', 'update', 'delete'])
      const rows = result.outcomes.flatMap((one) => one.rows).filter(({ action }) => written.has(action)).length
      const went = result.outcomes.every(({ state }) => state === 'done' || state === 'nothing-to-do')
      return counted(rows, 'rows seeded', went ? 'every row matches its file' : '')
    }
    case 'store-run':
      return summarizeStores(result.stores)
    default:
      return ''
  }
}

/** How a store ended, in the words of the summary and of the list of places. */
const storeStates: Readonly<Record<StoreOutcome['state'], string>> = {
  done: 'changed',
  'nothing-to-do': 'as declared',
  failed: 'failed',
  'not-reached': 'not reached',
  stopped: 'stopped',
  'not-started': 'not looked at',
}

/** Each store under its own outcome: `changed: redis (3 changes); as declared: mongodb; not reached: influxdb`. */
function summarizeStores(stores: readonly StoreOutcome[]): string {
  const states = Object.keys(storeStates) as readonly StoreOutcome['state'][]
  const groups = states.map((state) => ({ state, own: stores.filter((one) => one.state === state) }))
  return groups
    .filter(({ own }) => own.length > 0)
    .map(({ state, own }) => `${storeStates[state]}: ${own.map(nameWithChanges).join(', ')}`)
    .join('; ')
}

function nameWithChanges({ store, done }: StoreOutcome): string {
  return done.length === 0 ? store : `${store} (${done.length} ${done.length === 1 ? 'change' : 'changes'})`
}

/** True where nothing had to be done. */
export function isIdle(result: Result): boolean {
  switch (result.kind) {
    case 'databases':
      return result.databases.every(({ state }) => state !== 'created')
    case 'run':
    case 'seed':
      return result.outcomes.every(({ state }) => state === 'nothing-to-do')
    case 'rotation':
      return result.families.every(({ state }) => state === 'nothing-to-do')
    case 'store-run':
      return result.stores.every(({ state }) => state === 'nothing-to-do')
    default:
      return false
  }
}

/** The faults, each once. */
export function faultsOf(result: Result): readonly Fault[] {
  const faults = partsOf(result).flatMap(({ fault }) => fault ?? [])
  const texts = faults.map((fault) => JSON.stringify(fault))
  return faults.filter((_, index) => texts.indexOf(texts[index] ?? '') === index)
}

/** Faults that no change removes, such as an undeclared user with all privileges. */
export function findingsOf(result: Result): readonly StoreFinding[] {
  return result.kind === 'store-run' ? result.stores.flatMap(({ findings }) => findings) : []
}

function partsOf(result: Result): readonly { readonly fault: Fault | null }[] {
  switch (result.kind) {
    case 'run':
    case 'seed':
      return result.outcomes
    case 'databases':
      return result.databases.map(({ target, state, detail }) => ({
        fault: state === 'unreachable' ? { what: `${detail ?? state}.`, where: { server: target.server } } : null,
      }))
    case 'rotation':
      return result.families
    case 'store-run':
      return result.stores
    default:
      return []
  }
}

/** The databases that a step left out, or left half done, because a server was not reached. */
export function listUnreached(result: Result): readonly string[] {
  switch (result.kind) {
    case 'databases':
      return result.databases.filter(({ state }) => state === 'unreachable').map(({ target }) => target.database)
    case 'run':
    case 'seed':
      return result.outcomes
        .filter(({ state }) => state === 'not-reached' || state === 'blocked')
        .map(({ target }) => target.database)
    case 'rotation':
      return result.families.filter(({ code }) => isUnreachable(code)).map(({ target }) => target.database)
    default:
      return []
  }
}

const isUnreachable = (code: ErrorCode | null): boolean => code === 'UNREACHABLE' || code === 'ACCESS_DENIED'

function counted(number: number, what: string, none: string): string {
  return number === 0 ? none : `${number} ${what}`
}

/**
 * Lists what is where: the databases with their families from the configuration, then the stores, each as this run left it.
 * @param outcomes of the stores; empty where setting up ended before any of them had one.
 */
export async function describePlaces(
  context: Context,
  wanted: ReadonlyMap<PlatformStep, boolean>,
  outcomes: readonly StoreOutcome[],
): Promise<readonly PlatformPlace[]> {
  const config = await context.config()
  const families = await readFamilies(config)
  const databases = selectDatabases(config, context.targets).map(({ name, schema, server }) => {
    const own = families.filter(({ database }) => database === name).map((family) => family.name)
    const sharded = own.length === 0 ? '' : `; sharded: ${own.join(', ')}`
    return { name, server: server.label, holds: `schema ${schema}${sharded}` }
  })
  const without = config.stores
    .filter(({ hasUrl }) => !hasUrl)
    .map(({ store }) => ({ name: store, server: noUrl, holds: 'not configured here, left out' }))
  if (wanted.get('setup') !== true) return [...databases, ...without]
  const stores = config.stores
    .filter(({ hasUrl }) => hasUrl)
    .map(({ store, label, prefix }) => ({
      name: store,
      server: label,
      holds: `${describeStore(outcomes.find((one) => one.store === store))}${prefix === '' ? '' : `, prefix ${prefix}`}`,
    }))
  return [...databases, ...stores, ...without]
}

/** After its changes a store was read back, so it is as declared. */
function describeStore(outcome: StoreOutcome | undefined): string {
  if (outcome === undefined) return 'unchanged: the run stopped before any store was changed'
  const state = outcome.state === 'done' ? 'as declared' : storeStates[outcome.state]
  return outcome.findings.length === 0 ? state : `${state}, but for ${countOf(outcome.findings.length, 'finding')}`
}
