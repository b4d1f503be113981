import { compareSnapshots } from '../ddl/compare-snapshots.ts'
import type { ColumnSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { applyRenames, type OwnRenames, type Rename } from './renames.ts'
import type { RenamePair } from './resolve-renames.ts'

/** A pair that looks renamed, in one database. */
export interface GuessedRename extends Rename {
  readonly database: string
}

/**
 * Names that look renamed and were not mentioned: a missing table and a new one that differ only in their names; and in a table a missing column and a new one with the same definition, or with the same type at the same place. A missing one may have several candidates. Pure. @param own what is renamed
 */
export function guessRenames({ before, after }: RenamePair, own: OwnRenames | undefined): readonly GuessedRename[] {
  const { database } = before
  const renamed = own === undefined ? before : applyRenames(before, new Map([[database, own]]))
  const differences = compareSnapshots(after, renamed)
  const only = (change: 'missing' | 'extra'): readonly TableSnapshot[] =>
    differences.flatMap((one) => {
      const object = change === 'missing' ? one.wanted : one.found
      return one.change === change && object?.type === 'table' ? [object] : []
    })
  const tables = only('extra').flatMap((old): readonly Rename[] =>
    only('missing').flatMap((made) => (areAlike(old, made) ? [{ table: old.name, column: null, to: made.name }] : [])),
  )
  const columns = differences.flatMap(({ change, wanted, found }): readonly Rename[] =>
    change === 'differs' && wanted?.type === 'table' && found?.type === 'table' ? guessColumns(found, wanted) : [],
  )
  return [...tables, ...columns].map((one) => ({ ...one, database }))
}

/** The same columns; or the same types in the same order, and at least half of the names. */
function areAlike(one: TableSnapshot, other: TableSnapshot): boolean {
  if (one.columns.length !== other.columns.length) return false
  const pairs = one.columns.map((column, at) => [column, other.columns[at]] as const)
  if (!pairs.every(([a, b]) => b !== undefined && hasSameType(a, b))) return false
  return pairs.filter(([a, b]) => isSame(a.name, b?.name ?? '')).length * 2 >= pairs.length
}

/** A generated column contains nothing that could be lost. */
function guessColumns(before: TableSnapshot, after: TableSnapshot): readonly Rename[] {
  const gone = lackingIn(before, after)
  const made = lackingIn(after, before)
  return gone.flatMap((old) =>
    made
      .filter(
        (one) =>
          one.generated === null &&
          old.generated === null &&
          (withoutName(one) === withoutName(old) || (hasSameType(old, one) && hasSamePlace(old, before, one, after))),
      )
      .map((one) => ({ table: after.name, column: old.name, to: one.name })),
  )
}

function lackingIn(table: TableSnapshot, other: TableSnapshot): readonly ColumnSnapshot[] {
  return table.columns.filter(({ name }) => !other.columns.some((column) => isSame(column.name, name)))
}

/** A renamed column may have been widened at the same time. */
function hasSameType(one: ColumnSnapshot, other: ColumnSnapshot): boolean {
  const bare = ({ type }: ColumnSnapshot): string => type.toLowerCase().replace(/\(.*\)/s, '')
  return bare(one) === bare(other)
}

/** As many columns after or before a column that both tables have. */
function hasSamePlace(old: ColumnSnapshot, before: TableSnapshot, made: ColumnSnapshot, after: TableSnapshot): boolean {
  const place = (column: ColumnSnapshot, table: TableSnapshot, other: TableSnapshot, step: 1 | -1): string => {
    let at = table.columns.indexOf(column)
    for (let passed = 0; ; passed += 1) {
      at += step
      const next = table.columns[at]
      if (next === undefined) return `${passed} from the end`
      if (other.columns.some(({ name }) => isSame(name, next.name))) return `${passed} from ${next.name.toLowerCase()}`
    }
  }
  return ([-1, 1] as const).some((step) => place(old, before, after, step) === place(made, after, before, step))
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase()
}

function withoutName({ name, text }: ColumnSnapshot): string {
  return text.slice(quoteName(name).length)
}
