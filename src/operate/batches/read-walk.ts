import {
  type Clause,
  closingOf,
  findWords,
  isMark,
  isName,
  isWord,
  outerWords,
  splitAtCommas,
} from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import { tokenize } from '../../sql/tokens.ts'
import { type Assigned, readAssigned } from './changed-columns.ts'
import { readTableReferences, type TableReference } from './table-references.ts'

/** A statement that can be walked, cut at its WHERE clause. */
export interface Walk {
  readonly verb: 'UPDATE' | 'DELETE' | 'INSERT' | 'REPLACE'
  /** The table whose key is walked. */
  readonly table: { readonly schema: string | null; readonly name: string }
  /** What its columns are qualified with. */
  readonly alias: string
  /** The table that an INSERT fills; absent for the others. */
  readonly into?: { readonly schema: string | null; readonly name: string }
  /** The columns that an UPDATE sets, in lower case. */
  readonly changes: ReadonlySet<string>
  /** The tables that an UPDATE or DELETE reads, as its text names them; empty for the others. */
  readonly sources: string
  /** The text in front of WHERE, the condition behind it, and what follows. */
  readonly before: string
  readonly condition: string | null
  readonly after: string
}

export type WalkReading =
  | { readonly type: 'walk'; readonly walk: Walk }
  /** A sentence that says why the statement cannot be split into chunks. */
  | { readonly type: 'refused'; readonly why: string }

const refuse = (why: string): WalkReading => ({ type: 'refused', why })

/** Reads how a statement can be split by key, or why it cannot: each of its rows must come from exactly one row of the walked table. */
export function readWalk(text: string): WalkReading {
  if (text.includes('/*!')) return refuse('It has an executable comment (`/*! ... */`), which cannot be cut.')
  const tokens = tokenize(text)
  if (tokens.some((token) => isMark(token, ':=')))
    return refuse('It assigns a user variable, whose value would not outlive an interrupted run.')
  const [first] = tokens
  if (isWord(first, 'UPDATE')) return readUpdate(text, tokens)
  if (isWord(first, 'DELETE')) return readDelete(text, tokens)
  if (isWord(first, 'INSERT', 'REPLACE')) return readInsert(text, tokens)
  if (isWord(first, 'WITH')) return refuse('It begins with a common table expression.')
  return refuse('Only UPDATE, DELETE, INSERT ... SELECT and REPLACE ... SELECT run in batches.')
}

/** The index behind modifiers such as LOW_PRIORITY. */
function skipModifiers(tokens: Clause, from: number): number {
  let at = from
  while (isWord(tokens[at], 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'QUICK', 'IGNORE')) at += 1
  return at
}

/** LIMIT and ORDER BY choose among all rows, which no chunk sees. */
function refuseChoice(words: ReadonlyMap<string, number>): WalkReading | null {
  if (words.has('LIMIT')) return refuse('It has a LIMIT: each chunk would change that many rows.')
  if (words.has('ORDER')) return refuse('It has an ORDER BY: chunks run in the order of the key.')
  return null
}

function readUpdate(text: string, tokens: Clause): WalkReading {
  const from = skipModifiers(tokens, 1)
  const set = findWords(tokens, 'SET')
  if (set < 0) return refuse('Its SET clause was not found.')
  const behind = tokens.slice(set + 1)
  const words = outerWords(behind)
  const choice = refuseChoice(words)
  if (choice !== null) return choice
  const where = words.get('WHERE') ?? behind.length
  const references = readTableReferences(tokens.slice(from, set))
  const assigned = splitAtCommas(behind.slice(0, where)).map(readAssigned)
  const walked = chooseUpdated(references, assigned)
  if (typeof walked === 'string') return refuse(walked)
  const changes = new Set(assigned.map(({ column }) => column.toLowerCase()))
  const sources = textOf(text, tokens.slice(from, set))
  const at = { where: set + 1 + where, end: tokens.length }
  return cut({ verb: 'UPDATE', text, tokens, walked, references, changes, sources, ...at })
}

/** The table that an UPDATE changes, or why there is no such table. */
function chooseUpdated(references: readonly TableReference[], assigned: readonly Assigned[]): TableReference | string {
  const [only, second] = references
  if (only === undefined) return 'The table that it changes was not found.'
  if (second === undefined) return only
  const qualifiers = new Set(assigned.map(({ qualifier }) => qualifier?.toLowerCase() ?? ''))
  const [qualifier = ''] = qualifiers
  if (qualifiers.has('')) return 'It joins tables, and not every column behind SET names its table.'
  if (qualifiers.size > 1) return 'It changes columns of several tables.'
  return findByAlias(references, qualifier) ?? 'The table that it changes was not found.'
}

function findByAlias(references: readonly TableReference[], alias: string): TableReference | undefined {
  return references.find((one) => one.alias.toLowerCase() === alias.toLowerCase())
}

function readDelete(text: string, tokens: Clause): WalkReading {
  const from = skipModifiers(tokens, 1)
  const words = outerWords(tokens)
  const choice = refuseChoice(words)
  if (choice !== null) return choice
  const where = words.get('WHERE') ?? tokens.length
  const using = words.get('USING')
  const fromWord = words.get('FROM') ?? tokens.length
  const isSingle = fromWord === from && (using === undefined || using > where)
  const list = tokens.slice(isSingle || fromWord !== from ? fromWord + 1 : (using ?? from) + 1, where)
  const references = readTableReferences(list)
  const targets = isSingle
    ? []
    : readTargets(fromWord === from ? tokens.slice(from + 1, using) : tokens.slice(from, fromWord))
  if (targets.length > 1) return refuse('It deletes from several tables.')
  const [target] = targets
  const walked = target === undefined ? references[0] : findByAlias(references, target)
  if (walked === undefined) return refuse('The table that it deletes from was not found.')
  const sources = textOf(text, list)
  const changes = new Set<string>()
  return cut({ verb: 'DELETE', text, tokens, walked, references, changes, sources, where, end: tokens.length })
}

const textOf = (text: string, tokens: Clause): string => text.slice(tokens[0]?.start, tokens.at(-1)?.end)

/** The aliases of `a`, `s.a.*` and the like. */
function readTargets(tokens: Clause): readonly string[] {
  return splitAtCommas(tokens).flatMap((clause) => clause.findLast(isName)?.text ?? [])
}

const combining = [
  'GROUP',
  'HAVING',
  'WINDOW',
  'OVER',
  'UNION',
  'INTERSECT',
  'EXCEPT',
  'DISTINCT',
  'DISTINCTROW',
  'INTO',
  'FOR',
  'LOCK',
] as const

const aggregates =
  /^(?:count|sum|min|max|avg|group_concat|json_arrayagg|json_objectagg|bit_and|bit_or|bit_xor|any_value|std|stddev|stddev_pop|stddev_samp|var_pop|var_samp|variance)$/i

function readInsert(text: string, tokens: Clause): WalkReading {
  const verb = isWord(tokens[0], 'REPLACE') ? 'REPLACE' : 'INSERT'
  let at = skipModifiers(tokens, 1)
  if (isWord(tokens[at], 'INTO')) at += 1
  const [into] = readTableReferences(tokens.slice(at, at + 3))
  while (at < tokens.length && !isMark(tokens[at], '(') && !isWord(tokens[at], 'SELECT', 'VALUES', 'SET', 'TABLE'))
    at += 1
  while (isMark(tokens[at], '(') && !isWord(tokens[at + 1], 'SELECT', 'WITH')) {
    at = closingOf(tokens, at) + 1
    if (isWord(tokens[at], 'PARTITION')) at += 1
  }
  if (!isWord(tokens[at], 'SELECT')) return refuse('It inserts no rows of a SELECT that follows the table directly.')
  const select = at
  const duplicate = findWords(tokens.slice(select), 'ON', 'DUPLICATE', 'KEY')
  const end = duplicate < 0 ? tokens.length : select + duplicate
  const query = tokens.slice(select, end)
  const words = outerWords(query)
  const choice = refuseChoice(words) ?? refuseCombined(query, words)
  if (choice !== null) return choice
  const fromWord = words.get('FROM')
  if (fromWord === undefined) return refuse('Its SELECT reads no table.')
  const where = words.get('WHERE') ?? query.length
  const sources = query.slice(fromWord + 1, where)
  const references = readTableReferences(sources)
  const [walked] = references
  if (walked === undefined || into?.table == null) return refuse('The table that it reads was not found.')
  if (outerWords(sources).has('RIGHT'))
    return refuse('It has a RIGHT JOIN, whose rows need not come from its first table.')
  if (isSame(into.table.name, walked.table?.name)) return refuse('It inserts into the table that it walks.')
  if (
    references.some(({ table }) => isSame(into.table?.name ?? '', table?.name)) ||
    readsInside(query, into.table.name)
  )
    return refuse(
      `It inserts into \`${into.table.name}\`, which its SELECT also reads: later chunks would read what earlier ones inserted.`,
    )
  const rest = { references, changes: new Set<string>(), sources: '', where: select + where, end }
  const reading = cut({ verb, text, tokens, walked, ...rest })
  return reading.type === 'refused' ? reading : { type: 'walk', walk: { ...reading.walk, into: into.table } }
}

/** What makes one row of several. */
function refuseCombined(query: Clause, words: ReadonlyMap<string, number>): WalkReading | null {
  const word = combining.find((one) => words.has(one))
  if (word !== undefined) return refuse(`Its SELECT has ${word}: a chunk alone would give other rows.`)
  const own = withoutSubqueries(query)
  const aggregate = own.find(
    (token, at) => token.type === 'word' && isMark(own[at + 1], '(') && aggregates.test(token.text),
  )
  return aggregate === undefined
    ? null
    : refuse(`Its SELECT has ${aggregate.text.toUpperCase()}(): a chunk alone would give another value.`)
}

function withoutSubqueries(tokens: Clause): Clause {
  const kept: Token[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]
    if (token === undefined) break
    if (isMark(token, '(') && isWord(tokens[at + 1], 'SELECT', 'WITH', 'TABLE')) at = closingOf(tokens, at)
    else kept.push(token)
  }
  return kept
}

const isSame = (left: string, right: string | undefined): boolean => left.toLowerCase() === right?.toLowerCase()

interface Parts extends Pick<Walk, 'verb' | 'changes' | 'sources'> {
  readonly text: string
  readonly tokens: Clause
  readonly walked: TableReference
  readonly references: readonly TableReference[]
  /** Indexes of WHERE (or `end`), and of what follows the condition. */
  readonly where: number
  readonly end: number
}

function cut({ verb, changes, sources, text, tokens, walked, references, where, end }: Parts): WalkReading {
  const { table, alias } = walked
  if (table === null) return refuse('What it walks is a derived table, not a table.')
  const again = references.filter((one) => one !== walked && one.table !== null && isSame(one.table.name, table.name))
  if (again.length > 0 || readsInside(tokens, table.name))
    return refuse(
      `It also reads \`${table.name}\` in a join or a subquery: earlier chunks would change what later ones read.`,
    )
  const hasWhere = where < end
  const beforeEnd = tokens[(hasWhere ? where : end) - 1]?.end ?? 0
  const [start, last] = [tokens[where + 1], tokens[end - 1]]
  const condition = hasWhere && start !== undefined && last !== undefined ? text.slice(start.start, last.end) : null
  const after = text.slice(tokens[end]?.start ?? text.length)
  return {
    type: 'walk',
    walk: { verb, table, alias, changes, sources, before: text.slice(0, beforeEnd), condition, after },
  }
}

/** True where a subquery or a join in parentheses names the table. `t.column` alone refers to the outer one. */
function readsInside(tokens: Clause, name: string): boolean {
  let depth = 0
  return tokens.some((token, at) => {
    if (isMark(token, '(')) depth += 1
    else if (isMark(token, ')')) depth -= 1
    if (depth === 0 || !isName(token) || !isSame(token.text, name)) return false
    const before = tokens[isMark(tokens[at - 1], '.') ? at - 3 : at - 1]
    return (
      isWord(before, 'FROM', 'JOIN', 'STRAIGHT_JOIN', 'TABLE') ||
      (isMark(before, ',') && insideFrom(tokens, at)) ||
      (isMark(before, '(') && insideFrom(tokens, at))
    )
  })
}

/** True where the nearest clause word before is FROM or JOIN: `FROM a, t` in a subquery. */
function insideFrom(tokens: Clause, at: number): boolean {
  const word = tokens
    .slice(0, at)
    .findLast((token) => isWord(token, 'SELECT', 'FROM', 'JOIN', 'WHERE', 'ON', 'SET', 'GROUP', 'ORDER', 'USING'))
  return isWord(word, 'FROM', 'JOIN')
}
