import { listNames } from '../../sql/clauses.ts'
import { tablesWithData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/** Temporary tables do not belong to the schema: DROP TEMPORARY TABLE is another verb. */
export const dropTable: HazardRule = {
  code: 'DROP_TABLE',
  kind: 'destructive',
  title: '`DROP TABLE` of a table that existed before the run',
  find: (_tokens, statement, context) => {
    const tables = statement.verb === 'DROP TABLE' ? tablesWithData(statement, context) : []
    if (tables.length === 0) return []
    return [
      {
        why: `It removes ${listNames(tables)} with all rows; only a backup can restore them.`,
        instead: 'Rename the table first, and drop it in a later migration when no application has failed.',
      },
    ]
  },
}
