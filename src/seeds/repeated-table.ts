import type { Clause } from '../sql/clauses.ts'

/** A unique index, as far as a statement may change what it holds. */
export interface RepeatedKey {
  readonly name: string
  readonly columns: readonly string[]
  /** `whole`: of columns that are written. `prefix`: of the beginning of one. `computed`: of an expression, or of a generated column. */
  readonly type: 'whole' | 'prefix' | 'computed'
}

/** What finds a row of a table again on its shard, in lower case. */
export interface RepeatedTable {
  /** All unique indexes. */
  readonly keys: readonly RepeatedKey[]
  /** The columns of its first vindex. */
  readonly vindex: readonly string[]
  /** The column that a sequence fills where it is not given; null without one. */
  readonly numbered: string | null
  /** Columns that change where others are changed: generated ones, and those with ON UPDATE. */
  readonly following: readonly string[]
  /** Columns whose DEFAULT is an expression. */
  readonly computedDefaults: readonly string[]
}

/** Why a statement of a seed may leave something else where it runs twice, and what to write in its place. */
export interface Reason {
  readonly why: string
  readonly next: string
}

/** `a = 1` as its column and its value. */
export interface Assignment {
  readonly column: string
  readonly value: Clause
}

/** Of a value that is not the same each time. */
export const differs = (name: string, column: string): Reason => ({
  why: `\`${name}\` may give \`${column}\` another value when it runs again.`,
  next: 'Write the value itself.',
})

/** An index over what MySQL computes may get another value by any change of the row. */
export function refuseComputed({ keys }: RepeatedTable): Reason | null {
  const computed = keys.find(({ type }) => type === 'computed')
  return computed === undefined
    ? null
    : {
        why: `The unique key \`${computed.name}\` is computed from columns of the row, and rows are found again by it.`,
        next: 'Change the rows in a migration.',
      }
}
