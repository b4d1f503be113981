import type { ColumnPair, CopyColumn } from './checksum/columns.ts'

const integers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])
const floats = new Set(['float', 'double'])
const times = new Set(['date', 'datetime', 'timestamp', 'time'])

/**
 * Pairs in which the server rounds or cuts a value without an error, in a strict `sql_mode` as well: what is written between the comparison and the swap of a
 * revert would be changed in silence. Clauses.
 */
export function findNarrower(pairs: readonly ColumnPair[]): readonly string[] {
  return pairs.flatMap(({ from, to }) =>
    isNarrower(from, to)
      ? [
          `\`${from.name}\` would go back from ${from.fullType} to ${to.fullType}, for which the server rounds or cuts values that are written meanwhile without an error`,
        ]
      : [],
  )
}

function isNarrower(from: CopyColumn, to: CopyColumn): boolean {
  if (from.fullType === to.fullType) return false
  if (integers.has(to.type)) return !isWhole(from)
  if (to.type === 'decimal') return !isWhole(from) && (from.type !== 'decimal' || scaleOf(from) > scaleOf(to))
  if (floats.has(to.type)) return !isExactAs(from, to)
  if (to.type === 'date') return from.type !== 'date'
  if (to.type === 'time') return from.type !== 'time' || scaleOf(from) > scaleOf(to)
  if (times.has(to.type)) return !times.has(from.type) || scaleOf(from) > scaleOf(to)
  // Six digits of a FLOAT are written as text.
  return from.type === 'float'
}

const isWhole = (column: CopyColumn): boolean =>
  integers.has(column.type) || column.type === 'year' || (column.type === 'decimal' && scaleOf(column) === 0)

/** Every value of FLOAT is one of DOUBLE; of integers, those up to 24 and 53 bits are. */
function isExactAs(from: CopyColumn, to: CopyColumn): boolean {
  if (to.fullType.includes('(')) return false
  if (from.type === to.type || (from.type === 'float' && to.type === 'double')) return true
  const exact = to.type === 'double' ? ['tinyint', 'smallint', 'mediumint', 'int'] : ['tinyint', 'smallint']
  return exact.includes(from.type)
}

/** Digits behind the point, or of a second: `decimal(10,2)` has 2, `datetime(6)` has 6. */
function scaleOf({ type, fullType }: CopyColumn): number {
  const values = /\(([\d,]+)\)/.exec(fullType)?.[1]?.split(',') ?? []
  return Number((type === 'decimal' ? values[1] : values[0]) ?? 0)
}
