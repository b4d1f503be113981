import { listNames, readAlterations } from '../../sql/clauses.ts'
import { columnMayHaveData } from '../existing-data.ts'
import { readDroppedColumn } from '../follow-alteration.ts'
import type { HazardRule } from '../rule.ts'

export const dropColumn: HazardRule = {
  code: 'DROP_COLUMN',
  kind: 'destructive',
  title: '`ALTER TABLE ... DROP [COLUMN]`',
  find: (tokens, statement, context) => {
    const dropped = readAlterations(tokens).flatMap((clause) => readDroppedColumn(clause) ?? [])
    const columns = dropped.filter((column) => columnMayHaveData(column, statement, context))
    if (columns.length === 0) return []
    return [
      {
        why: `It removes ${listNames(columns)} with the values of every row.`,
        instead: 'Stop using the column, make it INVISIBLE for a while, and drop it in a later migration.',
      },
    ]
  },
}
