import type { ErrorCode } from '../core/error-codes.ts'
import { type InBoth, joinBoth } from '../core/in-both.ts'
import type { StoreKind } from '../core/store.ts'
import type { Fault, ToolError } from '../core/tool-error.ts'
import type { StoreFinding } from './find-drift.ts'
import type { StorePlan } from './store-plan.ts'

/** The plan of a store, or why it could not be made. */
export interface StorePlanDocument {
  readonly store: StoreKind
  readonly server: string
  /** Null where it could not be made. */
  readonly plan: StorePlan | null
  readonly fault: Fault | null
  /** The fault's stable code. */
  readonly code: ErrorCode | null
}

/** How a run ended for one store. */
export interface StoreOutcome {
  readonly store: StoreKind
  readonly server: string
  readonly version: string | null
  /** - `not-reached` none of its servers answered well enough to compare: nothing is known about it, and nothing was changed. */
  readonly state: 'done' | 'nothing-to-do' | 'failed' | 'not-reached' | 'stopped' | 'not-started'
  /** Summaries of the changes that were made, and of those that were not. */
  readonly done: readonly string[]
  readonly notDone: readonly string[]
  /** How many resources were as declared before. */
  readonly unchanged: number
  readonly notes: readonly string[]
  /** What `setup verify` counts as an error and no change removes: undeclared users with all rights. */
  readonly findings: readonly StoreFinding[]
  readonly milliseconds: number
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

/** One thing that was proven, or not. */
export interface StoreCheck {
  /** What is checked, in a few words: `all 16,384 slots are served`. */
  readonly name: string
  /**
   * - `warning` works, but a person should know of it
   * - `not-judged` nothing can be said of it yet; `seen` says why
   */
  readonly state: 'good' | 'warning' | 'not-judged' | 'bad'
  /** What was seen, as a sentence or half of one. */
  readonly seen: string
  /** What to do; null where nothing is to be done. */
  readonly next: string | null
}

/** A check in English, with the same in Chinese. A server's message is not translated. */
export interface StoreProof extends StoreCheck {
  readonly zh: Omit<StoreCheck, 'state'>
}

/** What `setup verify` found out about one store. */
export interface StoreVerification {
  readonly store: StoreKind
  readonly server: string
  /** How many declared resources were compared with the store. */
  readonly compared: number
  /** What differs from the declaration, what no file declares, what could not be compared. */
  readonly findings: readonly StoreFinding[]
  /** True only where everything that is declared was compared, and nothing differs. */
  readonly asDeclared: boolean
  readonly checks: readonly StoreCheck[]
  readonly milliseconds: number
  /** Why it could not be verified. */
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

interface CheckTexts {
  /** What is seen where nothing is wrong. */
  readonly good: InBoth
  /** What to do where something is. */
  readonly next: InBoth
  /** How bad it is. Default: bad. */
  readonly bad?: 'warning' | 'bad'
}

/** The most findings that a person reads. */
const mostShown = 8

/** A check that passes when there are no findings, and shows them where there are. */
export function check(name: InBoth, findings: readonly InBoth[], { good, next, bad = 'bad' }: CheckTexts): StoreProof {
  if (findings.length === 0) return toProof('good', name, good, null)
  const rest = findings.length - mostShown
  const more: readonly InBoth[] = rest > 0 ? [{ en: `and ${rest} more`, zh: `另有 ${rest} 处` }] : []
  return toProof(bad, name, joinBoth([...findings.slice(0, mostShown), ...more], { en: '; ', zh: '；' }), next)
}

export function toProof(state: StoreCheck['state'], name: InBoth, seen: InBoth, next: InBoth | null): StoreProof {
  const zh = { name: name.zh, seen: seen.zh, next: next?.zh ?? null }
  return { name: name.en, state, seen: seen.en, next: next?.en ?? null, zh }
}

/** What is answered: a check in English. */
export function toCheck({ name, state, seen, next }: StoreProof): StoreCheck {
  return { name, state, seen, next }
}

/** Why a store failed, as its outcome shows it. */
export function faultOf(error: ToolError): { readonly fault: Fault; readonly code: ErrorCode } {
  const [fault = { what: error.message }] = error.faults
  return { fault, code: error.code }
}
