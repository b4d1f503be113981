import type { HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'
import { deletesFromOwnTablesOnly } from '../written-tables.ts'
import { touchesEveryRow } from './rows-without-where.ts'

export const deleteAllRows: HazardRule = {
  code: 'DELETE_ALL_ROWS',
  kind: 'destructive',
  title: '`DELETE` without `WHERE`, of one table or several (`LIMIT` and `JOIN ... ON` choose no rows)',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'DELETE' || !touchesEveryRow(tokens, 'DELETE')) return []
    if (!isFirstTableAtStake(statement, context) || deletesFromOwnTablesOnly(tokens, context.tables)) return []
    return [
      {
        why: 'No WHERE says which rows are meant, so it deletes whatever is there.',
        instead: 'Say in a WHERE which rows must go.',
      },
    ]
  },
}
