import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const dropPartition: HazardRule = {
  code: 'DROP_PARTITION',
  kind: 'destructive',
  title: '`ALTER TABLE ... DROP PARTITION`',
  find: (tokens, statement, context) => {
    const drops = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'DROP', 'PARTITION'))
    if (!drops || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why: 'It removes the partition with all rows in it.',
        instead: 'Exchange the partition with an empty table first, so that its rows can still be read and archived.',
      },
    ]
  },
}
