import { type ColumnChange, readColumnChanges } from '../column-changes.ts'
import { printType } from '../column-type.ts'
import { findNarrowing } from '../narrowing.ts'
import type { Finding, HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'

export const narrowColumn: HazardRule = {
  code: 'NARROW_COLUMN',
  kind: 'destructive',
  title:
    '`MODIFY` or `CHANGE` to a type that does not hold every present value (or may not: the present type is unknown)',
  find: (tokens, statement, context) => {
    if (!isFirstTableAtStake(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables).flatMap(judge)
  },
}

const instead = 'Add a new column, copy the values that fit, and drop the old one when every row has been looked at.'

function judge(change: ColumnChange): readonly Finding[] {
  if (change.before === null) {
    return [
      {
        why: `Column ${change.column} becomes ${printType(change.after)}; it may narrow: its present type is not known here.`,
        instead: 'Run "wwdb plan" against the server, which compares both types.',
      },
    ]
  }
  const reasons = findNarrowing(change.before, change.after)
  if (reasons.length === 0) return []
  return [{ why: `Column ${change.column} narrows: ${reasons.join('; ')}.`, instead }]
}
