import { isAtLeast } from '../../core/version.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'

/** By version, the words that became reserved with it (manual, "Keywords and Reserved Words"; compared with what servers report by a test). */
const byVersion: readonly (readonly [version: string, words: string])[] = [
  [
    '8.0.11',
    'CUBE CUME_DIST DENSE_RANK EMPTY EXCEPT FIRST_VALUE FUNCTION GROUPING GROUPS JSON_TABLE LAG LAST_VALUE LEAD NTH_VALUE NTILE OF OVER PERCENT_RANK RANK RECURSIVE ROW ROWS ROW_NUMBER SYSTEM WINDOW',
  ],
  ['8.0.14', 'LATERAL'],
  ['8.0.31', 'INTERSECT'],
  ['8.4.0', 'QUALIFY TABLESAMPLE'],
  ['9.2.0', 'LIBRARY'],
  ['9.4.0', 'EXTERNAL'],
]

/** The version from which on a word, in capitals, is reserved. */
export const reservedSince: ReadonlyMap<string, string> = new Map(
  byVersion.flatMap(([version, words]) => words.split(' ').map((word) => [word, version] as const)),
)

/** Words that a statement of a supported server may still have as names without quotes. */
const laterWords = byVersion.flatMap(([version, words]) => (version === '8.0.11' ? [] : words.split(' ')))

/** A quick look, before tokens are read. */
export const mayUseReserved = new RegExp(`\\b(?:${laterWords.join('|')})\\b`, 'i')

/** Behind these, a word is a name, and no clause of its own. */
const beforeNames = [
  'SELECT',
  'DISTINCT',
  'FROM',
  'JOIN',
  'INTO',
  'UPDATE',
  'WHERE',
  'AND',
  'OR',
  'NOT',
  'ON',
  'BY',
  'SET',
  'AS',
  'HAVING',
  'RETURN',
  'CALL',
  'IN',
  'LIKE',
  'BETWEEN',
  'WHEN',
  'THEN',
  'ELSE',
] as const

/** Names without quotes that the target reserves, where a statement refers to them: `FROM library`, `SELECT intersect`. */
export function findReservedReferences(tokens: readonly Token[], target: string): readonly Token[] {
  return tokens.filter((token, at) => {
    if (token.type !== 'word') return false
    const word = token.text.toUpperCase()
    const since = reservedSince.get(word)
    if (since === undefined || since === '8.0.11' || !isAtLeast(target, since)) return false
    const [before, after] = [tokens[at - 1], tokens[at + 1]]
    // Behind a period, the server takes any word for a name.
    if (before === undefined || isMark(before, '.') || isMark(before, '@') || isMark(before, ':')) return false
    if (isMark(after, '.')) return true
    if (word === 'LATERAL' && isMark(after, '(')) return false
    if (word === 'INTERSECT' && isWord(after, 'SELECT', 'ALL', 'DISTINCT', 'TABLE', 'VALUES', 'WITH')) return false
    const isOperand = before.type === 'punctuation' && before.text !== ')' && before.text !== ';'
    return isOperand || isWord(before, ...beforeNames)
  })
}

/** True for a word that the target reserves, and this version does not yet. */
export function becomesReserved(word: string, version: string, target: string | null): boolean {
  const since = reservedSince.get(word.toUpperCase())
  return since !== undefined && target !== null && isAtLeast(target, since) && !isAtLeast(version, since)
}
