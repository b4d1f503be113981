import { findWords, isWord } from '../../sql/clauses.ts'
import { readSources } from '../read-sources.ts'
import type { HazardRule } from '../rule.ts'
import { isFirstTableAtStake } from '../stakes.ts'

export const replaceRows: HazardRule = {
  code: 'REPLACE_ROWS',
  kind: 'destructive',
  title: '`REPLACE ... SELECT` from a table, into a table that was there before the run',
  find: (tokens, statement, context) => {
    if (statement.verb !== 'REPLACE' || !isFirstTableAtStake(statement, context)) return []
    const query = ['SELECT', 'TABLE', 'WITH'].map((word) => findWords(tokens, word)).filter((at) => at > 0)
    const start = query.length > 0 ? Math.min(...query) : tokens.findIndex((token) => isWord(token, 'SELECT'))
    if (start < 0 || readSources(tokens.slice(start)).length === 0) return []
    return [
      {
        why: 'It deletes every row that has a key of the query and inserts a new one: columns that it does not name lose their values, and ON DELETE CASCADE takes the rows of other tables along.',
        instead: 'Write INSERT ... SELECT ... ON DUPLICATE KEY UPDATE with the columns that are meant to change.',
      },
    ]
  },
}
