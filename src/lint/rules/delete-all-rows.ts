import { describeMissingChoice, findConditionTables, touchesEveryRow } from '../chosen-rows.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'
import { deletesFromOwnTablesOnly } from '../written-tables.ts'

export const deleteAllRows: HazardRule = {
  code: 'DELETE_ALL_ROWS',
  kind: 'destructive',
  title:
    '`DELETE` without `WHERE` or with one that is true for every row, of tables or through a view (`LIMIT` and `JOIN ... ON` do not count as conditions)',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'DELETE') return []
    if (!touchesEveryRow(tokens, 'DELETE', findConditionTables(tokens, 'DELETE', context.tables))) return []
    if (!firstTableMayHaveData(statement, context) || deletesFromOwnTablesOnly(tokens, context.tables)) return []
    return [
      {
        why: `${describeMissingChoice(tokens, 'DELETE')}, so it deletes all rows.`,
        instead: 'Add a WHERE that selects the rows to delete.',
      },
    ]
  },
}
