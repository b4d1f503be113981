import { orderOf, type WalkKey } from './choose-key.ts'
import {
  type KeyRange,
  type KeyValue,
  renderChunk,
  selectBound,
  selectCount,
  selectEnd,
  toLiterals,
} from './key-range.ts'
import type { Walk } from './read-walk.ts'
import { halve, type Pace, startPace, steer } from './steer.ts'

/** How far a batch is: what a chunk commits together with its changes. */
export interface BatchProgress {
  /** The key that is walked. */
  readonly index: string
  /** Its columns when the batch began (`orderOf`); absent in rows of earlier versions. */
  readonly order?: readonly string[] | undefined
  /** Of code: the digests of the queries that its calls of `batch()` walked, the one that is walked last; empty for a table without rows. Absent for SQL. */
  readonly queries?: readonly string[] | undefined
  /** The undo table in which changed rows are kept; absent where none are. */
  readonly undo?: string | undefined
  /** The first key when the batch began, and the last one, at which it ends. */
  readonly first: KeyValue
  readonly end: KeyValue
  /** The last key that is done; null before the first chunk. */
  readonly last: KeyValue | null
  /** Rows changed. */
  readonly rows: number
  readonly chunks: number
  /** Keys walked. */
  readonly walked: number
  /** Keys of the next chunk. */
  readonly size: number
  /** What the chunks took, with their checkpoints. */
  readonly milliseconds: number
}

/**
 * How a chunk ended:
 * - `waited` it gave up waiting for a lock, or was chosen in a deadlock
 * - `row`    the server refused a row of it, or the chunk is too large for it
 * - `other`  no smaller chunk would succeed
 */
export type ChunkOutcome =
  | { readonly type: 'done'; readonly rows: number }
  | { readonly type: 'failed'; readonly how: 'waited' | 'row' | 'other' }

/** What a walk does on the server. A chunk is one transaction: `run` and `save`, or `run` and `rollBack`. */
export interface WalkEffects {
  /** Asks for keys; null for NULL. */
  readonly ask: (text: string) => Promise<readonly (readonly (string | null)[])[]>
  readonly run: (text: string, range: KeyRange) => Promise<ChunkOutcome>
  /** Commits the chunk together with its checkpoint. */
  readonly save: (progress: BatchProgress) => Promise<void>
  readonly rollBack: () => Promise<void>
  /** Between two chunks, while nothing is uncommitted: throws where the walk is to end here. */
  readonly between: (progress: BatchProgress) => Promise<void>
  /** Before a chunk that waited for a lock is tried again. */
  readonly rest: (waits: number) => Promise<void>
}

export interface WalkRequest {
  readonly walk: Walk
  readonly key: WalkKey
  /** Milliseconds that a chunk is to take, and the most keys in it. */
  readonly aim: { readonly time: number; readonly rows: number | null }
  readonly effects: WalkEffects
}

export type WalkEnd =
  | { readonly type: 'complete'; readonly progress: BatchProgress }
  /** The chunk behind the progress failed. `key` is the row, where it is known. */
  | { readonly type: 'failed'; readonly progress: BatchProgress; readonly waits: number; readonly key: KeyValue | null }

/** Lock waits and deadlocks of one place that are accepted before the batch fails. */
const mostWaits = 10

/** Reads the ends of the walk; null for a table without rows. Rows behind the last key of this moment are not touched. */
export async function beginWalk({ walk, key, aim, effects }: WalkRequest): Promise<BatchProgress | null> {
  const [first] = await effects.ask(selectEnd(walk, key, 'first'))
  const [end] = await effects.ask(selectEnd(walk, key, 'last'))
  if (first === undefined || end === undefined) return null
  const ends = { first: toLiterals(key, first), end: toLiterals(key, end) }
  return {
    index: key.index,
    order: orderOf(key),
    ...ends,
    last: null,
    rows: 0,
    chunks: 0,
    walked: 0,
    size: startPace(aim).size,
    milliseconds: 0,
  }
}

/** Walks from the last key that is done to the end, a chunk at a time. An error that `effects` throw ends it between two chunks or within one that is rolled back. */
export async function walkTable(request: WalkRequest, from: BatchProgress): Promise<WalkEnd> {
  const { key, effects, aim } = request
  let progress = from
  let pace: Pace = { size: Math.max(1, Math.min(from.size, aim.rows ?? from.size)), rate: null }
  let waits = 0
  /** Keys up to the end of a chunk that was refused: no chunk grows until they are passed. */
  let suspect = 0
  /** What the checkpoint before took: it is known when it is written. */
  let saving = 0
  for (;;) {
    await effects.between(progress)
    const began = performance.now()
    const chunk = await nextChunk(request, progress, pace.size)
    const outcome = await effects.run(renderChunk(request.walk, key, chunk), chunk)
    if (outcome.type === 'failed') {
      await effects.rollBack()
      const isSmallest = chunk.keys <= 1
      if (outcome.how === 'waited') waits += 1
      const isFinal = outcome.how === 'waited' ? waits >= mostWaits : outcome.how === 'other' || isSmallest
      if (isFinal)
        return { type: 'failed', progress, waits, key: outcome.how === 'row' ? await readRow(request, chunk) : null }
      if (outcome.how === 'waited') await effects.rest(waits)
      else suspect = Math.max(suspect, chunk.keys)
      pace = halve({ ...pace, size: Math.min(pace.size, chunk.keys) })
      continue
    }
    waits = 0
    suspect -= chunk.keys
    const { rows, chunks, walked } = progress
    const milliseconds = progress.milliseconds + saving + performance.now() - began
    const done = {
      last: chunk.upTo,
      rows: rows + outcome.rows,
      chunks: chunks + 1,
      walked: walked + chunk.keys,
      milliseconds: Math.round(milliseconds),
    }
    progress = { ...progress, ...done, size: pace.size }
    const saved = performance.now()
    await effects.save(progress)
    saving = performance.now() - saved
    if (chunk.isLast)
      return { type: 'complete', progress: { ...progress, milliseconds: progress.milliseconds + Math.round(saving) } }
    if (suspect <= 0) pace = steer(pace, chunk.keys, performance.now() - began, aim)
  }
}

interface Chunk extends KeyRange {
  readonly keys: number
  readonly isLast: boolean
}

/** The keys of a chunk: the server counts them, and says whether one is left behind them. */
async function nextChunk({ walk, key, effects }: WalkRequest, progress: BatchProgress, size: number): Promise<Chunk> {
  const rest = { after: progress.last, upTo: progress.end }
  const [bound, behind] = await effects.ask(selectBound(walk, key, rest, size))
  if (bound !== undefined && behind !== undefined)
    return { after: rest.after, upTo: toLiterals(key, bound), keys: size, isLast: false }
  const [[left = '0'] = []] = await effects.ask(selectCount(walk, key, rest, size))
  return { ...rest, keys: Number(left ?? 0), isLast: true }
}

/** The row of a chunk that has one row. */
async function readRow({ walk, key, effects }: WalkRequest, range: KeyRange): Promise<KeyValue | null> {
  const [row] = await effects.ask(selectBound(walk, key, range, 1))
  return row === undefined ? null : toLiterals(key, row)
}
