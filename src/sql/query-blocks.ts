import { type Clause, closingOf, isMark, isName, isWord, outerTokens, skipName } from './clauses.ts'
import { listExpressionNames, opensQuery, readSources, type Source, skipDeleted } from './read-sources.ts'
import type { Token } from './tokens.ts'

/** A query, or the part of a statement outside its queries: where names mean the columns of the same tables. */
export interface QueryBlock {
  /** Its own tokens; of a query inside it only the parentheses are left. */
  readonly tokens: Clause
  /** The tables that it reads or writes; common table expressions are left out. */
  readonly sources: readonly Source[]
  /** What a name means that none of its own tables has. */
  readonly parent: QueryBlock | null
  /** True for the query of an EXISTS: what it selects does not matter. */
  readonly inExists: boolean
  /** True where it writes rows without naming their columns. */
  readonly writesAll: boolean
}

interface Around {
  readonly parent: QueryBlock | null
  readonly inExists: boolean
  /** Names of common table expressions, in lower case. */
  readonly expressions: ReadonlySet<string>
}

/** The blocks of one statement, each behind the one that it is in. */
export function readQueryBlocks(tokens: Clause): readonly QueryBlock[] {
  return readParts(tokens, { parent: null, inExists: false, expressions: listExpressionNames(tokens) })
}

function readParts(tokens: Clause, around: Around): readonly QueryBlock[] {
  const [first] = tokens
  if (isWord(first, 'INSERT', 'REPLACE')) return readInsert(tokens, around)
  return splitAtUnions(tokens).flatMap((part) => readBlock(part, around))
}

function splitAtUnions(tokens: Clause): readonly Clause[] {
  const cuts = outerTokens(tokens).filter(({ token }) => isWord(token, 'UNION', 'EXCEPT', 'INTERSECT'))
  const ends = [...cuts.map(({ at }) => at), tokens.length]
  return ends.map((end, index) => tokens.slice(index === 0 ? 0 : (ends[index - 1] ?? 0) + 1, end))
}

/** `INSERT ... SELECT`: the query is a block of its own, and ON DUPLICATE KEY UPDATE belongs to the table that takes the rows. */
function readInsert(tokens: Clause, around: Around): readonly QueryBlock[] {
  const outer = outerTokens(tokens)
  const query = outer.find(({ token, at }) => at > 1 && isWord(token, 'SELECT', 'WITH', 'TABLE'))?.at ?? tokens.length
  const duplicate =
    outer.find(({ token, at }) => at > 1 && isWord(token, 'ON') && isWord(tokens[at + 1], 'DUPLICATE'))?.at ??
    tokens.length
  const read = query < duplicate ? readParts(tokens.slice(query, duplicate), around) : []
  const head = [...tokens.slice(0, Math.min(query, duplicate)), ...tokens.slice(duplicate)]
  return [...readBlock(head, { ...around, parent: read[0] ?? around.parent }), ...read]
}

function readBlock(part: Clause, around: Around): readonly QueryBlock[] {
  const own: Token[] = []
  const nested: { readonly tokens: Clause; readonly inExists: boolean }[] = []
  for (let at = 0; at < part.length; at += 1) {
    const token = part[at]
    if (token === undefined) break
    own.push(token)
    if (!isMark(token, '(') || !opensQuery(part, at)) continue
    const close = closingOf(part, at)
    nested.push({ tokens: part.slice(at + 1, close), inExists: isWord(part[at - 1], 'EXISTS') })
    const end = part[close]
    if (end !== undefined) own.push(end)
    at = close
  }
  const target = readTarget(own)
  const verb = isWord(own[0], 'DELETE') ? 'DELETE' : ''
  const sources = [...(target === null ? [] : [target.source]), ...readSources(skipDeleted(own, verb))].filter(
    ({ table }) => table.schema !== null || !around.expressions.has(table.name.toLowerCase()),
  )
  const block: QueryBlock = {
    ...{ tokens: own, sources, parent: around.parent, inExists: around.inExists },
    writesAll: target?.writesAll ?? isWord(own[0], 'TABLE'),
  }
  return [block, ...nested.flatMap(({ tokens, inExists }) => readParts(tokens, { ...around, parent: block, inExists }))]
}

const beforeTarget = ['LOW_PRIORITY', 'DELAYED', 'HIGH_PRIORITY', 'IGNORE', 'INTO'] as const

/** The table that takes rows, or is locked by name. */
function readTarget(tokens: Clause): { readonly source: Source; readonly writesAll: boolean } | null {
  const at = targetAt(tokens)
  const first = tokens[at]
  if (at < 0 || !isName(first)) return null
  const end = skipName(tokens, at)
  const schema = end > at + 1 ? first.text : null
  const name = tokens[end - 1]?.text ?? ''
  const after = isWord(tokens[end], 'PARTITION') ? closingOf(tokens, end + 1) + 1 : end
  const lists = isMark(tokens[after], '(') && !isMark(tokens[after + 1], ')')
  const isLoad = isWord(tokens[0], 'LOAD')
  const writesAll = isLoad
    ? !tokens.some((token, index) => index >= end && isMark(token, '('))
    : !lists && !isWord(tokens[after], 'SET')
  return { source: { table: { type: 'table', schema, name }, alias: name }, writesAll }
}

function targetAt(tokens: Clause): number {
  // Of LOAD DATA, `INTO TABLE` is found as a source of its own.
  if (isWord(tokens[0], 'LOAD')) return tokens.findIndex((_, at) => at > 0 && isWord(tokens[at - 1], 'TABLE'))
  if (!isWord(tokens[0], 'INSERT', 'REPLACE')) return -1
  let at = 1
  while (isWord(tokens[at], ...beforeTarget)) at += 1
  return at
}
