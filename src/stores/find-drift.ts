import type { StoreKind } from '../core/store.ts'
import type { ToolError } from '../core/tool-error.ts'
import type { StoreChange, StoreDifference, StorePlan, StoreResource } from './store-plan.ts'

/** A store and its server, as every finding names them. */
interface Place {
  readonly store: StoreKind
  readonly server: string
}

/** Every change that a plan would make is a finding: what is declared is not what is there. */
export function findDrift(plan: StorePlan): readonly StoreFinding[] {
  return [...plan.changes.map((change) => toFinding(plan, change)), ...plan.findings]
}

function toFinding({ store, server }: Place, change: StoreChange): StoreFinding {
  const { resource, action, summary, differences, loss } = change
  const { code, words } = kinds[action]
  const allow = loss === null ? '' : ` --allow ${loss.code}`
  const meant = loss === null ? '' : `, if the loss is intentional (${loss.code})`
  return {
    code,
    severity: 'error',
    store,
    server,
    resource,
    what: `${capitalize(resource.kind)} \`${resource.name}\` ${words}.`,
    why: `To restore it: ${summary}.`,
    differences,
    next: `Look at \`wwdb setup plan --only ${store}\`, then run \`wwdb setup apply --only ${store}${allow}\`${meant}.`,
  }
}

const kinds = {
  create: { code: 'STORE_MISSING', words: 'is missing' },
  update: { code: 'STORE_DRIFT', words: 'is not as declared' },
  replace: { code: 'STORE_DRIFT', words: 'is not as declared' },
  remove: { code: 'STORE_SURPLUS', words: 'exists, but the declaration removes it' },
} as const

/** Where no plan could be made, that is the finding: nothing was compared. */
export function toErrorFindings({ store, server }: Place, { code, faults }: ToolError): readonly StoreFinding[] {
  return faults.map(({ what, where, why = null, next = '' }) => ({
    code,
    severity: 'error',
    store,
    server: where?.server ?? server,
    resource: { kind: 'store', name: store },
    what,
    why,
    differences: [],
    next,
  }))
}

/** Something that exists, but is not declared in any file. It is left alone. */
export interface Undeclared {
  readonly resource: StoreResource
  /** What it is or may do, in a few words; null where its name says enough. */
  readonly detail: string | null
  /** `error` for what may do anything, which is never to pass unseen. */
  readonly severity: StoreFinding['severity']
  /** How it is declared or removed. */
  readonly next: string
}

export function toUndeclaredFinding({ store, server }: Place, undeclared: Undeclared): StoreFinding {
  const { resource, detail, severity, next } = undeclared
  const what = `${capitalize(resource.kind)} \`${resource.name}\` exists, but is not declared in any file.`
  const why = detail === null ? null : `${capitalize(detail)}.`
  return { code: 'STORE_UNDECLARED', severity, store, server, resource, what, why, differences: [], next }
}

/** Something that is declared, and could not be compared. */
export function toNotComparedFinding(
  { store, server }: Place,
  resource: StoreResource,
  { why, next }: { readonly why: string; readonly next: string },
): StoreFinding {
  const what = `${capitalize(resource.kind)} \`${resource.name}\` was not compared.`
  return {
    code: 'STORE_NOT_COMPARED',
    severity: 'warning',
    store,
    server,
    resource,
    what,
    why,
    differences: [],
    next,
  }
}

/** How many undeclared resources are named in a plan. */
const mostNamed = 5

/** The note of a plan about undeclared resources; empty where there are none. */
export function noteUndeclared(findings: readonly StoreFinding[]): readonly string[] {
  const names = findings
    .filter(({ code }) => code === 'STORE_UNDECLARED')
    .map(({ resource }) => `${resource.kind} ${resource.name}`)
  if (names.length === 0) return []
  const more = names.length > mostNamed ? ` and ${names.length - mostNamed} more` : ''
  return [`Not changed, because no file declares it: ${names.slice(0, mostNamed).join(', ')}${more}.`]
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** The one shape of what comparing a store with its declaration found, in every store. */
export interface StoreFinding {
  /**
   * - `STORE_MISSING` is declared, and does not exist
   * - `STORE_DRIFT` differs from its declaration
   * - `STORE_SURPLUS` exists, but the declaration removes it
   * - `STORE_UNDECLARED` exists, and no file declares it
   * - `STORE_NOT_COMPARED` is declared, and could not be compared
   *
   * Where nothing could be compared it is the code of the error that is the reason.
   */
  readonly code: string
  /** - `warning` a person should know it; it does not fail the check. */
  readonly severity: 'error' | 'warning'
  readonly store: StoreKind
  /** `host:port`, several with commas. */
  readonly server: string
  readonly resource: StoreResource
  /** A sentence. */
  readonly what: string
  /** A sentence; null where the differences show it. */
  readonly why: string | null
  readonly differences: readonly StoreDifference[]
  /** What to do. */
  readonly next: string
}

/** Whether everything that is declared was compared, and nothing differs. Undeclared resources do not count. */
export function isAsDeclared(findings: readonly StoreFinding[]): boolean {
  return findings.every(({ code }) => code === 'STORE_UNDECLARED')
}
