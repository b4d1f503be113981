import { isWord } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

const verbs = ['CREATE TEMPORARY TABLE', 'SET', 'SELECT', 'WITH', 'TABLE', 'VALUES']

/** Session statements run again when a stopped run is resumed; the rows that they read may have changed by then. */
export const sessionReads: HazardRule = {
  code: 'UNRESUMABLE_SESSION',
  kind: 'unresumable',
  title: 'A temporary table or user variable filled from a query, which runs again when a stopped run is resumed',
  find: (tokens, statement) => {
    if (statement.class !== 'session' || !verbs.includes(statement.verb) || !readsTable(tokens)) return []
    return [
      {
        why: 'It runs again when a stopped run is resumed, and may then read other rows than the first time.',
        instead:
          'Use the query in the statement that needs it, or store its rows in a table that the migration creates.',
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
