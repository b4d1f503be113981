import { listNames } from '../../sql/clauses.ts'
import { tablesWithData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const truncateTable: HazardRule = {
  code: 'TRUNCATE_TABLE',
  kind: 'destructive',
  title: '`TRUNCATE` of a table that existed before the run',
  find: (_tokens, statement, context) => {
    const tables = statement.verb === 'TRUNCATE TABLE' ? tablesWithData(statement, context) : []
    if (tables.length === 0) return []
    return [
      {
        why: `It removes every row of ${listNames(tables)} at once and cannot be rolled back.`,
        instead: 'Use DELETE with a WHERE, or keep the rows in a renamed table first.',
      },
    ]
  },
}
