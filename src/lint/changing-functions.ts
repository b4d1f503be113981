import { type Clause, isMark, isWord } from '../sql/clauses.ts'

/** Functions whose result changes between two calls (manual, "CREATE TABLE and Generated Columns"). */
const functions = [
  'NOW',
  'SYSDATE',
  'CURDATE',
  'CURTIME',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'UNIX_TIMESTAMP',
  'UTC_DATE',
  'UTC_TIME',
  'UTC_TIMESTAMP',
  'UUID',
  'UUID_SHORT',
  'RAND',
  'CONNECTION_ID',
  'USER',
  'SESSION_USER',
  'SYSTEM_USER',
  'LAST_INSERT_ID',
  'FOUND_ROWS',
  'ROW_COUNT',
  'SLEEP',
  'GET_LOCK',
  'RANDOM_BYTES',
]

const bare = ['CURRENT_TIMESTAMP', 'CURRENT_DATE', 'CURRENT_TIME', 'CURRENT_USER']

/** The name of the first such function that is called, in capitals; null where there is none. */
export function namesChangingFunction(tokens: Clause): string | null {
  const found = tokens.find((token, at) => {
    if (isWord(token, ...bare)) return !isMark(tokens[at - 1], '.')
    return isWord(token, ...functions) && isMark(tokens[at + 1], '(') && !isNow(tokens, at)
  })
  return found === undefined ? null : found.text.toUpperCase()
}

/** UNIX_TIMESTAMP(x) depends only on its argument. */
function isNow(tokens: Clause, at: number): boolean {
  return isWord(tokens[at], 'UNIX_TIMESTAMP') && !isMark(tokens[at + 2], ')')
}
