import { bytesPerCharacter } from '../ddl/charset-width.ts'
import { type ColumnType, printType } from '../ddl/column-type.ts'

/** Why values may be lost when a column changes from one type to another; empty where none can be lost. Pure. */
export function findNarrowing(before: ColumnType, after: ColumnType): readonly string[] {
  const reasons = [...compareTypes(before, after), ...compareCharsets(before, after)]
  if (before.nullable && !after.nullable) reasons.push('NULL is no longer allowed')
  return reasons
}

type Family = 'integer' | 'decimal' | 'float' | 'text' | 'bytes' | 'temporal' | 'list' | 'bit' | 'other'

const families: Readonly<Record<string, Family>> = {
  tinyint: 'integer',
  smallint: 'integer',
  mediumint: 'integer',
  int: 'integer',
  bigint: 'integer',
  year: 'integer',
  decimal: 'decimal',
  float: 'float',
  double: 'float',
  bit: 'bit',
  enum: 'list',
  set: 'list',
  char: 'text',
  varchar: 'text',
  tinytext: 'text',
  text: 'text',
  mediumtext: 'text',
  longtext: 'text',
  binary: 'bytes',
  varbinary: 'bytes',
  tinyblob: 'bytes',
  blob: 'bytes',
  mediumblob: 'bytes',
  longblob: 'bytes',
  date: 'temporal',
  datetime: 'temporal',
  timestamp: 'temporal',
  time: 'temporal',
}

/** Types of one kind store values of one kind: `integer` and `decimal` are numbers, `text` and `list` are texts. */
export function kindOfType({ base }: Pick<ColumnType, 'base'>): string {
  const family = families[base] ?? base
  if (family === 'integer' || family === 'decimal' || family === 'float' || family === 'bit') return 'number'
  return family === 'list' ? 'text' : family
}

function compareTypes(before: ColumnType, after: ColumnType): string[] {
  const from = families[before.base] ?? 'other'
  const to = families[after.base] ?? 'other'
  if (from === 'list' && to === 'list') return compareLists(before, after)
  if (isWide(before, after, from, to)) return describeSideEffects(before, after)
  return [`${printType(after)} cannot store every value of ${printType(before)}`]
}

/**
 * The length of TEXT counts bytes: where characters take more bytes, it holds fewer of them. The length of VARCHAR counts
 * characters, and CONVERT TO enlarges the type where necessary.
 */
function holdsFewerCharacters(before: ColumnType, after: ColumnType): boolean {
  const limit = byteLimit(before)
  if (limit === null || before.base !== after.base || before.charset === null || after.charset === null) return false
  if (before.charset === 'ascii' && after.charset.startsWith('utf8')) return false
  const grows = bytesPerCharacter(before.charset) < bytesPerCharacter(after.charset)
  return grows && !(before.charset === 'utf8mb3' && after.charset === 'utf8mb4')
}

/** Changes that fit every value, but change its bytes. */
function describeSideEffects(before: ColumnType, after: ColumnType): string[] {
  if (holdsFewerCharacters(before, after))
    return [`${after.base} stores fewer characters in ${after.charset} than in ${before.charset}`]
  if (families[before.base] === 'text' && before.base !== 'char' && after.base === 'char')
    return ['CHAR drops trailing spaces']
  if (before.base === 'varbinary' && after.base === 'binary') return ['BINARY pads values with zero bytes']
  return []
}

/** True when `after` can store every value of `before`. */
function isWide(before: ColumnType, after: ColumnType, from: Family, to: Family): boolean {
  if (isSame(before, after)) return true
  if (to === 'text') return fitsText(before, after, from)
  if (to === 'bytes') return (from === 'bytes' || from === 'text') && byteCapacity(before) <= byteCapacity(after)
  if (isNumeric(from) && isNumeric(to)) return fitsNumber(before, after, from, to)
  if (from === 'temporal' && to === 'temporal') return fitsTime(before, after)
  return from === 'bit' && to === 'bit' && Number(before.arguments[0]) <= Number(after.arguments[0])
}

function isSame(before: ColumnType, after: ColumnType): boolean {
  return (
    before.base === after.base &&
    before.unsigned === after.unsigned &&
    before.arguments.join('\u0000') === after.arguments.join('\u0000')
  )
}

function isNumeric(family: Family): family is 'integer' | 'decimal' | 'float' {
  return family === 'integer' || family === 'decimal' || family === 'float'
}

const integerBits: Readonly<Record<string, bigint>> = {
  tinyint: 8n,
  smallint: 16n,
  mediumint: 24n,
  int: 32n,
  bigint: 64n,
}

/** Smallest and largest value of an integer or decimal type, the latter counted without its fraction. */
function rangeOf(type: ColumnType): { readonly smallest: bigint; readonly largest: bigint } {
  if (type.base === 'year') return { smallest: 0n, largest: 2155n }
  const bits = integerBits[type.base]
  if (bits !== undefined) {
    return type.unsigned
      ? { smallest: 0n, largest: 2n ** bits - 1n }
      : { smallest: -(2n ** (bits - 1n)), largest: 2n ** (bits - 1n) - 1n }
  }
  const [precision, scale] = type.arguments.map(Number)
  const largest = 10n ** BigInt(Math.max(0, (precision ?? 10) - (scale ?? 0))) - 1n
  return { smallest: type.unsigned ? 0n : -largest, largest }
}

function fitsNumber(before: ColumnType, after: ColumnType, from: Family, to: Family): boolean {
  if (from === 'float') return to === 'float' && fitsFloat(before, after)
  if (to === 'float') return fitsInFloat(before, after, from)
  if (after.base === 'year') return false
  const fraction = (type: ColumnType): number => Number(type.base === 'decimal' ? type.arguments[1] : 0)
  if (fraction(before) > fraction(after)) return false
  const inner = rangeOf(before)
  const outer = rangeOf(after)
  return inner.smallest >= outer.smallest && inner.largest <= outer.largest
}

function fitsFloat(before: ColumnType, after: ColumnType): boolean {
  const signs = before.unsigned || !after.unsigned
  return signs && after.arguments.length === 0 && (before.base === 'float' || after.base === 'double')
}

/** Integers are exact in 24 bits of FLOAT and 53 of DOUBLE; decimals are not. */
function fitsInFloat(before: ColumnType, after: ColumnType, from: Family): boolean {
  if (from !== 'integer' || after.arguments.length > 0) return false
  const { smallest, largest } = rangeOf(before)
  const limit = 2n ** (after.base === 'float' ? 24n : 53n)
  return largest <= limit && -smallest <= limit && (smallest >= 0n || !after.unsigned)
}

function fitsTime(before: ColumnType, after: ColumnType): boolean {
  const precision = (type: ColumnType): number => Number(type.arguments[0] ?? 0)
  if (before.base === after.base) return precision(before) <= precision(after)
  if (after.base !== 'datetime') return false
  return before.base === 'date' || (before.base === 'timestamp' && precision(before) <= precision(after))
}

const textLimits: Readonly<Record<string, number>> = { tiny: 255, '': 65_535, medium: 16_777_215, long: 4_294_967_295 }

/** Bytes that a TEXT or BLOB type can store; null for types with a declared length. */
function byteLimit(type: ColumnType): number | null {
  const match = /^(tiny|medium|long|)(?:text|blob)$/.exec(type.base)
  return match === null ? null : (textLimits[match[1] ?? ''] ?? null)
}

function byteCapacity(type: ColumnType): number {
  const limit = byteLimit(type)
  if (limit !== null) return limit
  const length = Number(type.arguments[0])
  return families[type.base] === 'text' ? length * bytesPerCharacter(type.charset) : length
}

/** The most characters of a value written as text. */
function widthOf(type: ColumnType, family: Family): number {
  if (family === 'text' || family === 'bytes') return byteLimit(type) ?? Number(type.arguments[0])
  if (family === 'list') return longestList(type)
  if (family === 'temporal') return 26
  if (family === 'float') return 24
  const { smallest, largest } = rangeOf(type)
  const fraction = type.base === 'decimal' ? Number(type.arguments[1]) + 1 : 0
  return Math.max(String(smallest).length, String(largest).length) + fraction
}

function longestList(type: ColumnType): number {
  const lengths = type.arguments.map((value) => [...value].length)
  if (type.base === 'enum') return Math.max(0, ...lengths)
  return lengths.reduce((sum, length) => sum + length + 1, 0)
}

function fitsText(before: ColumnType, after: ColumnType, from: Family): boolean {
  if (before.base === 'json') return after.base === 'longtext'
  if (from === 'bytes' || from === 'bit' || from === 'other') return false
  const limit = byteLimit(after)
  if (limit === null) return widthOf(before, from) <= Number(after.arguments[0])
  // A VARCHAR fits into a row of at most 65,535 bytes, and so into TEXT and larger types.
  const bytes = from === 'text' ? byteCapacity(before) : widthOf(before, from)
  return bytes <= limit || (byteLimit(before) === null && limit >= 65_535)
}

function compareLists(before: ColumnType, after: ColumnType): string[] {
  if (before.base !== after.base) return [`${after.base} does not contain every value of ${before.base}`]
  const kept = new Set(after.arguments)
  const removed = before.arguments.filter((value) => !kept.has(value))
  return removed.length === 0 ? [] : [`${removed.map((value) => `'${value}'`).join(', ')} can no longer be stored`]
}

/** Why characters may be lost; empty where the second set has all characters of the first, or where either is unknown. */
export function compareCharsets(before: ColumnType, after: ColumnType): string[] {
  const [from, to] = [before.charset, after.charset]
  if (from === null || to === null || from === to || families[after.base] === 'bytes') return []
  // ENUM and SET store the number of a member; ASCII members exist in every character set.
  const members = [...before.arguments, ...after.arguments]
  if (families[before.base] === 'list' && families[after.base] === 'list' && members.every(isPlain)) return []
  return mayLoseCharacters(from, to) ? [`${to} does not have every character of ${from}`] : []
}

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text)

const unicode = ['utf8mb4', 'utf16', 'utf16le', 'utf32', 'gb18030']

/** Unicode has every character, and every set has those of ASCII; `binary` keeps every byte. An unknown set may have any character. */
export function mayLoseCharacters(from: string | null, to: string): boolean {
  if (from === to || unicode.includes(to) || from === 'ascii' || to === 'binary' || from === 'binary') return false
  return !['utf8mb3', 'ucs2'].includes(to) || from === null || unicode.includes(from)
}

/**
 * What InnoDB does for a changed column, by both definitions (manual, "Online DDL Operations"): `nothing` to the rows,
 * `rebuild` in place for changed nullability, `copy` for a changed type. Used only where the server was not asked.
 */
export function compareStorage(before: ColumnType, after: ColumnType): 'nothing' | 'rebuild' | 'copy' {
  if (!keepsFormat(before, after)) return 'copy'
  return before.nullable === after.nullable ? 'nothing' : 'rebuild'
}

function keepsFormat(before: ColumnType, after: ColumnType): boolean {
  const sameCharset = after.charset === null || before.charset === null || before.charset === after.charset
  if (before.base !== after.base || before.unsigned !== after.unsigned || !sameCharset) return false
  if (before.base === 'varchar') return keepsLengthBytes(before, after)
  if (before.base === 'enum' || before.base === 'set') return appendsOnly(before, after)
  return before.arguments.join('\u0000') === after.arguments.join('\u0000')
}

/** A VARCHAR can grow in place while its length bytes stay the same: one up to 255 bytes, two above. */
function keepsLengthBytes(before: ColumnType, after: ColumnType): boolean {
  const [from, to] = [Number(before.arguments[0]), Number(after.arguments[0])]
  const bytes = bytesPerCharacter(before.charset)
  return from <= to && from * bytes > 255 === to * bytes > 255
}

/** ENUM and SET can get members at the end in place, while the size of a value stays the same. */
function appendsOnly(before: ColumnType, after: ColumnType): boolean {
  if (!before.arguments.every((value, index) => after.arguments[index] === value)) return false
  const size = before.base === 'enum' ? enumBytes : setBytes
  return size(before.arguments.length) === size(after.arguments.length)
}

const enumBytes = (members: number): number => (members > 255 ? 2 : 1)

/** 1, 2, 3, 4 or 8 bytes. */
function setBytes(members: number): number {
  const bytes = Math.ceil(members / 8)
  return bytes > 4 ? 8 : bytes
}
