import { describeMissingChoice, findConditionTables, touchesEveryRow } from '../chosen-rows.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'
import { writesOwnColumnsOnly } from '../written-tables.ts'

export const updateAllRows: HazardRule = {
  code: 'UPDATE_ALL_ROWS',
  kind: 'destructive',
  title:
    '`UPDATE` without `WHERE` or with one that is true for every row, of tables or through a view (`LIMIT` and `JOIN ... ON` do not count as conditions)',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'UPDATE') return []
    if (!touchesEveryRow(tokens, 'UPDATE', findConditionTables(tokens, 'UPDATE', context.tables))) return []
    if (!firstTableMayHaveData(statement, context) || writesOwnColumnsOnly(tokens, context.tables)) return []
    return [
      {
        why: `${describeMissingChoice(tokens, 'UPDATE')}, so it overwrites values in all rows.`,
        instead: 'Add a WHERE that selects the rows to update, for example those where the new column IS NULL.',
      },
    ]
  },
}
