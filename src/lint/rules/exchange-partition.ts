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
        instead: 'Say which rows are meant to be where afterwards; exchanging once more brings them back.',
      },
    ]
  },
}
