import { wallOf } from '../../calendar/zone.ts'
import type { RowTime } from '../../core/shard-family.ts'
import { quoteName } from '../../sql/quote-name.ts'

/**
 * Where a bound lies, in the order of the server: for a DATETIME what its clocks show, as `wallOf` gives it; for a TIMESTAMP the instant. The last bound may be infinite.
 */
export type Position = number

/** What a table of a family is partitioned by: method and expression, as information_schema prints them. */
export interface Partitioned {
  readonly method: 'RANGE' | 'RANGE COLUMNS'
  readonly expression: string
}

/** A DATETIME is compared as it is; a TIMESTAMP by its instant, which no time zone of a session changes. */
export function partitionedBy({ type, column, precision }: RowTime): Partitioned {
  const name = quoteName(column)
  if (type === 'datetime') return { method: 'RANGE COLUMNS', expression: name }
  const seconds = `unix_timestamp(${name})`
  // With decimals it is no integer, and the server refuses the expression (1491).
  return { method: 'RANGE', expression: precision === 0 ? seconds : `floor(${seconds})` }
}

/** The position of an instant, in milliseconds. */
export function positionOf({ type, zone }: RowTime, instant: number): Position {
  return type === 'datetime' ? wallOf(instant, zone) : instant
}

/** A position as PARTITION_DESCRIPTION prints it, and as VALUES LESS THAN takes it. */
export function boundText({ type }: RowTime, position: Position): string {
  if (position === Number.POSITIVE_INFINITY) return 'MAXVALUE'
  if (type === 'timestamp') return String(position / 1000)
  return `'${new Date(position).toISOString().slice(0, 19).replace('T', ' ')}'`
}

const dateTime = /^'(\d{4}-\d{2}-\d{2})(?: (\d{2}:\d{2}:\d{2})(?:\.\d+)?)?'$/

/** The position of a bound that the server printed; null for one that no time of this column has. */
export function readBound({ type }: RowTime, text: string): Position | null {
  if (text === 'MAXVALUE') return Number.POSITIVE_INFINITY
  if (type === 'timestamp') return /^\d+$/.test(text) ? Number(text) * 1000 : null
  const [, date, time = '00:00:00'] = dateTime.exec(text) ?? []
  return date === undefined ? null : Date.parse(`${date}T${time}Z`)
}
