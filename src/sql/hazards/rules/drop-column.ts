import { listNames, readAlterations } from '../clauses.ts'
import { readDroppedColumn } from '../follow-alteration.ts'
import type { HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'

export const dropColumn: HazardRule = {
  code: 'DROP_COLUMN',
  kind: 'destructive',
  title: '`ALTER TABLE ... DROP [COLUMN]`',
  find: (tokens, statement, context) => {
    const columns = readAlterations(tokens).flatMap((clause) => readDroppedColumn(clause) ?? [])
    if (columns.length === 0 || !isFirstTableAtStake(statement, context)) return []
    return [
      {
        why: `It removes ${listNames(columns)} with the values of every row.`,
        instead: 'Stop using the column, make it INVISIBLE for a while, and drop it in a later migration.',
      },
    ]
  },
}
