import type { HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'
import { writesOwnColumnsOnly } from '../written-tables.ts'
import { touchesEveryRow } from './rows-without-where.ts'

export const updateAllRows: HazardRule = {
  code: 'UPDATE_ALL_ROWS',
  kind: 'destructive',
  title: '`UPDATE` without `WHERE`, of one table or several (`LIMIT` and `JOIN ... ON` choose no rows)',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'UPDATE' || !touchesEveryRow(tokens, 'UPDATE')) return []
    if (!isFirstTableAtStake(statement, context) || writesOwnColumnsOnly(tokens, context.tables)) return []
    return [
      {
        why: 'No WHERE says which rows are meant, so it overwrites the values of whatever is there.',
        instead: 'Say in a WHERE which rows are meant, for example those where the new column IS NULL.',
      },
    ]
  },
}
