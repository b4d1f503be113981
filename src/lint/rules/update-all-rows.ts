import { describeMissingChoice, findConditionTables, touchesEveryRow } from '../chosen-rows.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'
import { writesOwnColumnsOnly } from '../written-tables.ts'

export const updateAllRows: HazardRule = {
  code: 'UPDATE_ALL_ROWS',
  kind: 'destructive',
  title:
    '`UPDATE` without `WHERE` or with one that holds for every row, of tables or through a view (`LIMIT` and `JOIN ... ON` choose no rows)',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'UPDATE') return []
    if (!touchesEveryRow(tokens, 'UPDATE', findConditionTables(tokens, 'UPDATE', context.tables))) return []
    if (!firstTableMayHaveData(statement, context) || writesOwnColumnsOnly(tokens, context.tables)) return []
    return [
      {
        why: `${describeMissingChoice(tokens, 'UPDATE')}, so it overwrites the values of whatever is there.`,
        instead: 'Say in a WHERE which rows are meant, for example those where the new column IS NULL.',
      },
    ]
  },
}
