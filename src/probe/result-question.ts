import { nothingKnown } from '../ddl/schema.ts'
import { readDeletedTables, readNamedTables, readUpdatedColumns } from '../lint/written-tables.ts'
import { type Clause, findWords, hasWords, isMark, isPath, isWord, outerTokens, splitAtCommas } from '../sql/clauses.ts'
import { readQueryBlocks } from '../sql/query-blocks.ts'
import { applyEdits, tokenize } from '../sql/tokens.ts'

/** How the result of a sample is read on rows of the copies. */
export type ResultQuestion =
  | {
      readonly type: 'query'
      /** Without its LIMIT, of which ORDER BY need not decide what is left out. */
      readonly text: string
      readonly isOrdered: boolean
      /** The same with the place of each row by its ORDER BY as a last column; null where that cannot be asked. */
      readonly ranked: string | null
    }
  | { readonly type: 'write'; readonly leaves: Leaves }
  /** A clause. */
  | { readonly type: 'unjudged'; readonly why: string }

/**
 * What a statement that changes rows leaves:
 * - `rows`     of one table; `assigned` are the columns that it sets where a row was there before, in lower case: null for all
 * - `removed`  it removes rows of one table, and which ones depends on them alone
 * - `unknown`  in several tables, or as many as LIMIT says
 */
type Leaves =
  | {
      readonly type: 'rows'
      readonly schema: string | null
      readonly table: string
      readonly assigned: readonly string[] | null
    }
  | { readonly type: 'removed'; readonly schema: string | null; readonly table: string }
  | { readonly type: 'unknown' }

/** Functions that answer otherwise each time. NOW() does not: the time of the session stands still. */
const changing = [
  'RAND',
  'UUID',
  'UUID_SHORT',
  'SYSDATE',
  'RANDOM_BYTES',
  'CONNECTION_ID',
  'FOUND_ROWS',
  'ROW_COUNT',
] as const
/** Functions whose answer depends on the order in which rows are read. */
const collecting = [
  'JSON_ARRAYAGG',
  'JSON_OBJECTAGG',
  'ANY_VALUE',
  'ROW_NUMBER',
  'NTILE',
  'LAG',
  'LEAD',
  'FIRST_VALUE',
  'LAST_VALUE',
  'NTH_VALUE',
] as const

/** What can be asked of a sample, by its text. Pure. */
export function askForResult(text: string): ResultQuestion {
  const tokens = tokenize(text)
  const isQuery = isWord(tokens[0], 'SELECT', 'WITH', 'TABLE', 'VALUES') || isMark(tokens[0], '(')
  const why = findChanging(tokens) ?? (isQuery ? findOpenOrder(tokens) : null)
  if (why !== null) return { type: 'unjudged', why }
  return isQuery ? askQuery(text, tokens) : { type: 'write', leaves: readLeaves(tokens) }
}

function readLeaves(tokens: Clause): Leaves {
  if (isWord(tokens[0], 'DELETE')) return readRemoved(tokens)
  if (isWord(tokens[0], 'INSERT', 'REPLACE')) {
    const source = readQueryBlocks(tokens)[0]?.sources[0]
    if (source === undefined) return { type: 'unknown' }
    const { schema, name: table } = source.table
    return { type: 'rows', schema, table, assigned: readDuplicate(tokens) }
  }
  const [named, ...others] = readNamedTables(tokens, 'UPDATE') ?? []
  const assigned = readUpdatedColumns(tokens, nothingKnown)
  if (named === undefined || others.length > 0 || assigned === null) return { type: 'unknown' }
  const { schema, name: table } = named.table
  return { type: 'rows', schema, table, assigned: assigned.map(({ column }) => column.toLowerCase()) }
}

function readRemoved(tokens: Clause): Leaves {
  const [named, ...others] = readDeletedTables(tokens) ?? []
  if (named === undefined || others.length > 0) return { type: 'unknown' }
  if (tokens.some((token) => isWord(token, 'LIMIT'))) return { type: 'unknown' }
  const { schema, name: table } = named.table
  return { type: 'removed', schema, table }
}

/** The columns behind ON DUPLICATE KEY UPDATE; null without it. */
function readDuplicate(tokens: Clause): readonly string[] | null {
  const start = tokens.findIndex((_, at) => hasWords(tokens, at, 'ON', 'DUPLICATE', 'KEY', 'UPDATE'))
  return start < 0
    ? null
    : splitAtCommas(tokens.slice(start + 4)).map((part) => {
        const equals = part.findIndex((token) => isMark(token, '='))
        return part[equals - 1]?.text.toLowerCase() ?? ''
      })
}

function findChanging(tokens: Clause): string | null {
  if (tokens.some(({ type }) => type === 'user-variable')) return 'it uses a variable of its session'
  const found = tokens.find((token, at) => isWord(token, ...changing) && isMark(tokens[at + 1], '('))
  return found === undefined ? null : `\`${found.text.toUpperCase()}()\` answers otherwise each time`
}

/** Why what a query reads depends on the order in which the server reads its rows. */
function findOpenOrder(tokens: Clause): string | null {
  const limits = tokens.filter((token) => isWord(token, 'LIMIT')).length
  const outer = findWords(tokens, 'LIMIT')
  const hasOrder = findWords(tokens, 'ORDER', 'BY') >= 0
  if (outer >= 0 && !hasOrder) return 'it has LIMIT without ORDER BY'
  if (limits > (outer >= 0 ? 1 : 0)) return 'it has LIMIT in a subquery'
  const depends = tokens.some(
    (token, at) =>
      isMark(tokens[at + 1], '(') &&
      (isWord(token, ...collecting) || (isWord(token, 'GROUP_CONCAT') && !isSorted(tokens, at + 1))),
  )
  return depends ? 'what it reads depends on the order of rows' : null
}

function isSorted(tokens: Clause, open: number): boolean {
  let depth = 0
  for (let at = open; at < tokens.length; at += 1) {
    if (isMark(tokens[at], '(')) depth += 1
    else if (isMark(tokens[at], ')')) depth -= 1
    else if (depth === 1 && isWord(tokens[at], 'ORDER')) return true
    if (depth === 0) return false
  }
  return false
}

function askQuery(text: string, tokens: Clause): ResultQuestion {
  const limit = findWords(tokens, 'LIMIT')
  const order = findWords(tokens, 'ORDER', 'BY')
  const cut = limit < 0 ? [] : [{ start: tokens[limit]?.start ?? 0, end: endOfLimit(tokens, limit), text: '' }]
  const ranking = order < 0 ? null : rank(text, tokens, order)
  return {
    type: 'query',
    text: applyEdits(text, cut),
    isOrdered: order >= 0,
    ranked: ranking === null ? null : applyEdits(text, [...cut, ranking]),
  }
}

/** `LIMIT 10`, `LIMIT 5, 10`, `LIMIT 10 OFFSET 5`. */
function endOfLimit(tokens: Clause, limit: number): number {
  const after = isMark(tokens[limit + 2], ',') || isWord(tokens[limit + 2], 'OFFSET') ? limit + 3 : limit + 1
  return tokens[after]?.end ?? tokens[limit]?.end ?? 0
}

/** The column that is added before FROM; null where the query has no such place, or its ORDER BY has no such meaning there. */
function rank(
  text: string,
  tokens: Clause,
  order: number,
): { readonly start: number; readonly end: number; readonly text: string } | null {
  const outer = outerTokens(tokens)
  if (outer.some(({ token }) => isWord(token, 'UNION', 'EXCEPT', 'INTERSECT', 'ROLLUP')) || isMark(tokens[0], '('))
    return null
  const select = outer.find(({ token }) => isWord(token, 'SELECT'))
  const from = outer.find(({ token, at }) => isWord(token, 'FROM') && at > (select?.at ?? tokens.length))
  if (select === undefined || from === undefined) return null
  const tail = outer.find(({ token, at }) => at > order && isWord(token, 'LIMIT', 'FOR', 'LOCK', 'INTO'))
  const selected = splitAtCommas(withoutModifiers(tokens.slice(select.at + 1, from.at)))
  const slice = (part: Clause): string => text.slice(part[0]?.start ?? 0, part.at(-1)?.end ?? 0)
  const items = splitAtCommas(tokens.slice(order + 2, tail?.at ?? tokens.length)).map((item): string | null => {
    const direction = item.at(-1)
    const isDirected = isWord(direction, 'ASC', 'DESC')
    const expression = resolveItem(isDirected ? item.slice(0, -1) : item, selected)
    return expression === null || expression.length === 0
      ? null
      : `${slice(expression)}${isDirected ? ` ${direction?.text}` : ''}`
  })
  if (items.length === 0 || items.some((item) => item === null)) return null
  const at = from.token.start
  return { start: at, end: at, text: `,DENSE_RANK() OVER (ORDER BY ${items.join(',')}) ` }
}

const modifiers = [
  'ALL',
  'DISTINCT',
  'DISTINCTROW',
  'HIGH_PRIORITY',
  'STRAIGHT_JOIN',
  'SQL_SMALL_RESULT',
  'SQL_BIG_RESULT',
  'SQL_BUFFER_RESULT',
  'SQL_NO_CACHE',
  'SQL_CALC_FOUND_ROWS',
] as const

function withoutModifiers(tokens: Clause): Clause {
  const first = tokens.findIndex((token) => !isWord(token, ...modifiers))
  return first < 0 ? [] : tokens.slice(first)
}

/** ORDER BY takes the number and the alias of what is selected, a window does not. */
function resolveItem(item: Clause, selected: readonly Clause[]): Clause | null {
  const [first] = item
  if (item.length !== 1 || first === undefined) return item
  if (first.type === 'number') {
    const found = selected[Number(first.text) - 1]
    if (found === undefined || selected.some((one) => isMark(one.at(-1), '*'))) return null
    return readAlias(found)?.expression ?? found
  }
  const named = selected.map(readAlias).find((one) => one?.alias.toLowerCase() === first.text.toLowerCase())
  return named?.expression ?? item
}

/** What may be an alias, or stand before one. */
const names: ReadonlySet<string> = new Set(['name', 'word', 'string'])

function readAlias(part: Clause): { readonly alias: string; readonly expression: Clause } | null {
  const [before, last] = [part.at(-2), part.at(-1)]
  if (before === undefined || last === undefined || isPath(part)) return null
  if (!names.has(last.type)) return null
  if (isWord(before, 'AS')) return { alias: last.text, expression: part.slice(0, -2) }
  const isEnd = isMark(before, ')') || names.has(before.type) || before.type === 'number'
  return isEnd && !isWord(last, 'END') ? { alias: last.text, expression: part.slice(0, -1) } : null
}
