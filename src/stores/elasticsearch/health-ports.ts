/** A stream that is created, written, searched and removed to prove that search works. */
export interface Canary {
  readonly name: string
  /** Component templates its indices are made of. */
  readonly components: readonly string[]
  /** Analyzer names for its text; null for the server's default. */
  readonly analyzers: { readonly index: string; readonly search: string } | null
  readonly sentence: string
  /** Texts that must find the sentence, and texts that must not. */
  readonly finding: readonly string[]
  readonly missing: readonly string[]
}

export interface CanaryReport {
  /** The texts that failed. */
  readonly wrong: readonly string[]
  /** The terms into which the sentence was split. */
  readonly terms: readonly string[]
  /** Canaries of killed runs that were removed. */
  readonly cleared: readonly string[]
}

export interface ClusterHealth {
  readonly status: string
  readonly nodes: number
  /** Null where the server has no lifecycle management. */
  readonly lifecycle: string | null
  /** Indices whose lifecycle is stuck, each with its reason; null where the server does not report it. */
  readonly stuck: readonly string[] | null
}
