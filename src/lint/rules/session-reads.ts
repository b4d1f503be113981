import { isWord } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

const verbs = ['CREATE TEMPORARY TABLE', 'SET', 'SELECT', 'WITH', 'TABLE', 'VALUES']

/** Session statements run again when a stopped run goes on; what they read may have changed by then. */
export const sessionReads: HazardRule = {
  code: 'UNRESUMABLE_SESSION',
  kind: 'unresumable',
  title: 'A temporary table or user variable filled from a query, which runs again when a stopped run goes on',
  find: (tokens, statement) => {
    if (statement.class !== 'session' || !verbs.includes(statement.verb) || !readsTable(tokens)) return []
    return [
      {
        why: 'It runs again when a stopped run goes on, and may then read other rows than the first time.',
        instead:
          'Use the query itself in the statement that needs it, or keep its rows in a table that the migration makes.',
      },
    ]
  },
}

function readsTable(tokens: readonly Token[]): boolean {
  return (
    tokens.some((token, at) => isWord(token, 'FROM') && at > 0) &&
    tokens.some((token) => isWord(token, 'SELECT', 'TABLE'))
  )
}
