import { digestValue } from './digest-value.ts'
import type { PresentRow, SeedRecord } from './ports.ts'
import type { ChangedByHand } from './seed.ts'

/** One column whose value is not the wanted one. */
export interface Difference {
  readonly column: string
  readonly before: string | null
  readonly after: string | null
  readonly byHand: boolean
  readonly kept: boolean
}

/**
 * What is to be done with a row:
 * - `insert`
 * - `update`  the differences that are not kept are written
 * - `keep`    all that differs was changed by hand, and stays
 * - `adopt`   it is as wanted, and what is remembered of it is not
 * - `same`
 */
export type RowDecision =
  | { readonly action: 'insert' }
  | { readonly action: 'update' | 'keep'; readonly differences: readonly Difference[] }
  | { readonly action: 'adopt' | 'same' }

/** True where the present value is not the one that the tool left: changed since, or never written by it. */
function isByHand(column: string, present: string | null, record: SeedRecord | null): boolean {
  if (record === null) return true
  const left = record.written[column]
  // A column that the table got later: of a row of ours it holds what the migration put there.
  return left === undefined ? !record.inserted : left !== digestValue(present)
}

/**
 * Compares a row as it is with what the seeds want of it. Pure.
 * @param wanted by column, as the server renders it
 */
export function decideRow(
  wanted: ReadonlyMap<string, string | null>,
  present: PresentRow | null,
  record: SeedRecord | null,
  policy: ChangedByHand,
): RowDecision {
  if (present === null) return { action: 'insert' }
  const differences = [...wanted].flatMap(([column, after]): readonly Difference[] => {
    const before = present.values.get(column) ?? null
    if (before === after) return []
    const byHand = isByHand(column, before, record)
    return [{ column, before, after, byHand, kept: byHand && policy === 'keep' }]
  })
  if (differences.length > 0) return { action: differences.every(({ kept }) => kept) ? 'keep' : 'update', differences }
  const remembered = [...wanted].every(([column, text]) => record?.written[column] === digestValue(text))
  return { action: remembered ? 'same' : 'adopt' }
}
