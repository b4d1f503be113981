import type { Token } from './tokens.ts'

export type Clause = readonly Token[]

/** True for one of these keywords, unquoted, in any case. */
export function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  if (token?.type !== 'word') return false
  const { text } = token
  // Called millions of times: most words already differ in length, and need no copy in capitals.
  return words.some((word) => word.length === text.length && (word === text || word === text.toUpperCase()))
}

export function isMark(token: Token | undefined, mark: string): boolean {
  return token?.type === 'punctuation' && token.text === mark
}

export function isName(token: Token | undefined): token is Token {
  return token?.type === 'name' || token?.type === 'word'
}

/** True when these keywords begin at `at`, in this order. */
export function hasWords(tokens: Clause, at: number, ...words: readonly string[]): boolean {
  return words.every((word, index) => isWord(tokens[at + index], word))
}

/** Tokens outside parentheses, with their indexes; the parentheses themselves are left out. */
export function outerTokens(tokens: Clause): readonly { readonly token: Token; readonly at: number }[] {
  let depth = 0
  return tokens.flatMap((token, at) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    else if (depth === 0) return [{ token, at }]
    return []
  })
}

/** The index of these keywords, next to each other and outside parentheses; -1 where they do not occur. */
export function findWords(tokens: Clause, ...words: readonly string[]): number {
  let depth = 0
  return tokens.findIndex((token, at) => {
    if (token.type === 'punctuation') {
      if (token.text === '(') depth += 1
      else if (token.text === ')') depth -= 1
      return false
    }
    return depth === 0 && hasWords(tokens, at, ...words)
  })
}

/** The words outside parentheses in capitals, each with its first index: for callers that ask for many. */
export function outerWords(tokens: Clause): ReadonlyMap<string, number> {
  const words = new Map<string, number>()
  let depth = 0
  for (const [at, { type, text }] of tokens.entries()) {
    if (type === 'punctuation') depth += text === '(' ? 1 : text === ')' ? -1 : 0
    else if (type === 'word' && depth === 0) {
      const word = text.toUpperCase()
      if (!words.has(word)) words.set(word, at)
    }
  }
  return words
}

/** The parts between the commas that are outside parentheses. */
export function splitAtCommas(tokens: Clause): readonly Clause[] {
  const parts: Clause[] = []
  let depth = 0
  let start = 0
  tokens.forEach((token, at) => {
    if (token.type !== 'punctuation') return
    if (token.text === '(') depth += 1
    else if (token.text === ')') depth -= 1
    else if (token.text === ',' && depth === 0) {
      parts.push(tokens.slice(start, at))
      start = at + 1
    }
  })
  return [...parts, tokens.slice(start)]
}

/** The index after `name` or `schema.name` at `at`. */
export function skipName(tokens: Clause, at: number): number {
  return isMark(tokens[at + 1], '.') && isName(tokens[at + 2]) ? at + 3 : at + 1
}

/** The changes of an ALTER TABLE; none for any other statement. `PARTITION BY` may follow the last one without a comma. */
export function readAlterations(tokens: Clause): readonly Clause[] {
  if (!hasWords(tokens, 0, 'ALTER', 'TABLE')) return []
  const known = alterations.get(tokens)
  if (known !== undefined) return known
  const clauses = splitAtCommas(tokens.slice(skipName(tokens, 2)))
    .filter((clause) => clause.length > 0)
    .map(withoutCondition)
  alterations.set(tokens, clauses)
  return clauses
}

/** `DROP INDEX IF EXISTS i` of MariaDB, which MySQL refuses: it names `i`. */
function withoutCondition(clause: Clause): Clause {
  const at = clause.findIndex((_, index) => index < 4 && isWord(clause[index], 'IF'))
  if (at < 1) return clause
  const length = hasWords(clause, at, 'IF', 'EXISTS') ? 2 : hasWords(clause, at, 'IF', 'NOT', 'EXISTS') ? 3 : 0
  return length === 0 ? clause : [...clause.slice(0, at), ...clause.slice(at + length)]
}

/** Read once for the many rules that need them. */
const alterations = new WeakMap<Clause, readonly Clause[]>()

/** The position of an index's name in CREATE INDEX and DROP INDEX: in `DROP INDEX IF EXISTS i`, which other servers accept, it follows EXISTS. */
export function indexNameAt(tokens: Clause): number {
  const kind = tokens.findIndex((token) => isWord(token, 'INDEX'))
  const at = kind < 0 ? 2 : kind + 1
  if (hasWords(tokens, at, 'IF', 'EXISTS')) return at + 2
  return hasWords(tokens, at, 'IF', 'NOT', 'EXISTS') ? at + 3 : at
}

/** The value of ALGORITHM or LOCK in an ALTER TABLE, CREATE INDEX or DROP INDEX; null where it is not given. */
export function findOption(tokens: Clause, name: 'ALGORITHM' | 'LOCK'): Token | null {
  const clause = hasWords(tokens, 0, 'ALTER', 'TABLE') ? findAlterOption(tokens, name) : findIndexOption(tokens, name)
  return clause[isMark(clause[1], '=') ? 2 : 1] ?? null
}

/** The value of ALGORITHM or LOCK in capitals; null where it is not given. */
export function readOption(tokens: Clause, name: 'ALGORITHM' | 'LOCK'): string | null {
  return findOption(tokens, name)?.text.toUpperCase() ?? null
}

/** In ALTER TABLE the option is a clause between commas; PARTITION BY may follow it. */
function findAlterOption(tokens: Clause, name: string): Clause {
  return readAlterations(tokens).findLast((clause) => isWord(clause[0], name)) ?? []
}

/** In CREATE INDEX and DROP INDEX the option follows the columns of the index and the name of the table, without commas. */
function findIndexOption(tokens: Clause, name: string): Clause {
  const on = isIndexStatement(tokens) ? findWords(tokens, 'ON') : -1
  if (on < 0) return []
  const from = skipName(tokens, on + 1)
  const found = outerTokens(tokens).find(({ token, at }) => at >= from && isWord(token, name))
  return found === undefined ? [] : tokens.slice(found.at)
}

export function isIndexStatement(tokens: Clause): boolean {
  if (!isWord(tokens[0], 'CREATE', 'DROP')) return false
  return (
    isWord(tokens[1], 'INDEX') || (isWord(tokens[1], 'UNIQUE', 'FULLTEXT', 'SPATIAL') && isWord(tokens[2], 'INDEX'))
  )
}

/** Names in a sentence, each in backticks, with commas and `and` between them. */
export function listNames(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``)
  if (quoted.length < 2) return quoted.join('')
  return `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1)}`
}

/** The tokens between the parenthesis at `open` and the one that closes it. */
export function inParentheses(tokens: Clause, open: number): Clause {
  return tokens.slice(open + 1, closingOf(tokens, open))
}

/** The index of the parenthesis that closes the one at `open`; the end where it is not closed. */
export function closingOf(tokens: Clause, open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1
    else if (isMark(tokens[at], ')')) depth -= 1
    if (depth === 0) return at
  }
  return tokens.length
}

/** True for `column`, `table.column` and `schema.table.column` alone. */
export function isPath(tokens: Clause): boolean {
  return tokens.length % 2 === 1 && tokens.every((token, at) => (at % 2 === 0 ? isName(token) : isMark(token, '.')))
}
