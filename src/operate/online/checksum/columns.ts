import { quoteName } from '../../../sql/quote-name.ts'

/** A column of a table or of its copy, as information_schema describes it. */
export interface CopyColumn {
  readonly name: string
  /** `DATA_TYPE`, in lower case. */
  readonly type: string
  /** `COLUMN_TYPE`: `decimal(10,2) unsigned`. */
  readonly fullType: string
  /** Null for what is not text. */
  readonly charset: string | null
  readonly collation: string | null
  readonly nullable: boolean
  readonly generated: boolean
}

/** A column of the table, and the column of the copy that has its values. */
export interface ColumnPair {
  readonly from: CopyColumn
  readonly to: CopyColumn
}

/** The columns that both have, and what cannot be compared, as clauses. */
export interface PairedColumns {
  readonly pairs: readonly ColumnPair[]
  readonly objections: readonly string[]
}

/**
 * Pairs the columns of a table with those of its copy. Columns that only one of them has were dropped or added; what the copy computes itself is compared
 * by what it is computed from.
 * @param renamed new names by old ones, in lower case
 */
export function pairColumns(
  table: readonly CopyColumn[],
  copy: readonly CopyColumn[],
  renamed: ReadonlyMap<string, string>,
): PairedColumns {
  const byName = new Map(copy.map((column) => [column.name.toLowerCase(), column]))
  const taken = new Set(renamed.values())
  const pairs = table.flatMap((from): readonly ColumnPair[] => {
    const name = from.name.toLowerCase()
    // A name that another column got is not the column that had it before.
    const to = byName.get(renamed.get(name) ?? (taken.has(name) ? '' : name))
    return to === undefined || to.generated ? [] : [{ from, to }]
  })
  return { pairs, objections: pairs.flatMap((pair) => objectTo(pair) ?? []) }
}

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
const numbers = new Set([...integers, 'decimal', 'float', 'double', 'bit'])
const texts = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext'])
const binaries = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob'])
const times = new Set(['date', 'datetime', 'timestamp', 'time'])

/** What a change of type does depends on the session that writes, or rounds in a way that no cast of SQL repeats: then no comparison proves the copy. */
function objectTo({ from, to }: ColumnPair): string | null {
  if (from.type === to.type) return null
  const change = `\`${from.name}\` changes from ${from.fullType} to ${to.fullType}`
  if ([from.type, to.type].includes('timestamp'))
    return `${change}, which depends on the time zone of each session that writes`
  if (from.type === 'time' && (to.type === 'date' || to.type === 'datetime'))
    return `${change}, which depends on the day on which a row is written`
  if (to.type === 'float' || to.type === 'year' || to.type === 'bit' || from.type === 'year')
    return `${change}, which no cast of SQL repeats exactly`
  const isKnown = (type: string): boolean =>
    numbers.has(type) || texts.has(type) || binaries.has(type) || times.has(type) || type === 'json'
  const isWord = (type: string): boolean => type === 'enum' || type === 'set'
  if (isWord(from.type) && (isWord(to.type) || texts.has(to.type))) return null
  if (isWord(to.type) && texts.has(from.type)) return null
  if (isKnown(from.type) && isKnown(to.type) && !(to.type === 'json' && !texts.has(from.type))) return null
  return `${change}, which cannot be compared`
}

/** How far a value is cast before it is written as text: the table's side gets the type of the copy, the copy's side stays as it is. */
export type Side = 'from' | 'to'

/**
 * An SQL expression for the SHA-256 of a row, in hexadecimal. Each value is written with its length before it, NULL as a mark of its own, so that no two rows
 * of different values have one text; long values go in as their own SHA-256, so that no row is too large to be written.
 */
export function rowDigest(pairs: readonly ColumnPair[], side: Side): string {
  const values = pairs.map((pair) => framed(quoteName(pair[side].name), bytesOfValue(pair, side), pair.to))
  return `SHA2(CONCAT('',${values.length === 0 ? "''" : values.join(',')}),256)`
}

function framed(column: string, value: string, { type }: CopyColumn): string {
  const isLong = !numbers.has(type) && !times.has(type) && type !== 'year'
  const text = isLong ? `SHA2(${value},256)` : `CONCAT(LENGTH(${value}),':',${value})`
  return `IF(${column} IS NULL,'N',CONCAT('V',${text}))`
}

/** The value as bytes. What the type of the copy cannot hold is not cut to it, so that the loss shows. */
function bytesOfValue({ from, to }: ColumnPair, side: Side): string {
  const column = quoteName(side === 'from' ? from.name : to.name)
  const source = side === 'from' ? from : to
  const cast = side === 'from' && from.fullType !== to.fullType
  if (integers.has(to.type)) return bytes(cast ? toInteger(column, from, to) : column)
  if (to.type === 'decimal') return bytes(cast ? toDecimal(column, to) : column)
  if (to.type === 'double' || to.type === 'float')
    return bytes(`CAST(CAST(${cast ? `(${column}+0e0)` : column} AS JSON) AS CHAR)`)
  if (to.type === 'bit') return bytes(`(${column}+0)`)
  if (to.type === 'json') return bytes(`CAST(CAST(CAST(${column} AS CHAR) AS JSON) AS CHAR)`)
  if (times.has(to.type))
    return bytes(cast ? `CAST(${column} AS ${to.fullType.replace('timestamp', 'datetime')})` : column)
  if (to.type === 'binary') return paddedBytes(column, to)
  if (to.charset === null) return bytes(column)
  return bytes(textOf(column, source, to))
}

const bytes = (value: string): string => `CAST(${value} AS BINARY)`

function toInteger(column: string, from: CopyColumn, { fullType }: CopyColumn): string {
  const exact = texts.has(from.type) || binaries.has(from.type) ? `CAST(${column} AS DECIMAL(65,30))` : column
  // A negative number does not become a large one: it would pass for another value.
  return fullType.includes('unsigned')
    ? `IF(${exact}<0,${exact},CAST(${exact} AS UNSIGNED))`
    : `CAST(${exact} AS SIGNED)`
}

function toDecimal(column: string, { fullType }: CopyColumn): string {
  const [, digits = '10', scale = '0'] = /\((\d+),(\d+)\)/.exec(fullType) ?? []
  const whole = Number(digits) - Number(scale)
  return `IF(ABS(${column})>=1e${whole},${column},CAST(${column} AS DECIMAL(${digits},${scale})))`
}

/** BINARY(n) is filled with zero bytes. */
function paddedBytes(column: string, { fullType }: CopyColumn): string {
  const length = /\((\d+)\)/.exec(fullType)?.[1] ?? '1'
  return `IF(LENGTH(${column})>${length},${bytes(column)},RPAD(${bytes(column)},${length},X'00'))`
}

/** Text in one character set for both, in which nothing is lost that either of them can hold. CHAR has no spaces at its end. */
function textOf(column: string, source: CopyColumn, to: CopyColumn): string {
  const read =
    source.charset === null && binaries.has(source.type)
      ? `CONVERT(CONVERT(${column} USING ${to.charset}) USING utf8mb4)`
      : `CONVERT(${source.charset === null ? `CAST(${column} AS CHAR)` : column} USING utf8mb4)`
  return to.type === 'char' ? `TRIM(TRAILING ' ' FROM ${read})` : read
}
