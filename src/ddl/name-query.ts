import { type Clause, findWords, isMark, isName, isWord, outerTokens, splitAtCommas } from '../sql/clauses.ts'
import { quoteName } from '../sql/quote-name.ts'
import type { ObjectName, Statement } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'
import { knownColumns, type Schema, stateOfTable } from './schema.ts'

/** A table with all its columns, as an earlier statement leaves it. */
interface NamedColumns {
  readonly name: string
  readonly columns: readonly string[]
}

/**
 * The query with which the server resolves the names of a statement on tables that the plan will have changed: each is a common table expression with its columns at that point. Null where those are not known, or the statement is not one that reads them. Pure.
 * @param changed the tables that are not as they are on the server
 */
export function writeFollowedQuery(
  { verb, text, objects }: Pick<Statement, 'verb' | 'text' | 'objects'>,
  changed: readonly ObjectName[],
  tables: Schema,
): string | null {
  if (verb === 'TABLE' || verb === 'CREATE TABLE' || changed.some((name) => name.schema !== null)) return null
  const query = writeNameQuery(text)
  const inserts = verb === 'INSERT' || verb === 'REPLACE'
  if (query === null || (inserts && query.length === text.length)) return null
  // The table that receives the rows is not part of their query.
  const read = inserts ? changed.filter((name) => !objects.includes(name)) : changed
  const made = [...new Set(read.map(({ name }) => name))].map((name) => ({
    name,
    columns: knownColumns(stateOfTable(tables, { schema: null, name })),
  }))
  const known = made.flatMap(({ name, columns }) => (columns === null ? [] : [{ name, columns }]))
  return known.length < made.length ? null : withTables(query, known, tables.schema ?? '')
}

/**
 * A query that needs the same tables and columns as an UPDATE, DELETE, INSERT ... SELECT or SELECT. In a query, unlike in a statement that
 * writes, a table may be replaced by a common table expression (`withTables`). It is prepared, never executed. Null where the
 * statement cannot be read. Pure.
 */
export function writeNameQuery(text: string): string | null {
  const tokens = tokenize(text)
  const verb = outerTokens(tokens).find(({ token }) => isWord(token, 'UPDATE', 'DELETE', 'INSERT', 'REPLACE', 'SELECT'))
  if (verb === undefined) return null
  switch (verb.token.text.toUpperCase()) {
    case 'UPDATE':
      return writeUpdate(text, tokens, verb.at)
    case 'DELETE':
      return writeDelete(text, tokens, verb.at)
    case 'SELECT':
      return text
    default:
      return readInsertedQuery(text, tokens)
  }
}

const modifiers = ['LOW_PRIORITY', 'IGNORE', 'QUICK'] as const

function skipModifiers(tokens: Clause, at: number): number {
  return isWord(tokens[at], ...modifiers) ? skipModifiers(tokens, at + 1) : at
}

/** `UPDATE t SET a = b WHERE c` reads the columns of `SELECT a, b FROM t WHERE c`. */
function writeUpdate(text: string, tokens: Clause, verb: number): string | null {
  const start = skipModifiers(tokens, verb + 1)
  const outer = outerTokens(tokens)
  const set = outer.find(({ token, at }) => at > start && isWord(token, 'SET'))?.at
  if (set === undefined) return null
  const end = outer.find(({ token, at }) => at > set && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))?.at ?? tokens.length
  const values = splitAtCommas(tokens.slice(set + 1, end)).map((assignment) => readAssignment(text, assignment))
  if (values.some((value) => value === null)) return null
  // With an alias, the values would not be what ORDER BY means.
  const selected = values.flatMap((value) => value ?? []).map((value, index) => `${value} AS wwdb_${index + 1}`)
  const from = slice(text, tokens.slice(start, set))
  return `${text.slice(0, tokens[verb]?.start)}SELECT ${selected.join(', ')} FROM ${from} ${slice(text, tokens.slice(end))}`
}

/** The column and its new value. A DEFAULT alone has no value outside an assignment. */
function readAssignment(text: string, assignment: Clause): readonly string[] | null {
  const equals = outerTokens(assignment).find(({ token }) => isMark(token, '=') || isMark(token, ':='))?.at
  if (equals === undefined || equals === 0 || equals === assignment.length - 1) return null
  const value = assignment.slice(equals + 1)
  const isDefault = value.length === 1 && isWord(value[0], 'DEFAULT')
  return [slice(text, assignment.slice(0, equals)), ...(isDefault ? [] : [slice(text, value)])]
}

/** `DELETE FROM t WHERE c` reads the columns of `SELECT 1 FROM t WHERE c`; of several tables only the references matter. */
function writeDelete(text: string, tokens: Clause, verb: number): string | null {
  const start = skipModifiers(tokens, verb + 1)
  const outer = outerTokens(tokens)
  const from = outer.find(({ token, at }) => at >= start && isWord(token, 'FROM'))?.at
  if (from === undefined) return null
  const using = outer.find(({ token, at }) => isWord(token, 'USING') && at > from && !isMark(tokens[at + 1], '('))?.at
  const tables = (from === start ? using : undefined) ?? from
  const end =
    outer.find(({ token, at }) => at > tables && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))?.at ?? tokens.length
  const named = slice(text, tokens.slice(tables + 1, end))
  return `${text.slice(0, tokens[verb]?.start)}SELECT 1 FROM ${named} ${slice(text, tokens.slice(end))}`
}

/** The rows of INSERT ... SELECT, without what happens to existing rows. */
function readInsertedQuery(text: string, tokens: Clause): string | null {
  const query = outerTokens(tokens).find(({ token }) => isWord(token, 'SELECT', 'WITH'))?.at
  if (query === undefined) return null
  const rows = tokens.slice(query)
  const duplicate = findWords(rows, 'ON', 'DUPLICATE')
  return slice(text, duplicate < 0 ? rows : rows.slice(0, duplicate))
}

function slice(text: string, tokens: Clause): string {
  return text.slice(tokens[0]?.start ?? 0, tokens.at(-1)?.end ?? 0)
}

/**
 * The query with tables as an earlier statement of the plan leaves them: each is a common table expression of its name and columns. Null where
 * the query could still mean the table itself, by its schema or by a column that every table has.
 */
export function withTables(query: string, tables: readonly NamedColumns[], schema: string): string | null {
  const tokens = tokenize(query)
  if (tables.length === 0) return query
  if (
    tables.some(({ columns }) => columns.length === 0) ||
    tokens.some((token, at) => meansItself(token, tokens[at + 1], schema))
  )
    return null
  const made = tables.map(
    ({ name, columns }) =>
      `${quoteName(name)} AS (SELECT ${columns.map((column) => `NULL AS ${quoteName(column)}`).join(', ')})`,
  )
  const [first, second] = tokens
  if (!isWord(first, 'WITH')) return isWord(first, 'SELECT') ? `WITH ${made.join(', ')} ${query}` : null
  const end = (isWord(second, 'RECURSIVE') ? second : first)?.end ?? 0
  return `${query.slice(0, end)} ${made.join(', ')}, ${query.slice(end)}`
}

function meansItself(token: Token, next: Token | undefined, schema: string): boolean {
  const name = token.text.toLowerCase()
  const isQuoted = token.type === 'string'
  const isSchema = (isQuoted || isName(token)) && isMark(next, '.') && name === schema.toLowerCase()
  return isSchema || name === '_rowid' || name === 'my_row_id'
}
