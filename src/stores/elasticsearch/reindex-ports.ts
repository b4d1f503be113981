import type { JsonObject, TemplateContent } from './declaration.ts'

/** A reindex that has begun: kept in the store until the copy has taken its index's place. */
export interface Move {
  /** Random. Written into `_meta` of the copy when it is created, by which it is known before its UUID is. */
  readonly id: string
  /** The index whose documents are copied. */
  readonly source: string
  readonly sourceUuid: string
  /** The index that takes its place. A rollover may give its name to another one. */
  readonly copy: string
  /** Null before the copy is known to be created. */
  readonly copyUuid: string | null
  /** Sequence numbers from which the pass under way copies; null for all documents. */
  readonly from: number | null
  /** Sequence numbers from which the next pass will copy; null before this one has begun. */
  readonly next: number | null
  /** The task of that pass in the server; null before it is known. */
  readonly task: string | null
  /** The clone of the source that is kept, where the switch removes the source itself; null where the source is kept. */
  readonly clone: string | null
  /** Null before that is known to be there. */
  readonly cloneUuid: string | null
  /** Settings of the lifecycle that the copy gets after the switch: the source that had them may be gone then. */
  readonly lifecycle: JsonObject
  /** Somebody had blocked writes to the source before: its copy takes none either. */
  readonly isBlocked: boolean
}

/** An index whose place a copy has taken. It takes no writes. */
interface KeptIndex {
  readonly index: string
  readonly uuid: string
  readonly replacedBy: string
  /** Milliseconds since the epoch. */
  readonly since: number
}

/** An index whose documents were to move into one of this form, a digest: not into one that was declared later. */
export interface WantedMove {
  readonly index: string
  readonly form: string
}

/** What is known of the reindexes of one data stream, alias, or index that nothing rolls over. */
export interface Moves {
  readonly move: Move | null
  readonly kept: readonly KeptIndex[]
  /** What a run was asked to move and has not moved yet: the next one does, whether it is asked or not. */
  readonly wanted: readonly WantedMove[]
}

export const noMoves: Moves = { move: null, kept: [], wanted: [] }

/** An index as it is now. */
export interface LiveIndex extends TemplateContent {
  readonly name: string
  readonly uuid: string
  /** With the data stream that it belongs to. */
  readonly aliases: readonly string[]
  /** The ID of the reindex that created it; null for every other index. */
  readonly mark: string | null
}

/** The key of that ID in `_meta`. */
export const markKey = 'wwdb_reindex'

/** Whether an index is the copy of this reindex, and not another one that got its name. */
export function isCopyOf(move: Move, index: LiveIndex | null): boolean {
  if (index === null) return false
  return move.copyUuid === null ? index.mark === move.id && index.aliases.length === 0 : index.uuid === move.copyUuid
}

/** A clone has the mapping of its source, and so no mark in it: it has this alias until its UUID is known. */
export function cloneMark({ id, clone }: Pick<Move, 'id' | 'clone'>): string {
  return `${clone ?? ''}-${id}`
}

/** Whether an index is the clone that is kept of the source of this reindex, and not another one of its name. */
export function isCloneOf(move: Move, { uuid, aliases }: LiveIndex): boolean {
  const others = aliases.filter((alias) => alias !== cloneMark(move))
  return others.length === 0 && (uuid === move.cloneUuid || aliases.length > 0)
}

/** How far a clone is. */
export type CloneState =
  | { readonly type: 'there' }
  /** A node makes its files. */
  | { readonly type: 'copying' }
  /** No node has begun to. */
  | { readonly type: 'unassigned'; readonly shard: number }

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
  /** All documents, those from a sequence number on, those with these IDs, or those that the copy has not, which get a version of its own. */
  readonly only: { readonly from: number } | { readonly ids: readonly string[] } | 'missing' | null
  /** Documents per second; null for as many as the server can. */
  readonly rate: number | null
  /** How many slices it has; the server chooses for `auto`. */
  readonly slices: 1 | 'auto'
}

/** Two indices that are compared by requests of their own, for which `check` is called before each write: it throws where the run must end. */
export interface Comparison {
  readonly source: string
  readonly copy: string
  readonly check: () => Promise<void>
}

/** A data stream, an alias, or an index that nothing rolls over: its name becomes an alias of its copy. */
export interface SeriesName {
  readonly series: 'stream' | 'alias' | 'index'
  readonly name: string
}

/** The range of sequence numbers of a source that is compared. */
export interface CopyWindow extends Comparison {
  readonly from: number
  /** Exclusive; null for all from there on. */
  readonly to: number | null
}

/**
 * The requests of a reindex. Those that write are repeatable, except for the start of a task. All throw ToolErrors as those of the driver do, and where
 * a shard did not answer.
 */
export interface CopyDriver {
  readonly readMoves: (prefix: string, names: readonly string[]) => Promise<ReadonlyMap<string, Moves>>
  readonly writeMoves: (prefix: string, name: string, moves: Moves) => Promise<void>
  /** Creates the index from its template, if it has one, with this over it and with the ID as its mark; nothing where it exists. */
  readonly createCopy: (index: string, content: TemplateContent, id: string) => Promise<void>
  /** Null where there is none. */
  readonly readIndex: (index: string) => Promise<LiveIndex | null>
  /** Its indices, the one that a data stream writes to at the end; of an index, itself or the one that its name leads to. */
  readonly listIndices: (series: SeriesName) => Promise<readonly string[]>
  /** Counts documents that a search finds, after a refresh; those from a sequence number on, or all. */
  readonly count: (index: string, from: number | null) => Promise<number>
  readonly sizeOf: (index: string) => Promise<number>
  /** Every write of the index with a smaller sequence number is finished, in all of its shards. */
  readonly readCheckpoint: (index: string) => Promise<number>
  /** Returns the task's ID. A document that the copy has in the same or a newer version is left as it is. */
  readonly start: (request: CopyRequest) => Promise<string>
  readonly readTask: (task: string) => Promise<CopyTask>
  /** IDs of running tasks that copy into the index. */
  readonly listTasks: (copy: string) => Promise<readonly string[]>
  readonly cancelTask: (task: string) => Promise<void>
  /** Returns when no write is under way any more; false where the index was blocked before, which does not say so. */
  readonly blockWrites: (index: string) => Promise<boolean>
  readonly allowWrites: (index: string) => Promise<void>
  /** The sequence number of the last write of each shard. */
  readonly readLastWrites: (index: string) => Promise<readonly number[]>
  /** Makes a hidden index that takes no writes, with the same documents, of one whose writes are blocked, with an alias as its mark; its shards may not be there yet. */
  readonly cloneIndex: (source: string, clone: string, mark: string) => Promise<void>
  readonly readClone: (clone: string) => Promise<CloneState>
  /** Why no node takes a shard of it; null where the server does not say so. */
  readonly explainClone: (clone: string, shard: number) => Promise<string | null>
  /** Snapshots that are being taken of the index, as `repository:snapshot`. */
  readonly listRunningSnapshots: (index: string) => Promise<readonly string[]>
  /** Compares documents by version and content, lets the server copy those that differ again, and returns how many these were. */
  readonly repairWindow: (window: CopyWindow) => Promise<number>
  /** Removes from the copy what its source does not have any more, at most so many documents, and returns how many these were. */
  readonly removeSurplus: (surplus: Comparison & { readonly most: number }) => Promise<number>
  /** Compares so many documents, chosen at random, and returns the IDs of those that differ. */
  readonly compareSample: (source: string, copy: string, size: number) => Promise<readonly string[]>
  /** Takes an index out of an alias, and gives its other aliases to another one, in one request. */
  readonly leaveAlias: (series: SeriesName, source: string, into: string) => Promise<void>
  /** Gives all aliases of an index, or its place in a data stream, or its name, to its copy, in one request. The last removes the index. */
  readonly takePlace: (series: SeriesName, source: string, copy: string) => Promise<void>
}
