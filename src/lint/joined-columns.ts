import { findObject, type Schema } from '../ddl/schema.ts'
import { type Column, findKnownColumn, type Table } from '../ddl/table.ts'
import { type Clause, inParentheses, isMark, isName, isWord, splitAtCommas } from '../sql/clauses.ts'
import { readBody } from '../sql/procedures/read-body.ts'
import { readSources, type Source } from '../sql/read-sources.ts'
import type { Statement } from '../sql/statement.ts'
import { type Token, tokenize } from '../sql/tokens.ts'
import { bodyOf } from './stored-body.ts'

export interface JoinedColumn {
  readonly table: Table
  readonly column: Column
}

/** Two columns of known tables that a query joins, by `=` or by USING. */
export interface Join {
  readonly sides: readonly [JoinedColumn, JoinedColumn]
  /** Null in the body of a routine or trigger. */
  readonly at: Token | null
}

const routines: readonly string[] = [
  'CREATE PROCEDURE',
  'CREATE FUNCTION',
  'CREATE TRIGGER',
  'CREATE EVENT',
  'ALTER EVENT',
]

/** Verbs of statements whose query is stored and runs again. */
export const keptQueries: readonly string[] = ['CREATE VIEW', 'ALTER VIEW', ...routines]

/** Verbs of statements that may join tables. */
export const joiningVerbs: readonly string[] = [
  ...keptQueries,
  'SELECT',
  'INSERT',
  'REPLACE',
  'UPDATE',
  'DELETE',
  'CREATE TABLE',
]

/** The columns that a statement joins, by what is known before it. */
export function findJoins({ verb, text }: Pick<Statement, 'verb' | 'text'>, before: Schema): readonly Join[] {
  if (!routines.includes(verb)) return joinsOf(tokenize(text), before)
  const { statements } = readBody(verb === 'CREATE PROCEDURE' ? text : bodyOf(verb, text))
  return statements.flatMap((one) => joinsOf(tokenize(one), before)).map((join) => ({ ...join, at: null }))
}

function joinsOf(tokens: Clause, before: Schema): readonly Join[] {
  const start = tokens.findIndex((token) => isWord(token, 'FROM', 'JOIN', 'UPDATE'))
  if (start < 0) return []
  const sources = readSources(tokens.slice(start))
  if (sources.length < 2) return []
  return tokens.flatMap((token, at) => {
    if (isMark(token, '=')) return toJoin(resolve(pathBefore(tokens, at)), resolve(pathAfter(tokens, at)), token)
    if (!isWord(token, 'USING') || !isMark(tokens[at + 1], '(')) return []
    return splitAtCommas(inParentheses(tokens, at + 1)).flatMap(([name]) => joinByName(name, sources, before))
  })

  function resolve(path: Clause): JoinedColumn | null {
    const [name, qualifier] = path.filter((token) => isName(token)).reverse()
    return name === undefined ? null : findColumn(name.text, qualifier?.text ?? null, sources, before)
  }
}

function toJoin(left: JoinedColumn | null, right: JoinedColumn | null, at: Token | null): readonly Join[] {
  return left === null || right === null || left.table.name === right.table.name ? [] : [{ sides: [left, right], at }]
}

function joinByName(name: Token | undefined, sources: readonly Source[], before: Schema): readonly Join[] {
  if (name === undefined) return []
  const [left, right, ...more] = sources.flatMap(({ alias }) => findColumn(name.text, alias, sources, before) ?? [])
  return more.length > 0 ? [] : toJoin(left ?? null, right ?? null, name)
}

/**
 * The column of the source that the qualifier names, or of the only source that has it; null where that is not certain.
 */
function findColumn(
  name: string,
  qualifier: string | null,
  sources: readonly Source[],
  before: Schema,
): JoinedColumn | null {
  const meant = sources.filter(({ alias }) => qualifier === null || alias.toLowerCase() === qualifier.toLowerCase())
  const found = meant.map(({ table }) => findObject(before, table))
  if (found.some(({ type }) => type !== 'table')) return null
  const having = found.flatMap((each) => {
    const column = each.type === 'table' ? findKnownColumn(each.table, name) : null
    return each.type === 'table' && column !== null ? [{ table: each.table, column }] : []
  })
  const [only, ...others] = having
  return only === undefined || others.length > 0 ? null : only
}

const opening = ['ON', 'AND', 'OR', 'WHERE', 'HAVING'] as const
const closing = [
  ...opening,
  'GROUP',
  'ORDER',
  'LIMIT',
  'SET',
  'JOIN',
  'LEFT',
  'RIGHT',
  'INNER',
  'CROSS',
  'UNION',
] as const

/** The path that ends before an operator, where a condition begins with it; empty for any other expression. */
function pathBefore(tokens: Clause, mark: number): Clause {
  let start = mark - 1
  while (start >= 2 && isMark(tokens[start - 1], '.')) start -= 2
  const opens = isWord(tokens[start - 1], ...opening) || isMark(tokens[start - 1], '(')
  return opens && isName(tokens[start]) ? tokens.slice(start, mark) : []
}

/** The path that begins after an operator, where the comparison ends with it. */
function pathAfter(tokens: Clause, mark: number): Clause {
  let end = mark + 2
  while (isMark(tokens[end], '.')) end += 2
  const next = tokens[end]
  const closes = next === undefined || isWord(next, ...closing) || isMark(next, ')') || isMark(next, ';')
  return closes && isName(tokens[mark + 1]) ? tokens.slice(mark + 1, end) : []
}
