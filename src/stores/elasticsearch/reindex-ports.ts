import type { JsonObject } from './declaration.ts'

/** A reindex that has begun: kept in the store until the copy has taken its index's place. */
export interface Move {
  /** The index whose documents are copied. */
  readonly source: string
  /** The index that takes its place. */
  readonly copy: string
  /** Sequence numbers from which the pass under way copies; null for all documents. */
  readonly from: number | null
  /** Sequence numbers from which the next pass will copy; null before this one has begun. */
  readonly next: number | null
  /** The task of that pass in the server; null before it is known. */
  readonly task: string | null
}

/** An index whose place a copy has taken. It takes no writes. */
interface KeptIndex {
  readonly index: string
  readonly replacedBy: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** What is known of the reindexes of one alias. */
export interface Moves {
  readonly move: Move | null
  readonly kept: readonly KeptIndex[]
}

export const noMoves: Moves = { move: null, kept: [] }

/** What a task of the server has come to. */
export type CopyTask =
  | { readonly type: 'running'; readonly copied: number; readonly total: number }
  | { readonly type: 'done'; readonly copied: number; readonly total: number }
  /** It ended without having copied everything. */
  | { readonly type: 'failed'; readonly why: string }
  /** The server does not know it any more: its node ended. */
  | { readonly type: 'gone' }

export interface CopyRequest {
  readonly source: string
  readonly copy: string
  readonly from: number | null
  /** Documents per second; null for as many as the server can. */
  readonly rate: number | null
  /** How many workers share it; the server chooses for `auto`. */
  readonly slices: 1 | 'auto'
}

/** The range of sequence numbers of a source that is compared. */
export interface CopyWindow {
  readonly source: string
  readonly copy: string
  readonly from: number
  /** Exclusive; null for all from there on. */
  readonly to: number | null
}

/**
 * The requests of a reindex. Those that write are repeatable, except for the start of a task. All throw ToolErrors as those of the driver do.
 */
export interface CopyDriver {
  readonly readMoves: (prefix: string, names: readonly string[]) => Promise<ReadonlyMap<string, Moves>>
  readonly writeMoves: (prefix: string, name: string, moves: Moves) => Promise<void>
  /** Creates the index from its template, with these settings over it; nothing where it exists. */
  readonly createCopy: (index: string, settings: JsonObject) => Promise<void>
  /** Indices of an alias. */
  readonly listIndices: (alias: string) => Promise<readonly string[]>
  readonly exists: (index: string) => Promise<boolean>
  /** Counts documents that a search finds, after a refresh. */
  readonly count: (index: string) => Promise<number>
  readonly sizeOf: (index: string) => Promise<number>
  /** Every write of the index with a smaller sequence number is finished, in all of its shards. */
  readonly readCheckpoint: (index: string) => Promise<number>
  /** Returns the task's ID. A document that the copy has in the same or a newer version is left as it is. */
  readonly start: (request: CopyRequest) => Promise<string>
  readonly readTask: (task: string) => Promise<CopyTask>
  /** IDs of running tasks that copy into the index. */
  readonly listTasks: (copy: string) => Promise<readonly string[]>
  readonly cancelTask: (task: string) => Promise<void>
  /** Returns when no write is under way any more. */
  readonly blockWrites: (index: string) => Promise<void>
  readonly allowWrites: (index: string) => Promise<void>
  /** Compares documents by version and content, writes those that differ again, and returns how many these were. */
  readonly repairWindow: (window: CopyWindow) => Promise<number>
  /** Removes from the copy what its source does not have any more, at most so many documents, and returns how many these were. */
  readonly removeSurplus: (surplus: {
    readonly source: string
    readonly copy: string
    readonly most: number
  }) => Promise<number>
  /** Compares so many documents, chosen at random, and returns the IDs of those that differ. */
  readonly compareSample: (source: string, copy: string, size: number) => Promise<readonly string[]>
  /** Gives all aliases of an index to its copy, in one request. */
  readonly switchAliases: (source: string, copy: string) => Promise<void>
}
