import { type Clause, findWords, hasWords, isMark, isWord, splitAtCommas } from '../sql/clauses.ts'
import { bytesPerCharacter } from './charset-width.ts'

/** A column's type, with synonyms replaced by one name. */
export interface ColumnType {
  /** Lower case: `int`, `varchar`, `decimal`, ... */
  readonly base: string
  /** Length, precision and scale, or the values of ENUM and SET. Display widths are dropped, defaults filled in. */
  readonly arguments: readonly string[]
  readonly unsigned: boolean
  /** Null where none is given, and for types without a character set. */
  readonly charset: string | null
  /** The written collation, in lower case; null or absent where none is given. */
  readonly collation?: string | null
  readonly nullable: boolean
}

/** Synonyms from the manual's "Using Data Types from Other Database Engines" and from the type chapters. */
const synonyms: Readonly<Record<string, string>> = {
  integer: 'int',
  int1: 'tinyint',
  int2: 'smallint',
  int3: 'mediumint',
  int4: 'int',
  int8: 'bigint',
  middleint: 'mediumint',
  bool: 'tinyint',
  boolean: 'tinyint',
  serial: 'bigint',
  dec: 'decimal',
  numeric: 'decimal',
  fixed: 'decimal',
  real: 'double',
  float4: 'float',
  float8: 'double',
  character: 'char',
  nchar: 'char',
  nvarchar: 'varchar',
  varcharacter: 'varchar',
  long: 'mediumtext',
  geomcollection: 'geometrycollection',
}

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

const defaults: Readonly<Record<string, readonly string[]>> = {
  decimal: ['10', '0'],
  char: ['1'],
  binary: ['1'],
  bit: ['1'],
  datetime: ['0'],
  timestamp: ['0'],
  time: ['0'],
}

/** TEXT(n) and BLOB(n) become the smallest type that can hold n. */
const sizes = [
  ['tiny', 255],
  ['', 65_535],
  ['medium', 16_777_215],
  ['long', 4_294_967_295],
] as const

/** Reads `INT UNSIGNED NOT NULL DEFAULT 0 ...`, the part of a column's definition after its name. */
export function readColumnType(tokens: Clause): ColumnType | null {
  const written = tokens[0]
  if (written?.type !== 'word') return null
  const { base, length } = readBase(tokens)
  const rest = tokens.slice(length)
  const end = isMark(rest[0], '(') ? rest.findIndex((token) => isMark(token, ')')) : 0
  const inner = splitAtCommas(rest.slice(1, end))
    .map((part) => part[0]?.text ?? '')
    .filter((text) => text !== '')
  const attributes = rest.slice(end === 0 ? 0 : end + 1)
  const isSerial = isWord(written, 'SERIAL')
  return {
    ...settle(base, inner),
    unsigned: isSerial || findWords(attributes, 'UNSIGNED') >= 0 || findWords(attributes, 'ZEROFILL') >= 0,
    charset: readCharset(attributes, written.text),
    collation: attributes[findWords(attributes, 'COLLATE') + 1 || attributes.length]?.text.toLowerCase() ?? null,
    nullable: !isSerial && findWords(attributes, 'NOT', 'NULL') < 0 && findWords(attributes, 'PRIMARY') < 0,
  }
}

/** The number of tokens of the type, including its arguments, UNSIGNED and ZEROFILL. */
export function lengthOfType(tokens: Clause): number {
  let { length: end } = readBase(tokens)
  if (isMark(tokens[end], '(')) end = tokens.findIndex((token, at) => at > end && isMark(token, ')')) + 1
  while (isWord(tokens[end], 'UNSIGNED', 'SIGNED', 'ZEROFILL')) end += 1
  return end
}

const textTypes = new Set(['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'])

/** Whether its values have a character set. */
export function isTextType({ base }: Pick<ColumnType, 'base'>): boolean {
  return textTypes.has(base)
}

/** The type's first words: NATIONAL VARCHAR, CHAR VARYING, DOUBLE PRECISION, LONG VARBINARY. */
export function readBase(tokens: Clause): { readonly base: string; readonly length: number } {
  const national = isWord(tokens[0], 'NATIONAL') ? 1 : 0
  const first = tokens[national]?.text.toLowerCase() ?? ''
  if (hasWords(tokens, national + 1, 'VARYING')) return { base: 'varchar', length: national + 2 }
  if (hasWords(tokens, national, 'DOUBLE', 'PRECISION')) return { base: 'double', length: 2 }
  if (hasWords(tokens, 0, 'LONG', 'VARBINARY')) return { base: 'mediumblob', length: 2 }
  if (hasWords(tokens, 0, 'LONG', 'VARCHAR')) return { base: 'mediumtext', length: 2 }
  if (hasWords(tokens, 0, 'CHAR', 'BYTE')) return { base: 'binary', length: 2 }
  return { base: synonyms[first] ?? first, length: national + 1 }
}

function settle(base: string, inner: readonly string[]): Pick<ColumnType, 'base' | 'arguments'> {
  if (integers.has(base) || base === 'year') return { base, arguments: [] }
  if (base === 'float' || base === 'double') return settleFloat(base, inner)
  if (base === 'decimal') return { base, arguments: [inner[0] ?? '10', inner[1] ?? '0'] }
  if (inner.length === 1 && (base === 'text' || base === 'blob')) {
    const size = sizes.find(([, limit]) => Number(inner[0]) <= limit)
    return { base: `${size?.[0] ?? 'long'}${base}`, arguments: [] }
  }
  return { base, arguments: inner.length > 0 ? inner : (defaults[base] ?? []) }
}

/** FLOAT(p) is DOUBLE from 25 bits on; FLOAT(m,d) rounds, which counts as its own type. */
function settleFloat(base: string, inner: readonly string[]): Pick<ColumnType, 'base' | 'arguments'> {
  if (inner.length === 1) return { base: Number(inner[0]) > 24 ? 'double' : base, arguments: [] }
  return { base, arguments: inner }
}

function readCharset(attributes: Clause, written: string): string | null {
  if (/^n(ational|char|varchar)$/i.test(written)) return 'utf8mb3'
  const set = findWords(attributes, 'CHARACTER', 'SET')
  const name = set >= 0 ? attributes[set + 2] : attributes[findWords(attributes, 'CHARSET') + 1 || attributes.length]
  if (name !== undefined) return canonicalCharset(name.text)
  const collate = findWords(attributes, 'COLLATE')
  if (collate >= 0) return canonicalCharset(attributes[collate + 1]?.text.split('_')[0] ?? '')
  if (findWords(attributes, 'ASCII') >= 0) return 'latin1'
  return findWords(attributes, 'UNICODE') >= 0 ? 'ucs2' : null
}

/** One name per character set: servers before 8.0.29 report utf8 for utf8mb3. */
export function canonicalCharset(name: string): string {
  const lower = name.toLowerCase()
  return lower === 'utf8' ? 'utf8mb3' : lower
}

/** The character set of a collation; the name of a character set stands for its default collation. */
export function charsetOf(collation: string | null): string | null {
  return collation === null ? null : canonicalCharset(collation.split('_')[0] ?? '')
}

/** The type as the server prints it: `decimal(10,2) unsigned`, `enum('a','b')`. */
export function printType(type: ColumnType): string {
  const isListed = type.base === 'enum' || type.base === 'set'
  const values = isListed ? type.arguments.map((value) => `'${value.replaceAll("'", "''")}'`) : type.arguments
  const inner = values.length === 0 || values.join() === '0' ? '' : `(${values.join()})`
  const base = type.base === 'geometrycollection' ? 'geomcollection' : type.base
  return `${base}${inner}${type.unsigned ? ' unsigned' : ''}`
}

/** The length of a stored ENUM or SET value in characters, as an index counts it: 0 where one character is longer than the value. */
export function storedCharacters({ base, arguments: values, charset }: ColumnType): number {
  if (base !== 'enum' && base !== 'set') return 0
  const sizes = base === 'enum' ? [1, 2] : [1, 2, 3, 4, 8]
  const needed = base === 'enum' ? (values.length < 256 ? 1 : 2) : Math.ceil(values.length / 8)
  const bytes = sizes.find((size) => size >= needed) ?? 8
  const shown = base === 'enum' ? Math.max(...values.map((value) => value.length)) : values.join(',').length
  const wide = bytesPerCharacter(charset)
  return shown * wide === bytes ? 0 : Math.floor(bytes / wide)
}
