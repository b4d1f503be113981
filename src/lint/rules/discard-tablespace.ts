import { findWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const discardTablespace: HazardRule = {
  code: 'DISCARD_TABLESPACE',
  kind: 'destructive',
  title: '`ALTER TABLE ... DISCARD [PARTITION ...] TABLESPACE`',
  find: (tokens, statement, context) => {
    const discards = readAlterations(tokens).some(
      (clause) => findWords(clause, 'DISCARD') === 0 && findWords(clause, 'TABLESPACE') > 0,
    )
    if (!discards || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why: "It deletes the table's data file; the table cannot be read until another file is imported.",
        instead: 'Copy the file first (FLUSH TABLES ... FOR EXPORT).',
      },
    ]
  },
}
