import { findWords, isWord } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import { readSources } from '../read-sources.ts'
import type { Finding, HazardContext, HazardRule } from '../rule.ts'

export const replaceRows: HazardRule = {
  code: 'REPLACE_ROWS',
  kind: 'destructive',
  title: '`REPLACE ... SELECT` from a table, or `LOAD DATA ... REPLACE`, into a table that existed before the run',
  find: (tokens, statement, context) => {
    if (statement.verb === 'LOAD DATA' || statement.verb === 'LOAD XML') return findLoaded(tokens, statement, context)
    if (statement.verb !== 'REPLACE' || !firstTableMayHaveData(statement, context)) return []
    const query = ['SELECT', 'TABLE', 'WITH'].map((word) => findWords(tokens, word)).filter((at) => at > 0)
    const start = query.length > 0 ? Math.min(...query) : tokens.findIndex((token) => isWord(token, 'SELECT'))
    if (start < 0 || readSources(tokens.slice(start)).length === 0) return []
    return [
      {
        why: 'It deletes every row that has a key of the query and inserts a new one: columns that it does not name lose their values, and ON DELETE CASCADE deletes rows of other tables.',
        instead: 'Write INSERT ... SELECT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
      },
    ]
  },
}

/** `LOAD DATA INFILE ... REPLACE INTO TABLE`. */
function findLoaded(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly Finding[] {
  const into = tokens.findIndex((token) => isWord(token, 'INTO'))
  if (!isWord(tokens[into - 1], 'REPLACE') || !firstTableMayHaveData(statement, context)) return []
  return [
    {
      why: 'It deletes every row that has a key of the file and inserts a new one: columns that are not in the file lose their values, and ON DELETE CASCADE deletes rows of other tables.',
      instead:
        'Load the file into a new table, then write INSERT ... SELECT ... ON DUPLICATE KEY UPDATE with the columns that should change.',
    },
  ]
}
