import { isAtLeast } from '../../core/version.ts'
import { isMark, isName, isWord } from '../../sql/clauses.ts'
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

/** Words that a statement on a supported server may still use as unquoted names. */
const laterWords = byVersion.flatMap(([version, words]) => (version === '8.0.11' ? [] : words.split(' ')))

/** A quick check, before tokens are read. */
export const mayUseReserved = new RegExp(`\\b(?:${laterWords.join('|')})\\b`, 'i')

/**
 * Unquoted names that the target reserves, wherever a statement has them: every occurrence that is not a keyword of the
 * target.
 */
export function findReservedReferences(tokens: readonly Token[], target: string): readonly Token[] {
  return tokens.filter((token, at) => {
    if (token.type !== 'word') return false
    const word = token.text.toUpperCase()
    const since = reservedSince.get(word)
    if (since === undefined || since === '8.0.11' || !isAtLeast(target, since)) return false
    const before = tokens[at - 1]
    // After a period, the server takes any word for a name.
    if (before === undefined || isMark(before, '.') || isMark(before, '@') || isMark(before, ':')) return false
    return keywordUses[word]?.(tokens, at) !== true
  })
}

type Use = (tokens: readonly Token[], at: number) => boolean

const beginsQuery = ['SELECT', 'TABLE', 'VALUES', 'WITH'] as const

/** Where the target takes a word for a keyword. */
const keywordUses: Readonly<Record<string, Use>> = {
  // `JOIN LATERAL (SELECT ...)`
  LATERAL: (tokens, at) =>
    isMark(tokens[at + 1], '(') && (isWord(tokens[at - 1], 'FROM', 'JOIN') || isMark(tokens[at - 1], ',')),
  // `... INTERSECT [ALL] (SELECT ...)`
  INTERSECT: (tokens, at) => {
    const after = isWord(tokens[at + 1], 'ALL', 'DISTINCT') ? at + 2 : at + 1
    return isWord(tokens[isMark(tokens[after], '(') ? after + 1 : after], ...beginsQuery)
  },
  // `QUALIFY ROW_NUMBER() OVER w = 1`
  QUALIFY: (tokens, at) => {
    const after = tokens[at + 1]
    return after !== undefined && isOperand(after) && !isWord(tokens[at - 1], 'SELECT', 'FROM', 'JOIN', 'AS')
  },
  // `FROM t TABLESAMPLE SYSTEM (10)`
  TABLESAMPLE: (tokens, at) => isWord(tokens[at + 1], 'SYSTEM', 'BERNOULLI'),
  // `CREATE LIBRARY x`, `GRANT EXECUTE ON LIBRARY x`
  LIBRARY: (tokens, at) =>
    isWord(tokens[at - 1], 'CREATE', 'DROP', 'ALTER', 'SHOW') ||
    (isWord(tokens[at - 1], 'ON') && isName(tokens[at + 1])),
  // `CREATE EXTERNAL TABLE x`
  EXTERNAL: (tokens, at) => isWord(tokens[at - 1], 'CREATE') && isWord(tokens[at + 1], 'TABLE'),
}

const afterAlias = [
  'FROM',
  'WHERE',
  'JOIN',
  'INNER',
  'CROSS',
  'LEFT',
  'RIGHT',
  'NATURAL',
  'STRAIGHT_JOIN',
  'ON',
  'USING',
  'SET',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'UNION',
  'EXCEPT',
  'FOR',
  'INTO',
  'WINDOW',
  'AS',
  'USE',
  'FORCE',
  'IGNORE',
] as const

/** True for what may begin a condition, and does not follow an alias. */
function isOperand(token: Token): boolean {
  if (token.type === 'punctuation') return token.text === '('
  return (
    !isWord(token, ...afterAlias) &&
    !isWord(token, 'INT', 'IS', 'IN', 'LIKE', 'BETWEEN', 'ASC', 'DESC', 'AND', 'OR', 'XOR', 'DIV', 'MOD', 'TO', 'END')
  )
}

/** True for a word that the target reserves, and this version does not yet. */
export function becomesReserved(word: string, version: string, target: string | null): boolean {
  const since = reservedSince.get(word.toUpperCase())
  return since !== undefined && target !== null && isAtLeast(target, since) && !isAtLeast(version, since)
}
