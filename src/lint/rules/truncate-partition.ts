import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const truncatePartition: HazardRule = {
  code: 'TRUNCATE_PARTITION',
  kind: 'destructive',
  title: '`ALTER TABLE ... TRUNCATE PARTITION`',
  find: (tokens, statement, context) => {
    const truncates = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'TRUNCATE', 'PARTITION'))
    if (!truncates || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why: 'It removes every row of the partition at once and cannot be rolled back.',
        instead: 'Exchange the partition with an empty table, so that its rows can still be read and archived.',
      },
    ]
  },
}
