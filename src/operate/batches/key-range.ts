import { quoteName } from '../../sql/quote-name.ts'
import type { KeyColumn, WalkKey } from './choose-key.ts'
import type { Walk } from './read-walk.ts'

/** The values of one key, as SQL literals. */
export type KeyValue = readonly string[]

/** Part of a key's order: behind `after`, up to and with `upTo`. */
export interface KeyRange {
  /** Null at the start of the table. */
  readonly after: KeyValue | null
  readonly upTo: KeyValue
}

const pathOf = (alias: string, { name }: KeyColumn): string => `${quoteName(alias)}.${quoteName(name)}`

/** What a SELECT reads of a key so that `toLiterals` can write it. */
function selectKey(alias: string, key: WalkKey): string {
  return key.columns
    .map((column) => {
      const path = pathOf(alias, column)
      return column.kind === 'text' || column.kind === 'bytes' ? `HEX(${path})` : `CAST(${path} AS CHAR)`
    })
    .join(',')
}

/** The literals of what `selectKey` read: exact, and compared in the collation of the column. */
export function toLiterals(key: WalkKey, cells: readonly (string | null)[]): KeyValue {
  return key.columns.map(({ kind, charset }, at) => {
    const cell = cells[at] ?? ''
    if (kind === 'number') return cell
    if (kind === 'time') return `'${cell}'`
    const introducer = kind === 'bytes' ? '_binary' : `_${charset ?? 'utf8mb4'}`
    return cell === '' ? `${introducer}''` : `${introducer} 0x${cell}`
  })
}

/**
 * A condition on all columns of the key that MySQL answers from its index: a comparison of rows, `(a, b) > (1, 2)`, is not used for a range scan, so that
 * it is written out.
 */
export function renderRange(alias: string, key: WalkKey, { after, upTo }: KeyRange): string {
  const upper = bound(alias, key, upTo, '<', true)
  return after === null ? upper : `${bound(alias, key, after, '>', false)} AND ${upper}`
}

function bound(alias: string, { columns }: WalkKey, value: KeyValue, operator: '<' | '>', inclusive: boolean): string {
  const paths = columns.map((column) => pathOf(alias, column))
  const last = paths.length - 1
  const from = (at: number): string => {
    const [path, literal] = [paths[at], value[at]]
    const own = `${path} ${operator}${at === last && inclusive ? '=' : ''} ${literal}`
    return at === last ? own : `(${own} OR (${path} = ${literal} AND ${from(at + 1)}))`
  }
  // The first column alone bounds the scan, whatever the optimizer makes of the rest.
  return last === 0 ? from(0) : `${paths[0]} ${operator}= ${value[0]} AND ${from(0)}`
}

/** The text of one chunk: `(original condition) AND range`. */
export function renderChunk(walk: Walk, key: WalkKey, range: KeyRange): string {
  const { alias, before, condition, after } = walk
  const own = condition === null ? '' : `(${condition}\n) AND `
  return `${before}\nWHERE ${own}${renderRange(alias, key, range)}${after === '' ? '' : ` ${after}`}`
}

function from({ schema, name }: Walk['table'], alias: string, key: WalkKey): string {
  const table = schema === null ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
  return `FROM ${table} AS ${quoteName(alias)} FORCE INDEX (${quoteName(key.index)})`
}

/** The order in which a key is walked, or its reverse. */
export const renderOrder = (alias: string, key: WalkKey, direction = ''): string =>
  `ORDER BY ${key.columns.map((column) => `${pathOf(alias, column)}${direction}`).join(',')}`

/** Asks for the first or last key of the table. */
export function selectEnd({ table, alias }: Walk, key: WalkKey, end: 'first' | 'last'): string {
  return `SELECT ${selectKey(alias, key)} ${from(table, alias, key)} ${renderOrder(alias, key, end === 'last' ? ' DESC' : '')} LIMIT 1`
}

/** Asks for the key that ends a chunk of that many keys, and for the one behind it. */
export function selectBound({ table, alias }: Walk, key: WalkKey, range: KeyRange, size: number): string {
  return `SELECT ${selectKey(alias, key)} ${from(table, alias, key)} WHERE ${renderRange(alias, key, range)} ${renderOrder(alias, key)} LIMIT ${size - 1},2`
}

/** Asks how many keys are left, counted up to a limit. */
export function selectCount({ table, alias }: Walk, key: WalkKey, range: KeyRange, most: number): string {
  return `SELECT CAST(COUNT(*) AS CHAR) FROM (SELECT 1 ${from(table, alias, key)} WHERE ${renderRange(alias, key, range)} LIMIT ${most}) AS wwdb_left`
}

/** A key as people read it: `(7, 'a')`. */
export function describeKey(key: WalkKey, value: KeyValue): string {
  const shown = key.columns.map(({ name }, at) => `\`${name}\` = ${readable(value[at] ?? '')}`)
  return shown.join(', ')
}

/** Text in hexadecimal, as it is compared, says nothing to people. */
function readable(literal: string): string {
  const [, charset, digits] = /^_(\w+) 0x([0-9A-F]+)$/.exec(literal) ?? []
  if (digits === undefined) return literal.replace(/^_\w+(?='')/, '')
  const known = charset === 'utf8mb4' || charset === 'utf8mb3' || charset === 'utf8' || charset === 'ascii'
  return known ? `'${Buffer.from(digits, 'hex').toString('utf8').replaceAll("'", "''")}'` : `0x${digits}`
}
