import { isMark, isWord } from './clauses.ts'
import { quoteName } from './quote-name.ts'
import { type Edit, replaceToken, type Token } from './tokens.ts'

/** Names before a dot that are not a table of the statement: `other.t`, `other.f()`. */
export interface Confined {
  readonly edits: readonly Edit[]
  /** In lower case; none of them may be a schema. */
  readonly qualifiers: readonly string[]
  /** A name before a dot that is used nowhere else in the statement, as an alias would be; null without one. */
  readonly foreign: string | null
}

/**
 * The edits that replace the schemas in a statement by their scratch schemas: its own schema everywhere, another schema only where a foreign key
 * references it. Remaining names before dots are listed: the statement may run only where none of them is a schema. With ANSI_QUOTES a name may
 * look like a string, so strings count as names.
 */
export function confineSchemas(tokens: readonly Token[], own: string, scratchOf: (schema: string) => string): Confined {
  const places = listQualified(tokens)
  if (places.length === 0) return { edits: [], qualifiers: [], foreign: null }
  const alone = new Set(
    tokens.flatMap((token, at) =>
      isNamed(token) && !isMark(tokens[at + 1], '.') && !isMark(tokens[at - 1], '.') ? [token.text.toLowerCase()] : [],
    ),
  )
  const isTrigger =
    isWord(tokens[0], 'CREATE') && tokens.slice(0, longestHead).some((token) => isWord(token, 'TRIGGER'))
  const edits: Edit[] = []
  const left = new Set<string>()
  let foreign: string | null = null
  for (const at of places) {
    const token = tokens[at]
    if (token === undefined) continue
    const name = token.text.toLowerCase()
    const isRow = isTrigger && rowNames.has(name)
    const isOwn = name === own.toLowerCase() && !alone.has(name) && !isRow
    if (isOwn || isWord(tokens[at - 1], 'REFERENCES')) edits.push(replaceToken(token, quoteName(scratchOf(token.text))))
    else {
      left.add(name)
      if (!alone.has(name) && !isRow) foreign ??= token.text
    }
  }
  return { edits, qualifiers: [...left], foreign }
}

/** The row variables of a trigger; a schema may have these names as well. */
const rowNames: ReadonlySet<string> = new Set(['new', 'old'])

/** Tokens before the kind of what a CREATE makes: `CREATE DEFINER = a @b TRIGGER IF NOT EXISTS`. */
const longestHead = 8

/** Where a name that is followed by a dot begins: `a` in `a.b` and in `a.b.c`. */
function listQualified(tokens: readonly Token[]): readonly number[] {
  return tokens.flatMap((token, at) =>
    isNamed(token) && isMark(tokens[at + 1], '.') && !isMark(tokens[at - 1], '.') ? [at] : [],
  )
}

function isNamed({ type }: Token): boolean {
  return type === 'name' || type === 'word' || type === 'string'
}

/** Every name in a statement, each once, as it is written and in lower case: most servers distinguish tables by case. */
export function listNames(tokens: readonly Token[]): readonly string[] {
  const names = new Set<string>()
  for (const token of tokens)
    if (isNamed(token) && token.text.length <= longestName) names.add(token.text).add(token.text.toLowerCase())
  return [...names]
}

/** The longest identifier of MySQL. */
const longestName = 64

/** Removes `DEFINER = account`: a trial has the privileges of the account that runs it, and no others. */
export function dropDefiner(tokens: readonly Token[]): readonly Edit[] {
  const at = tokens.findIndex((token, index) => isWord(token, 'DEFINER') && isMark(tokens[index + 1], '='))
  const [word, account] = [tokens[at], tokens[at + 2]]
  if (at < 0 || word === undefined || account === undefined) return []
  const isCall = isMark(tokens[at + 3], '(') && isMark(tokens[at + 4], ')')
  const host = tokens[at + 3]?.type === 'user-variable' ? tokens[at + 3] : undefined
  const last = isCall ? tokens[at + 4] : (host ?? account)
  return [{ start: word.start, end: last?.end ?? account.end, text: '' }]
}
