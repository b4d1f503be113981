import { readInsertedColumns } from '../../lint/written-tables.ts'
import { type Clause, findWords, inParentheses, isMark, isName, isWord, splitAtCommas } from '../../sql/clauses.ts'
import { type QueryBlock, readQueryBlocks } from '../../sql/query-blocks.ts'
import type { Token } from '../../sql/tokens.ts'
import { tokenize } from '../../sql/tokens.ts'

/** A literal of a sample. */
export type Literal = { readonly type: 'text' | 'number'; readonly text: string }

/** A row that a sample would find, one for each table that it names. */
export interface WantedRow {
  readonly table: string
  /** Values by column, in the case of the sample. */
  readonly values: ReadonlyMap<string, Literal>
  /** Columns whose values are those of other rows of the sample, each with a name that they share. */
  readonly shared: ReadonlyMap<string, string>
}

/** A place of a value: the table of a sample by its number, and a column of it. */
interface Place {
  readonly source: number
  readonly column: string
}

type HasColumn = (table: string, column: string) => boolean

/** What rows a sample looks for: the values that its conditions compare columns with, and the columns that it joins. Of a condition that excludes, nothing is read. Pure. */
export function readWanted(text: string, hasColumn: HasColumn): readonly WantedRow[] {
  const blocks = readQueryBlocks(tokenize(text))
  const sources = blocks.flatMap((block) => block.sources.map((source) => ({ ...source, block })))
  const values = new Map<string, Literal>()
  const joins: (readonly [Place, Place])[] = []
  for (const block of blocks) {
    const find = (path: Clause): Place | null => locate(path, block, sources, hasColumn)
    for (const one of readComparisons(conditionsOf(block.tokens))) {
      const place = find(one.path)
      if (place === null) continue
      const { other } = one
      if ('type' in other) values.set(keyOf(place), values.get(keyOf(place)) ?? other)
      else {
        const second = find(other.path)
        if (second !== null) joins.push([place, second])
      }
    }
  }
  const groups = joinGroups(joins)
  for (const [key, group] of groups) {
    const value = values.get(key)
    if (value !== undefined)
      for (const [other, own] of groups) if (own === group && !values.has(other)) values.set(other, value)
  }
  return sources.map(({ table }, source): WantedRow => {
    const own = <T>(all: ReadonlyMap<string, T>): ReadonlyMap<string, T> =>
      new Map(
        [...all].flatMap(([key, value]) =>
          key.startsWith(`${source} `) ? [[key.slice(`${source} `.length), value] as const] : [],
        ),
      )
    return { table: table.name, values: own(values), shared: own(groups) }
  })
}

/** What is assigned is not looked for. */
function conditionsOf(tokens: Clause): Clause {
  if (isWord(tokens[0], 'INSERT', 'REPLACE')) return []
  if (!isWord(tokens[0], 'UPDATE')) return tokens
  const [set, where] = [findWords(tokens, 'SET'), findWords(tokens, 'WHERE')]
  return [...tokens.slice(0, Math.max(0, set)), ...(where < 0 ? [] : tokens.slice(where))]
}

const keyOf = ({ source, column }: Place): string => `${source} ${column.toLowerCase()}`

/** The places that equal each other, each with the name of its group. */
function joinGroups(joins: readonly (readonly [Place, Place])[]): ReadonlyMap<string, string> {
  const groups = new Map<string, string>()
  for (const [one, two] of joins.map(([a, b]) => [keyOf(a), keyOf(b)] as const)) {
    const [first, second] = [groups.get(one) ?? one, groups.get(two) ?? two]
    for (const [key, group] of groups) if (group === second) groups.set(key, first)
    groups.set(one, first)
    groups.set(two, first)
  }
  return groups
}

/** What a name means: a column of a table of its own query, or of one around it. */
function locate(
  path: Clause,
  block: QueryBlock,
  sources: readonly { readonly table: { readonly name: string }; readonly alias: string; readonly block: QueryBlock }[],
  hasColumn: HasColumn,
): Place | null {
  const column = path.at(-1)?.text ?? ''
  const qualifier = path.length > 1 ? path.at(-3)?.text.toLowerCase() : undefined
  for (let around: QueryBlock | null = block; around !== null; around = around.parent) {
    const source = sources.findIndex(
      (one) =>
        one.block === around &&
        (qualifier === undefined || one.alias.toLowerCase() === qualifier) &&
        hasColumn(one.table.name, column),
    )
    if (source >= 0) return { source, column }
  }
  return null
}

interface Comparison {
  readonly path: Clause
  readonly other: Literal | { readonly path: Clause }
}

/** `a = 1`, `t.a >= '2026-01-01'`, `a IN (1, 2)`, `a LIKE 'b%'`, `a BETWEEN 1 AND 3`, `t.a = u.b`. */
function readComparisons(tokens: Clause): readonly Comparison[] {
  return tokens.flatMap((token, at): readonly Comparison[] => {
    if (!isName(token) || isMark(tokens[at - 1], '.') || isMark(tokens[at + 1], '(')) return []
    let end = at + 1
    while (isMark(tokens[end], '.') && isName(tokens[end + 1])) end += 2
    const path = tokens.slice(at, end)
    const operator = readOperator(tokens, end)
    if (operator === null) return []
    const other = readOther(tokens, operator.end, operator)
    return other === null ? [] : [{ path, other }]
  })
}

interface Operator {
  readonly end: number
  /** What a number is moved by so that it is found: 1 for `>`. */
  readonly shift: number
  readonly isPattern: boolean
}

function readOperator(tokens: Clause, at: number): Operator | null {
  const [one, two] = [tokens[at], tokens[at + 1]]
  const found = (length: number, shift = 0, isPattern = false): Operator => ({ end: at + length, shift, isPattern })
  if (isMark(one, '=')) return found(1)
  if (isMark(one, '<')) {
    if (isMark(two, '>')) return null
    return isMark(two, '=') ? found(isMark(tokens[at + 2], '>') ? 3 : 2) : found(1, -1)
  }
  if (isMark(one, '>')) return isMark(two, '=') ? found(2) : found(1, 1)
  if (isWord(one, 'LIKE')) return found(1, 0, true)
  if (isWord(one, 'BETWEEN')) return found(1)
  return isWord(one, 'IN') && isMark(two, '(') ? found(2) : null
}

function readOther(
  tokens: Clause,
  from: number,
  { shift, isPattern }: Operator,
): Literal | { readonly path: Clause } | null {
  const isNegative = isMark(tokens[from], '-')
  const at = isNegative || isWord(tokens[from], 'DATE', 'TIMESTAMP', 'TIME') ? from + 1 : from
  const token = tokens[at]
  if (token?.type === 'string') return { type: 'text', text: isPattern ? fillPattern(token.text) : token.text }
  if (token?.type === 'number') return readNumber(token, isNegative, shift)
  if (!isName(token) || isMark(tokens[at + 1], '(')) return null
  let end = at + 1
  while (isMark(tokens[end], '.') && isName(tokens[end + 1])) end += 2
  return { path: tokens.slice(at, end) }
}

function readNumber({ text }: Token, isNegative: boolean, shift: number): Literal {
  const written = isNegative ? `-${text}` : text
  const value = Number(written)
  return { type: 'number', text: shift !== 0 && Number.isSafeInteger(value) ? String(value + shift) : written }
}

/** A text that a pattern of LIKE finds. */
const fillPattern = (pattern: string): string =>
  pattern.replaceAll('%', '').replace(/\\?_/g, (found) => (found === '_' ? 'x' : '_'))

/** The values that an INSERT gives to columns which it names: its first row. Pure. */
export function readInserted(
  text: string,
): { readonly table: string; readonly values: ReadonlyMap<string, Literal> } | null {
  const tokens = tokenize(text)
  const source = isWord(tokens[0], 'INSERT', 'REPLACE') ? readQueryBlocks(tokens)[0]?.sources[0] : undefined
  const columns = source === undefined ? null : readInsertedColumns(text)
  const values = tokens.findIndex((token) => isWord(token, 'VALUES', 'VALUE'))
  if (source === undefined || columns === null || values < 0) return null
  const written = splitAtCommas(inParentheses(tokens, values + 1))
  return {
    table: source.table.name,
    values: new Map(columns.flatMap((name, at) => toLiteral(name, written[at] ?? []))),
  }
}

function toLiteral(column: string, [token, second]: Clause): readonly (readonly [string, Literal])[] {
  const type = token?.type === 'string' ? 'text' : token?.type === 'number' ? 'number' : null
  return token === undefined || second !== undefined || type === null
    ? []
    : [[column.toLowerCase(), { type, text: token.text }]]
}
