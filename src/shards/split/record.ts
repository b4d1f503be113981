import type { KeyValues } from '../../operate/online/checksum/key.ts'
import { digestOf } from '../../operate/online/record.ts'
import type { Piece } from './piece.ts'

/**
 * How far the split of a table is, the one list of it:
 * - `copying`   triggers carry each write to the pieces, and the rows that were there before are copied
 * - `copied`    every row is copied; what follows is the comparison and the cut-over
 * - `held`      the pieces have taken over, and the table is kept under its hold name; it can be taken back
 * - `undoing`   rows that were written to the pieces since are carried to the table, which then gets its name again
 * - `emptying`  the table has its name; the rows that the split had brought to the pieces are removed from them
 * - `undone`    the table is as before, and the pieces are as they were found
 * - `confirmed` it cannot be taken back any more: the held table goes when its grace has ended
 */
export const splitStates = ['copying', 'copied', 'held', 'undoing', 'emptying', 'undone', 'confirmed'] as const
export type SplitState = (typeof splitStates)[number]

/** The record of one split: a row of `wwdb_split`. */
export interface SplitRecord {
  readonly table: string
  readonly family: string
  readonly state: SplitState
  /** The column that says to which piece a row belongs. */
  readonly column: string
  readonly pieces: readonly Piece[]
  /** Triggers of the table, which carry writes to the pieces. */
  readonly triggers: readonly string[]
  /** The name under which the table is kept from the cut-over on. */
  readonly hold: string
  /** Whether a view of the old name shows the pieces to readers. */
  readonly hasView: boolean
  /** The key of the last row that was copied; null before the first chunk. */
  readonly copiedThrough: KeyValues | null
  readonly copiedRows: number
  /** The keys of the shards that the split protects from rotation, until it is confirmed or taken back. */
  readonly protects: readonly string[]
  /** Milliseconds since the epoch until which the held table is kept at least; null before the cut-over. */
  readonly keptUntil: number | null
}

const events = ['ins', 'upd', 'del'] as const

/** The triggers of a table that is being split. Other pieces have other triggers, so that both can be there while one takes the place of the other. */
export function splitTriggersOf(table: string, pieces: readonly Piece[]): readonly string[] {
  const digest = digestOf(`split/${table}/${pieces.map((piece) => piece.table).join('/')}`).slice(0, 8)
  return events.map((event) => `wwdb_split_${digest}_${event}`)
}

/** The triggers of a piece that carry its writes back to the held table, while a split is being taken back. */
export function unsplitTriggersOf(hold: string, piece: string): readonly string[] {
  const digest = digestOf(`unsplit/${hold}/${piece}`).slice(0, 8)
  return events.map((event) => `wwdb_split_${digest}_${event}`)
}
