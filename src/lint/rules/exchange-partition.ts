import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const exchangePartition: HazardRule = {
  code: 'EXCHANGE_PARTITION',
  kind: 'destructive',
  title: '`ALTER TABLE ... EXCHANGE PARTITION`',
  find: (tokens, statement, context) => {
    const exchanges = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'EXCHANGE', 'PARTITION'))
    if (!exchanges || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why: "It takes the partition's rows out of the table and puts those of another table in their place.",
        instead: 'Document where the rows are meant to be afterwards; a second exchange moves them back.',
      },
    ]
  },
}
