import { type Clause, closingOf, hasWords, isMark, isName, isWord } from '../sql/clauses.ts'
import { type QueryBlock, readQueryBlocks } from '../sql/query-blocks.ts'
import type { Source } from '../sql/read-sources.ts'
import { type Token, tokenize } from '../sql/tokens.ts'

/** What is looked for: a table, or a column or an index of it. */
export interface NamedObject {
  readonly schema: string
  /** Whether a name means the table: a shard family has many. */
  readonly isTable: (name: string) => boolean
  readonly part: { readonly type: 'column' | 'index'; readonly name: string } | null
  readonly foldsNames: boolean
  /** Whether another table has a column of that name: then a name without a table means that one, where it is read and the named table is not. */
  readonly hasColumn?: (schema: string, table: string) => boolean
}

/** How a statement names it: `all` by `*`, or by rows without a list of columns. */
export type Naming = 'name' | 'all'

/** Where names without a schema are looked up, and the table of a trigger's `NEW` and `OLD`. */
export interface TextPlace {
  readonly schema: string | null
  readonly triggerTable?: string
}

/** Whether a statement that reads or writes rows names the object; null where it does not. A name in a string or a comment names nothing. Pure. */
export function findNaming(text: string, place: TextPlace, object: NamedObject): Naming | null {
  const tokens = rowsOf(tokenize(text))
  if (tokens === null) return null
  return findNamingIn(tokens, place, object, text)
}

/** The same for tokens of a statement that is known to read or write rows. */
export function findNamingIn(tokens: Clause, place: TextPlace, object: NamedObject, text = ''): Naming | null {
  const names = new Names(place, object)
  const blocks = readQueryBlocks(tokens)
  const reads = blocks.some(({ sources }) => sources.some((source) => names.means(source)))
  if (object.part === null) return reads || names.isLocked(tokens) ? 'name' : null
  if (object.part.type === 'index') return reads && isHinted(blocks, names, text, object.part.name) ? 'name' : null
  if (blocks.some((block) => names.namesColumn(block))) return 'name'
  return blocks.some((block) => names.takesAll(block)) ? 'all' : null
}

const rowVerbs = ['SELECT', 'WITH', 'TABLE', 'VALUES', 'INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD'] as const
const otherVerbs = ['CALL', 'DO', 'SET', 'HANDLER', 'LOCK'] as const

/** The tokens without EXECUTE, which the server puts before the text of a prepared statement; null for what reads and writes no rows. */
function rowsOf(tokens: Clause): Clause | null {
  const [first] = tokens
  if (isWord(first, 'EXECUTE') && (isWord(tokens[1], ...rowVerbs, ...otherVerbs) || isMark(tokens[1], '(')))
    return rowsOf(tokens.slice(1))
  if (isMark(first, '(') || isWord(first, ...rowVerbs, ...otherVerbs)) return tokens
  if (!isWord(first, 'CREATE') || !tokens.slice(1, 4).some((token) => isWord(token, 'TABLE'))) return null
  const query = tokens.findIndex((token, at) => at > 2 && isWord(token, 'SELECT', 'WITH'))
  return query < 0 ? null : tokens.slice(query)
}

/** Words behind which an expression may begin. Behind any other word, a name is an alias. */
const beforeExpression = new Set(
  (
    'SELECT DISTINCT DISTINCTROW ALL SQL_CALC_FOUND_ROWS SQL_NO_CACHE SQL_SMALL_RESULT SQL_BIG_RESULT SQL_BUFFER_RESULT HIGH_PRIORITY ' +
    'STRAIGHT_JOIN WHERE AND OR XOR NOT ON BY HAVING WHEN THEN ELSE CASE IN LIKE RLIKE REGEXP BETWEEN DIV MOD IS SET USING BINARY ' +
    'INTERVAL VALUES LIMIT OFFSET EXISTS ESCAPE OF UPDATE RETURN IF ELSEIF UNTIL WHILE DO LEADING TRAILING BOTH'
  ).split(' '),
)

/** In their parentheses the first word may be a unit of time, and no column. */
const unitFunctions = ['EXTRACT', 'TIMESTAMPADD', 'TIMESTAMPDIFF', 'GET_FORMAT'] as const

class Names {
  readonly #place: TextPlace
  readonly #object: NamedObject

  constructor(place: TextPlace, object: NamedObject) {
    this.#place = place
    this.#object = object
  }

  /** Whether a table that a block reads is the one that is looked for. */
  means({ table }: Pick<Source, 'table'>): boolean {
    const schema = table.schema ?? this.#place.schema
    return schema !== null && this.#isSchema(schema) && this.#object.isTable(table.name)
  }

  /** `LOCK TABLES t READ, u WRITE` and `HANDLER t OPEN`. */
  isLocked(tokens: Clause): boolean {
    if (!isWord(tokens[0], 'LOCK', 'HANDLER')) return false
    return tokens.some((token, at) => {
      if (!isName(token) || !(at === 1 || isWord(tokens[at - 1], 'TABLES', 'TABLE') || isMark(tokens[at - 1], ',')))
        return false
      const isQualified = isMark(tokens[at + 1], '.')
      const name = isQualified ? (tokens[at + 2]?.text ?? '') : token.text
      return this.means({ table: { type: 'table', schema: isQualified ? token.text : null, name } })
    })
  }

  namesColumn(block: QueryBlock): boolean {
    const { tokens } = block
    const aliases = new Set<string>()
    let behindAliases = false
    for (let at = 0; at < tokens.length; at += 1) {
      const token = tokens[at]
      if (!isName(token) || isMark(tokens[at - 1], '.')) continue
      if (isWord(token, 'HAVING') || (isWord(token, 'ORDER') && isWord(tokens[at + 1], 'BY'))) behindAliases = true
      const path = readPath(tokens, at)
      const [column = ''] = path.slice(-1)
      if (column.toLowerCase() !== this.#object.part?.name.toLowerCase()) continue
      if (path.length > 1) {
        if (this.#resolvesPath(block, path.slice(0, -1))) return true
      } else if (isAlias(tokens, at)) aliases.add(column.toLowerCase())
      else if (!(behindAliases && aliases.has(column.toLowerCase())) && !isOtherWord(tokens, at) && this.#isOwn(block))
        return true
    }
    return false
  }

  takesAll(block: QueryBlock): boolean {
    const { tokens, sources } = block
    const own = sources.filter((source) => this.means(source))
    if (own.length === 0 || block.inExists) return false
    if (block.writesAll && own.includes(sources[0] ?? { table: { type: 'table', schema: null, name: '' }, alias: '' }))
      return true
    if (tokens.some((token) => isWord(token, 'NATURAL'))) return true
    let depth = 0
    return tokens.some((token, at) => {
      if (isMark(token, '(')) depth += 1
      else if (isMark(token, ')')) depth -= 1
      if (depth > 0 || !isMark(token, '*') || !endsItem(tokens[at + 1])) return false
      if (!isMark(tokens[at - 1], '.')) return true
      const qualifier = tokens[at - 2]?.text.toLowerCase()
      return own.some(({ alias }) => alias.toLowerCase() === qualifier)
    })
  }

  /** A name without a table means the first block outward that reads the table, unless a table on the way has such a column. */
  #isOwn(block: QueryBlock | null): boolean {
    if (block === null) return false
    if (block.sources.some((source) => this.means(source))) return true
    const has = this.#object.hasColumn
    const isOthers = block.sources.some(({ table }) => has?.(table.schema ?? this.#place.schema ?? '', table.name))
    return !isOthers && this.#isOwn(block.parent)
  }

  #resolvesPath(block: QueryBlock, qualifier: readonly string[]): boolean {
    const [first = '', second] = qualifier
    if (second !== undefined) return this.#isSchema(first) && this.#object.isTable(second)
    const wanted = first.toLowerCase()
    for (let around: QueryBlock | null = block; around !== null; around = around.parent) {
      const found = around.sources.filter(({ alias }) => alias.toLowerCase() === wanted)
      if (found.length > 0) return found.some((source) => this.means(source))
    }
    const { triggerTable } = this.#place
    return (wanted === 'new' || wanted === 'old') && triggerTable !== undefined && this.#object.isTable(triggerTable)
  }

  #isSchema(name: string): boolean {
    const { schema, foldsNames } = this.#object
    return foldsNames ? name.toLowerCase() === schema.toLowerCase() : name === schema
  }
}

/** `a`, `a.b` or `a.b.c` at `at`. */
function readPath(tokens: Clause, at: number): readonly string[] {
  const path = [tokens[at]?.text ?? '']
  for (let next = at + 1; isMark(tokens[next], '.') && isName(tokens[next + 1]); next += 2)
    path.push(tokens[next + 1]?.text ?? '')
  return path
}

function isAlias(tokens: Clause, at: number): boolean {
  const before = tokens[at - 1]
  if (before === undefined) return true
  if (before.type === 'punctuation') return before.text === ')' || before.text === '?'
  if (isWord(before, 'FROM', 'FOR') && isInFunction(tokens, at - 1)) return false
  return before.type !== 'word' || !beforeExpression.has(before.text.toUpperCase())
}

/** Whether FROM or FOR is of a function, `EXTRACT(YEAR FROM at)`, and not of a query. */
function isInFunction(tokens: Clause, at: number): boolean {
  let depth = 0
  for (let before = at - 1; before > 0; before -= 1) {
    const token = tokens[before]
    if (isMark(token, ')')) depth += 1
    else if (isMark(token, '(')) depth -= 1
    if (depth < 0) return isWord(tokens[before - 1], 'EXTRACT', 'TRIM', 'SUBSTRING', 'SUBSTR', 'MID')
  }
  return false
}

/** A function, the type of a literal (`DATE '2026-01-01'`), or a unit of time. */
function isOtherWord(tokens: Clause, at: number): boolean {
  const next = tokens[at + 1]
  if (isMark(next, '(')) return true
  if (isWord(tokens[at], 'DATE', 'TIME', 'TIMESTAMP') && (next?.type === 'string' || isMark(next, '?'))) return true
  return isMark(tokens[at - 1], '(') && isWord(tokens[at - 2], ...unitFunctions)
}

function endsItem(token: Token | undefined): boolean {
  return token === undefined || isMark(token, ',') || isMark(token, ';') || isWord(token, 'FROM', 'INTO')
}

/** `USE INDEX (k)` behind the table, or an optimizer hint with the name. */
function isHinted(blocks: readonly QueryBlock[], names: Names, text: string, index: string): boolean {
  const wanted = index.toLowerCase()
  const hints = [...text.matchAll(/\/\*\+([\s\S]*?)\*\//g)].map(([, hint = '']) => hint)
  const inHints = hints.some((hint) => tokenize(hint).some(({ text: name }) => name.toLowerCase() === wanted))
  return inHints || blocks.some((block) => isHintedIn(block, names, wanted))
}

function isHintedIn({ tokens, sources }: QueryBlock, names: Names, wanted: string): boolean {
  return tokens.some((token, at) => {
    if (!isWord(token, 'USE', 'FORCE', 'IGNORE') || !isWord(tokens[at + 1], 'INDEX', 'KEY')) return false
    const open = tokens.findIndex((each, index) => index > at && isMark(each, '('))
    const listed = open < 0 ? [] : tokens.slice(open + 1, closingOf(tokens, open))
    if (!listed.some(({ text }) => text.toLowerCase() === wanted)) return false
    const before = tokens.slice(0, at)
    const table = sources.findLast(({ table: { name } }) => before.some(({ text }) => text === name))
    return table !== undefined && names.means(nearest(sources, before) ?? table)
  })
}

/** The table that stands last before an index hint. */
function nearest(sources: readonly Source[], before: Clause): Source | undefined {
  const last = ({ table: { name } }: Source): number => before.findLastIndex(({ text }) => text === name)
  return sources.toSorted((a, b) => last(b) - last(a))[0]
}

/** The statements of a stored body that read or write rows, and what stands between them: conditions may contain queries. */
export function splitBody(text: string): readonly Clause[] {
  const tokens = tokenize(text)
  const parts: Clause[] = []
  let start = 0
  let depth = 0
  tokens.forEach((token, at) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    if (depth > 0) return
    // A statement ends at its semicolon: in it, THEN and ELSE are those of an expression.
    const inStatement = isWord(tokens[start], ...rowVerbs, 'SET', 'RETURN', 'CALL')
    if (inStatement && !isMark(token, ';')) return
    const begins =
      isMark(token, ';') ||
      isWord(token, 'BEGIN', 'THEN', 'ELSE', 'LOOP', 'REPEAT') ||
      (isWord(token, 'DO') && at > start) ||
      (isWord(token, 'FOR') && !hasWords(tokens, at, 'FOR', 'UPDATE') && !hasWords(tokens, at, 'FOR', 'SHARE'))
    if (!begins) return
    parts.push(tokens.slice(start, at))
    start = at + 1
  })
  return [...parts, tokens.slice(start)].filter((part) => part.length > 0)
}
