import { isMark, isWord } from './clauses.ts'
import { applyEdits, type Edit, replaceToken, type Token, tokenize } from './tokens.ts'

/** Words without which a statement contains no password: most statements are not read any further. */
const suspicious = /identified|passw|pwd|secret|passphrase|token|credential|_key|api_?key|private_?key|access_?key/i

/** `PASSWORD`, `SOURCE_PASSWORD` and other options, and columns such as `password_hash`. */
const passwordName = /(?:passw(?:or)?d|pwd|secret|passphrase)(?:_?hash)?$/i

/** User variables such as `@app_password`, `@token` and `@secret_of_app`. */
const secretVariable = /passw|pwd|secret|passphrase|token|credential|(?:api|private|access|secret|encryption)_?key/i

/** True for a user variable, without its `@`, whose name suggests a secret. */
export function isSecretVariable(name: string): boolean {
  return secretVariable.test(name)
}

/** How many tokens may stand between IDENTIFIED and a password: `IDENTIFIED WITH plugin BY '...' REPLACE '...'`. */
const reach = 6

const hidden = "'***'"

/**
 * The text of a statement with `'***'` in place of every password and hash of one: `IDENTIFIED BY '...'`, `SET PASSWORD = '...'`, `OPTIONS
 * (PASSWORD '...')`, `SET @app_password = '...'`. The words before a string show whether it is a password; a statement inside a string is
 * read, too. All other text stays.
 */
export function maskPasswords(text: string): string {
  const edits = listEdits(text)
  return edits.length === 0 ? text : applyEdits(text, edits)
}

/** The passwords of a statement, as they are written there, with their quotes; the longest first. */
export function listPasswords(text: string): readonly string[] {
  const written = listEdits(text).map(({ start, end }) => text.slice(start, end))
  return [...new Set(written)].toSorted((one, other) => other.length - one.length)
}

/**
 * A message about a statement, without its passwords: the server's message may quote them, cut off after 80 characters of the statement, and so may a
 * line of its file.
 */
export function hidePasswords(said: string, passwords: readonly string[]): string {
  return passwords.reduce((left, written) => hideCut(left.replaceAll(written, hidden), written), said)
}

/** A quotation that is cut off inside a password ends with the password's beginning. */
function hideCut(said: string, written: string): string {
  const near = /^([\s\S]* near ')([\s\S]*)(' at line \d+\.?)$/.exec(said)
  const [, before = '', quoted = '', after = ''] = near ?? []
  if (near === null) return said
  for (let length = written.length - 1; length > 1; length -= 1) {
    if (quoted.endsWith(written.slice(0, length))) return `${before}${quoted.slice(0, -length)}${hidden}${after}`
  }
  return said
}

function listEdits(text: string): readonly Edit[] {
  if (!suspicious.test(text)) return []
  const tokens = tokenize(text)
  const assigned = listAssigned(tokens)
  return tokens.flatMap((token, at): readonly Edit[] => {
    if (!isLiteral(token)) return []
    if (assigned.has(at) || isPassword(tokens, at)) return [replaceToken(token, hidden)]
    if (token.type !== 'string') return []
    const masked = maskPasswords(token.text)
    return masked === token.text ? [] : [replaceToken(token, `'${masked.replaceAll("'", "''")}'`)]
  })
}

/** A string, or a hexadecimal one: `AS 0x2A41`. */
const isLiteral = (token: Token): boolean =>
  token.type === 'string' || (token.type === 'number' && /^0x/i.test(token.text))

function isPassword(tokens: readonly Token[], at: number): boolean {
  // `X'2A41'` and `_utf8mb4'...'`: the word belongs to the string.
  const first = isIntroducer(tokens[at - 1]) ? at - 1 : at
  const before = tokens.slice(Math.max(0, first - reach), first)
  const last = before.at(-1)
  const isIdentified = before.some((token) => isWord(token, 'IDENTIFIED'))
  if (isWord(last, 'BY', 'AS', 'REPLACE') && isIdentified) return true
  const isValue = isMark(last, '=') || isMark(last, ':=') || isMark(last, '(')
  if (isPasswordName(isValue ? before.at(-2) : last)) return true
  return (isMark(last, '=') || isWord(last, 'REPLACE')) && isSetPassword(tokens, first)
}

const isIntroducer = (token: Token | undefined): boolean => token?.type === 'word' && /^(?:x|n|_\w+)$/i.test(token.text)

function isPasswordName(token: Token | undefined): boolean {
  if (token?.type === 'user-variable') return isSecretVariable(token.text)
  const isNamed = token?.type === 'word' || token?.type === 'name'
  return isNamed && passwordName.test(token.text)
}

/** `SET PASSWORD [FOR 'app'@'%'] = '...' [REPLACE '...']`. */
function isSetPassword(tokens: readonly Token[], at: number): boolean {
  const word = tokens.slice(0, at).findLastIndex((token) => isWord(token, 'PASSWORD'))
  return (
    word > 0 && isWord(tokens[word - 1], 'SET') && (isWord(tokens[word + 1], 'FOR') || isMark(tokens[word + 1], '='))
  )
}

/** The literals of an expression that a secret variable is set to, in SET, in `SELECT @x := ...`, and in `SELECT ... INTO @x`. */
function listAssigned(tokens: readonly Token[]): ReadonlySet<number> {
  const found = new Set<number>()
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'user-variable' || !isSecretVariable(token.text)) continue
    if (isMark(tokens[at + 1], '=') || isMark(tokens[at + 1], ':=')) {
      let depth = 0
      for (let next = at + 2; next < tokens.length; next += 1) {
        if (isMark(tokens[next], '(')) depth += 1
        else if (isMark(tokens[next], ')')) depth -= 1
        if (depth < 0 || (depth === 0 && (isMark(tokens[next], ',') || isWord(tokens[next], 'FROM', 'INTO')))) break
        found.add(next)
      }
    } else if (isWord(tokens[at - 1], 'INTO')) for (let before = 0; before < at; before += 1) found.add(before)
  }
  return found
}

/** The beginning of a statement, as errors show it. */
export function beginningOf(text: string): string {
  return maskPasswords(text).slice(0, 200)
}

/** The same position in a line of a file whose passwords are masked. */
export function maskLine<Place extends { readonly text: string; readonly column: number }>(
  place: Place,
  passwords: readonly string[] = listPasswords(place.text),
): Place {
  const text = hidePasswords(place.text, passwords)
  if (text === place.text) return place
  return { ...place, text, column: hidePasswords(place.text.slice(0, place.column - 1), passwords).length + 1 }
}
