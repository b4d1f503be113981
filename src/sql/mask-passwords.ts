import { isMark, isWord } from './clauses.ts'
import { applyEdits, type Edit, replaceToken, type Token, tokenize } from './tokens.ts'

/** Words without which no statement holds a password: most statements are not read any further. */
const suspicious = /identified|passw|pwd|secret/i

/** `PASSWORD`, `SOURCE_PASSWORD` and other options, and user variables such as `@app_password`. */
const passwordName = /passw(?:or)?d$|pwd$|secret$/i

/** How many tokens may stand between IDENTIFIED and a password: `IDENTIFIED WITH plugin BY '...' REPLACE '...'`. */
const reach = 6

/**
 * The text of a statement with `'***'` in place of every password and hash of one: `IDENTIFIED BY '...'`, `SET PASSWORD = '...'`,
 * `OPTIONS (PASSWORD '...')`, `SET @app_password = '...'`. Whether a string is one is known by the words before it; a statement in a string is
 * read, too. All other text stays.
 */
export function maskPasswords(text: string): string {
  if (!suspicious.test(text)) return text
  const tokens = tokenize(text)
  const edits = tokens.flatMap((token, at): readonly Edit[] => {
    if (token.type !== 'string') return []
    if (isPassword(tokens, at)) return [replaceToken(token, "'***'")]
    const masked = maskPasswords(token.text)
    return masked === token.text ? [] : [replaceToken(token, `'${masked.replaceAll("'", "''")}'`)]
  })
  return edits.length === 0 ? text : applyEdits(text, edits)
}

function isPassword(tokens: readonly Token[], at: number): boolean {
  const before = tokens.slice(Math.max(0, at - reach), at)
  const last = before.at(-1)
  if (isWord(last, 'BY', 'AS', 'REPLACE') && before.some((token) => isWord(token, 'IDENTIFIED'))) return true
  const isValue = isMark(last, '=') || isMark(last, ':=') || isMark(last, '(')
  return isPasswordName(isValue ? before.at(-2) : last) || (isMark(last, '=') && isSetPassword(tokens, at))
}

function isPasswordName(token: Token | undefined): boolean {
  const isNamed = token?.type === 'word' || token?.type === 'name' || token?.type === 'user-variable'
  return isNamed && passwordName.test(token.text)
}

/** `SET PASSWORD FOR 'app'@'%' = '...'`: the account stands between the word and its value. */
function isSetPassword(tokens: readonly Token[], at: number): boolean {
  const word = tokens.slice(0, at).findLastIndex((token) => isWord(token, 'PASSWORD'))
  return word > 0 && isWord(tokens[word - 1], 'SET') && isWord(tokens[word + 1], 'FOR')
}
