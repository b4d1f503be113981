import { quoteName } from '../../../sql/quote-name.ts'
import type { ColumnPair, CopyColumn, Side } from './columns.ts'

/** A unique key of the table, whose columns do not take NULL. */
export interface UniqueKey {
  readonly name: string
  /** Names of the table's columns. */
  readonly columns: readonly string[]
}

/** The key that the table and its copy are read by. */
export interface WalkedKey {
  /** The index of the table. */
  readonly name: string
  readonly pairs: readonly ColumnPair[]
}

/** Types that are ordered like their literals. */
const ordered = new Set([
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'date', 'datetime', 'time'],
  ...['char', 'varchar', 'binary', 'varbinary'],
])

/** The first key whose values mean the same in both, and are ordered in the same way; null where there is none, and the tables are compared as a whole. */
export function chooseKey(keys: readonly UniqueKey[], pairs: readonly ColumnPair[]): WalkedKey | null {
  const byName = new Map(pairs.map((pair) => [pair.from.name.toLowerCase(), pair]))
  for (const { name, columns } of keys) {
    const own = columns.flatMap((column) => byName.get(column.toLowerCase()) ?? [])
    if (own.length === columns.length && own.length > 0 && own.every(isOrderedAlike)) return { name, pairs: own }
  }
  return null
}

/** Whole numbers are ordered alike, and written alike, whatever their sizes. */
const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

function isOrderedAlike({ from, to }: ColumnPair): boolean {
  if (from.nullable) return false
  if (integers.has(from.type) && integers.has(to.type)) return true
  return ordered.has(from.type) && from.type === to.type && from.collation === to.collation
}

/** Values of the key's columns, each as a literal that SQL reads in any session. */
export type KeyValues = readonly string[]

/** The expressions that read a key: each gives the literal of its value. */
export function keyLiterals({ pairs }: WalkedKey, side: Side): readonly string[] {
  return pairs.map((pair) => literalOf(pair[side]))
}

function literalOf({ name, type, charset }: CopyColumn): string {
  const column = quoteName(name)
  if (charset !== null) return `CONCAT('_${charset} X''',HEX(${column}),'''')`
  if (type === 'binary' || type === 'varbinary') return `CONCAT('X''',HEX(${column}),'''')`
  return /^(?:date|datetime|time)$/.test(type) ? `CONCAT('''',${column},'''')` : `CAST(${column} AS CHAR)`
}

/** A chunk of the key: above `after`, up to and with `through`; without a bound where it is null. */
export interface ChunkBounds {
  readonly after: KeyValues | null
  readonly through: KeyValues | null
}

/** The condition of a chunk. Row constructors are written out, so that the index is used: (a > 1) OR (a = 1 AND b > 2). */
export function chunkCondition({ pairs }: WalkedKey, side: Side, { after, through }: ChunkBounds): string {
  const columns = pairs.map((pair) => quoteName(pair[side].name))
  const parts = [
    ...(after === null ? [] : [compareKey(columns, after, '>', '>')]),
    ...(through === null ? [] : [compareKey(columns, through, '<', '<=')]),
  ]
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ')
}

function compareKey(columns: readonly string[], values: KeyValues, strict: string, last: string): string {
  const parts = columns.map((column, at) => {
    const before = columns.slice(0, at).map((equal, index) => `${equal}=${values[index]}`)
    const operator = at === columns.length - 1 ? last : strict
    return [...before, `${column}${operator}${values[at]}`].join(' AND ')
  })
  return parts.length === 1 ? String(parts[0]) : `(${parts.map((part) => `(${part})`).join(' OR ')})`
}

/** Exactly one row. */
export function keyEquals({ pairs }: WalkedKey, side: Side, values: KeyValues): string {
  return pairs.map((pair, at) => `${quoteName(pair[side].name)}=${values[at]}`).join(' AND ')
}

export function orderByKey({ pairs }: WalkedKey): string {
  return pairs.map(({ from }) => quoteName(from.name)).join(',')
}
