import { isMark, isWord } from './clauses.ts'
import type { Token } from './tokens.ts'

/** What waits, locks, reads files or leaves values behind. */
const functions: ReadonlySet<string> = new Set([
  'SLEEP',
  'BENCHMARK',
  'GET_LOCK',
  'RELEASE_LOCK',
  'RELEASE_ALL_LOCKS',
  'LOAD_FILE',
  'LAST_INSERT_ID',
  'WAIT_FOR_EXECUTED_GTID_SET',
  'WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS',
  'SOURCE_POS_WAIT',
  'MASTER_POS_WAIT',
])

const scopes = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY'] as const

/**
 * The first name by which a statement, or the body of a trigger or a routine, waits or does what no rollback takes back; null without one. Pure.
 * @param loadable functions of libraries, in lower case: nobody knows what they do
 */
export function findLasting(tokens: readonly Token[], loadable: ReadonlySet<string>): string | null {
  const found = tokens.find((token, at) => {
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    if (token.type === 'system-variable')
      return /^(?:global|persist|persist_only)\./i.test(token.text) && (isMark(after, '=') || isMark(after, ':='))
    if (isWord(token, 'OUTFILE', 'DUMPFILE')) return true
    if (isWord(token, ...scopes)) return isWord(before, 'SET') || isMark(before, ',')
    // Names of functions may be quoted, under ANSI_QUOTES as texts are.
    const isCalled = ['word', 'name', 'string'].includes(token.type) && isMark(after, '(')
    return isCalled && (functions.has(token.text.toUpperCase()) || loadable.has(token.text.toLowerCase()))
  })
  return found?.text ?? null
}
