import type { StoreDifference, StoreKind, StoreResource } from '../core/store.ts'

/** The one shape of what comparing a store with its declaration found, in every store. */
export interface StoreFinding {
  /**
   * - `STORE_MISSING` is declared, and not there
   * - `STORE_DRIFT` is there, otherwise than declared
   * - `STORE_SURPLUS` is there, and the declaration wants it gone
   * - `STORE_UNDECLARED` is there, and no file declares it
   * - `STORE_NOT_COMPARED` is declared, and could not be compared
   *
   * Where nothing could be compared it is the code of the error that says why.
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
  /** A sentence; null where the differences say it. */
  readonly why: string | null
  readonly differences: readonly StoreDifference[]
  /** What to do. */
  readonly next: string
}

/** Whether everything that is declared was compared, and nothing differs. What nobody declared is another matter. */
export function isAsDeclared(findings: readonly StoreFinding[]): boolean {
  return findings.every(({ code }) => code === 'STORE_UNDECLARED')
}
