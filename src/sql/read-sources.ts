import { type Clause, closingOf, isMark, isName, isWord, outerTokens, skipName } from './clauses.ts'
import type { ObjectName, Statement } from './statement.ts'
import { tokenize } from './tokens.ts'

/** A table that a query reads, under the name that the query gives it. */
export interface Source {
  readonly table: ObjectName
  readonly alias: string
}

/** The state of the parentheses around a token. */
interface Level {
  /** True in a query or a join; FROM in the parentheses of a function has another meaning (`EXTRACT(YEAR FROM d)`). */
  readonly query: boolean
  inFrom: boolean
  expecting: boolean
}

const endsFrom = [
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'LIMIT',
  'SET',
  'UNION',
  'SELECT',
  'WINDOW',
  'FOR',
  'INTO',
  // A derived table may begin with them, and neither is the name of a table.
  'WITH',
  'VALUES',
] as const
const noAlias = [
  ...endsFrom,
  'ON',
  'USING',
  'JOIN',
  'STRAIGHT_JOIN',
  'INNER',
  'CROSS',
  'LEFT',
  'RIGHT',
  'NATURAL',
  'PARTITION',
  'USE',
  'FORCE',
  'IGNORE',
  'EXCEPT',
  'INTERSECT',
  'LOCK',
] as const
/** Keywords before a table; `FROM only o` and `FROM quick` read tables with these names. */
const modifiers = ['LOW_PRIORITY', 'IGNORE', 'LATERAL'] as const
/** In their parentheses, FROM belongs to the function. */
const functionsWithFrom = ['TRIM', 'SUBSTRING', 'SUBSTR', 'MID', 'EXTRACT'] as const

/**
 * The tables that a query or the head of an UPDATE names after FROM, JOIN, UPDATE and TABLE, in any of its parts. Names of
 * common table expressions are included: no table has such a name.
 */
export function readSources(tokens: Clause): readonly Source[] {
  const sources: Source[] = []
  const levels: Level[] = [{ query: true, inFrom: false, expecting: false }]
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    const level = levels.at(-1)
    if (level === undefined) break
    if (isMark(token, '(')) {
      const query = level.expecting || opensQuery(tokens, at)
      levels.push({ query, inFrom: level.expecting, expecting: level.expecting })
      level.expecting = false
    } else if (level.inFrom && isIndexHint(tokens, at)) at = endOfIndexHint(tokens, at)
    // `{ OJ a LEFT OUTER JOIN b ON ... }`: ODBC's keyword is not a table.
    else if (level.expecting && isMark(token, '{') && isName(tokens[at + 1])) at += 1
    else if (isMark(token, ')')) levels.pop()
    else if (isMark(token, ',')) level.expecting = level.inFrom
    else if (opensFrom(tokens, at, level.inFrom) && level.query) level.inFrom = level.expecting = true
    else if (isWord(token, ...endsFrom)) level.inFrom = level.expecting = false
    else if (isWord(token, 'ON') && isWord(tokens[at + 1], 'DUPLICATE')) level.inFrom = level.expecting = false
    else if (isWord(token, 'ON', 'USING')) level.expecting = false
    else if (level.expecting && isName(token) && !isWord(token, ...modifiers)) {
      level.expecting = false
      // A table function such as JSON_TABLE is not a table.
      if (isMark(tokens[at + 1], '(')) continue
      sources.push(readSource(tokens, at))
      at = skipName(tokens, at) - 1
    }
  }
  return sources
}

/** True for parentheses with a query in them, whose first token may be inside further parentheses. */
export function opensQuery(tokens: Clause, at: number): boolean {
  if (isWord(tokens[at - 1], ...functionsWithFrom)) return false
  let first = at + 1
  while (isMark(tokens[first], '(')) first += 1
  return isWord(tokens[first], 'SELECT', 'WITH', 'TABLE', 'VALUES')
}

const isIndexHint = (tokens: Clause, at: number): boolean =>
  isWord(tokens[at], 'USE', 'FORCE', 'IGNORE') && isWord(tokens[at + 1], 'INDEX', 'KEY')

/** `USE INDEX FOR JOIN (k)`: its words are not keywords of the query. */
function endOfIndexHint(tokens: Clause, at: number): number {
  const open = tokens.findIndex((token, index) => index > at && isMark(token, '('))
  return open < 0 ? at + 1 : closingOf(tokens, open)
}

function opensFrom(tokens: Clause, at: number, inFrom: boolean): boolean {
  // After SELECT, STRAIGHT_JOIN is a modifier.
  if (isWord(tokens[at], 'STRAIGHT_JOIN')) return inFrom
  if (isWord(tokens[at], 'FROM', 'JOIN')) return true
  if (isWord(tokens[at], 'UPDATE')) return !isWord(tokens[at - 1], 'KEY', 'FOR', 'ON')
  return isWord(tokens[at], 'TABLE') && !isWord(tokens[at - 1], 'CREATE', 'TEMPORARY')
}

function readSource(tokens: Clause, at: number): Source {
  const [first, end] = [tokens[at]?.text ?? '', skipName(tokens, at)]
  const qualified = end > at + 1
  const table: ObjectName = {
    type: 'table',
    schema: qualified ? first : null,
    name: qualified ? (tokens[end - 1]?.text ?? '') : first,
  }
  const after = isWord(tokens[end], 'PARTITION') && isMark(tokens[end + 1], '(') ? closingOf(tokens, end + 1) + 1 : end
  const next = isWord(tokens[after], 'AS') ? tokens[after + 1] : tokens[after]
  return { table, alias: isName(next) && !isWord(next, ...noAlias) ? next.text : table.name }
}

/** Verbs of statements that read tables. */
const readingVerbs: ReadonlySet<string> = new Set([
  'SELECT',
  'TABLE',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
  'CREATE TABLE',
])

/**
 * A CREATE TABLE without these words has no query, so its tokens need not be read: a first build asks of each table several times. One with them, in a
 * comment for instance, is read.
 */
const mayHaveQuery = /\b(?:select|table\b[\s\S]*\btable)\b/i

/** The tables that the queries of a statement read; common table expressions and DUAL are left out. */
export function listTablesRead({ verb, text }: Pick<Statement, 'verb' | 'text'>): readonly ObjectName[] {
  if (!readingVerbs.has(verb) || (verb === 'CREATE TABLE' && !mayHaveQuery.test(text))) return []
  const tokens = skipDefinition(tokenize(text), verb)
  const named = listExpressionNames(tokens)
  return readSources(skipDeleted(tokens, verb)).flatMap(({ table }) => {
    const name = table.name.toLowerCase()
    return table.schema === null && (named.has(name) || name === 'dual') ? [] : [table]
  })
}

/** The query of a CREATE TABLE: only that reads tables. */
function skipDefinition(tokens: Clause, verb: string): Clause {
  if (verb !== 'CREATE TABLE') return tokens
  const query = tokens.findIndex((token, at) => at > 2 && isWord(token, 'SELECT', 'WITH', 'TABLE'))
  return query < 0 ? [] : tokens.slice(query)
}

/** `DELETE FROM a USING table AS a`: the names before USING may be aliases. */
export function skipDeleted(tokens: Clause, verb: string): Clause {
  const using =
    verb === 'DELETE'
      ? outerTokens(tokens).find(({ token, at }) => isWord(token, 'USING') && !isMark(tokens[at + 1], '('))
      : undefined
  if (using === undefined) return tokens
  const from = tokens.find((token) => isWord(token, 'FROM'))
  return [...(from === undefined ? [] : [from]), ...tokens.slice(using.at + 1)]
}

/** `name AS (` and `name (columns) AS (`, in lower case. */
export function listExpressionNames(tokens: Clause): ReadonlySet<string> {
  const names = tokens.flatMap((token, at) => {
    if (!isWord(token, 'AS') || !isMark(tokens[at + 1], '(')) return []
    let name = at - 1
    if (isMark(tokens[name], ')')) while (name >= 0 && !isMark(tokens[name], '(')) name -= 1
    const found = tokens[isMark(tokens[name], '(') ? name - 1 : name]
    return found === undefined ? [] : [found.text.toLowerCase()]
  })
  return new Set(names)
}
