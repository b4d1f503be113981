import { periodOf, periodsBetween } from '../../calendar/period.ts'
import { instantOf, wallOf } from '../../calendar/zone.ts'
import type { RowTime, ShardFamily } from '../../core/shard-family.ts'
import { quoteName } from '../../sql/quote-name.ts'

/** A shard that takes a part of the table's rows. */
export interface Piece {
  readonly table: string
  /** The shard's key. */
  readonly key: string
  /** Of its column, rows from here on, as an SQL value; null for a family by instance. */
  readonly from: string | null
  /** Up to here, without it; for a family by instance, the value itself. */
  readonly to: string
  /** `seconds` compares the instants of a TIMESTAMP, which the time zone of the session that writes does not move. */
  readonly compares: 'value' | 'seconds'
  /** It came after the cut-over: no row that the held table had then was ever in it. */
  readonly isLate?: true
}

/** The condition of a piece on the column, as it is written in a place: `NEW.created_at`, `created_at`. Never NULL for a value that is not NULL. */
export function isOfPiece({ from, to, compares }: Piece, column: string): string {
  if (from === null) return `${column}=${to}`
  const value = compares === 'seconds' ? `UNIX_TIMESTAMP(${column})` : column
  return `${value}>=${from} AND ${value}<${to}`
}

/** What the clocks of the column show at an instant, or the instant itself in seconds, as an SQL value. */
function valueAt(instant: number, { type, zone }: RowTime): string {
  if (type === 'timestamp') return String(Math.floor(instant / 1000))
  return `'${new Date(wallOf(instant, zone)).toISOString().slice(0, 19).replace('T', ' ')}'`
}

/** How the first and the last value of the column are read: as seconds since the epoch, on its own clocks where it is a DATETIME. */
export function readsSeconds({ type }: RowTime, aggregate: string): string {
  return type === 'timestamp'
    ? `UNIX_TIMESTAMP(${aggregate})`
    : `TIMESTAMPDIFF(MICROSECOND,'1970-01-01',${aggregate})/1000000`
}

/** The instant of what `readsSeconds` read. */
export function toInstant(seconds: number, { type, zone }: RowTime): number {
  return type === 'timestamp' ? seconds * 1000 : instantOf(seconds * 1000, zone)
}

/** The pieces of a family of periods between two instants, both within. */
export function piecesBetween(
  family: ShardFamily,
  time: RowTime,
  name: (key: string) => string,
  first: number,
  last: number,
): readonly Piece[] {
  const { division } = family
  if (division.type !== 'period') return []
  return periodsBetween(first, last + 1, division.kind, division.zone).map(({ key, from, to }) => ({
    table: name(key),
    key,
    from: valueAt(from, time),
    to: valueAt(to, time),
    compares: time.type === 'timestamp' ? 'seconds' : 'value',
  }))
}

/** The pieces of a family by instance. */
export function piecesOfKeys(keys: readonly string[], name: (key: string) => string): readonly Piece[] {
  return keys.map((key) => ({ table: name(key), key, from: null, to: key, compares: 'value' }))
}

/** When the period of a piece ends; null for a family by instance. */
export function endOf({ division }: ShardFamily, key: string): number | null {
  return division.type === 'period' ? (periodOf(key, division.kind, division.zone)?.to ?? null) : null
}

/** Which piece a row belongs to, by its place in the list; NULL for none. */
export function placeOfRow(pieces: readonly Piece[], column: string): string {
  const own = quoteName(column)
  return `CASE ${pieces.map((piece, at) => `WHEN ${isOfPiece(piece, own)} THEN ${at}`).join(' ')} END`
}

/** Whether a row belongs to one of the pieces, as a condition. */
export const hasPlace = (pieces: readonly Piece[], column: string): string =>
  `${placeOfRow(pieces, column)} IS NOT NULL`
