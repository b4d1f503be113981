/** How a statement runs in batches: `-- wwdb:batch key=PRIMARY time=0.5s rows=5000`. */
export interface BatchOptions {
  /** The index whose key is walked; null for the primary key, or else the first unique key that fits. */
  readonly key: string | null
  /** The time that a chunk is to take, in milliseconds. */
  readonly time: number
  /** The most keys in a chunk; null where the time alone decides. */
  readonly rows: number | null
  /** `-- wwdb:undo` stands beside it: the rows are kept as they were, for so many milliseconds behind the end of the batch at least. */
  readonly undo?: { readonly grace: number }
}

export const usualChunkTime = 500

/** A week: what `-- wwdb:undo` keeps unless it says how long. */
export const usualGrace = 7 * 86_400_000
