import { copyText } from '../core/copy-text.ts'
import { isOwnColumn, knownColumns, nothingKnown, type Schema, stateOfTable } from '../ddl/schema.ts'
import {
  type Clause,
  closingOf,
  findWords,
  isMark,
  isName,
  isPath,
  isWord,
  outerTokens,
  skipName,
  splitAtCommas,
} from '../sql/clauses.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { Token } from '../sql/tokens.ts'
import { tokenize } from '../sql/tokens.ts'

/** A table that an UPDATE or DELETE names, with the name that qualifies its columns. */
export interface NamedTable {
  readonly table: ObjectName
  readonly alias: string
}

const joinWords = ['JOIN', 'STRAIGHT_JOIN'] as const
const behindName = [
  'SET',
  'WHERE',
  'ON',
  'USING',
  'JOIN',
  'INNER',
  'CROSS',
  'LEFT',
  'RIGHT',
  'NATURAL',
  'STRAIGHT_JOIN',
  'PARTITION',
  'USE',
  'FORCE',
  'IGNORE',
  'ORDER',
  'LIMIT',
] as const

const modifiers = ['LOW_PRIORITY', 'IGNORE', 'QUICK'] as const

function startOf(tokens: Clause, verb: 'UPDATE' | 'DELETE'): number {
  const word = outerTokens(tokens).find(({ token }) => isWord(token, verb))?.at
  if (word === undefined) return -1
  let at = word + 1
  while (isWord(tokens[at], ...modifiers)) at += 1
  return at
}

/** `a`, `a AS x, b`, `a JOIN b ON ...`. Queries in parentheses contain no table to write to. */
function readTables(tokens: Clause): readonly NamedTable[] | null {
  const starts = [
    0,
    ...outerTokens(tokens).flatMap(({ token, at }) =>
      isMark(token, ',') || isWord(token, ...joinWords) ? [at + 1] : [],
    ),
  ]
  const tables: NamedTable[] = []
  for (const at of starts) {
    if (isMark(tokens[at], '(')) continue
    const found = readTable(tokens, at)
    if (found === null) return null
    tables.push(found)
  }
  return tables
}

function readTable(tokens: Clause, at: number): NamedTable | null {
  const first = tokens[at]
  if (!isTableName(first)) return null
  const end = skipName(tokens, at)
  const last = tokens[end - 1]
  const name = last?.text ?? first.text
  const table: ObjectName = { type: 'table', schema: end - at > 1 ? first.text : null, name }
  const as = isWord(tokens[end], 'AS') ? end + 1 : end
  const alias = tokens[as]
  return { table, alias: isTableName(alias) && !isWord(alias, ...behindName) ? alias.text : name }
}

/** Under ANSI_QUOTES a text in double quotes is a name. */
function isTableName(token: Token | undefined): token is Token {
  return token?.type === 'string' || isName(token)
}

/**
 * True when every value that an UPDATE overwrites belongs to the plan: in tables that it creates, or columns that it adds.
 */
export function writesOwnColumnsOnly(tokens: Clause, known: Schema = nothingKnown): boolean {
  const tables = readNamedTables(tokens, 'UPDATE')
  const assignments = readAssignments(tokens)
  return (
    tables !== null &&
    assignments.length > 0 &&
    assignments.every((assignment) => isOwnAssignment(assignment, tables, known))
  )
}

/** True where each assignment of an UPDATE computes the new value from the old one: `n = n + 1`. */
export function onlyCounts(tokens: Clause): boolean {
  const assignments = readAssignments(tokens)
  return (
    assignments.length > 0 &&
    assignments.every((assignment) => {
      const equals = assignment.findIndex((token) => isMark(token, '='))
      const column = assignment[equals - 1]?.text.toLowerCase()
      return assignment.slice(equals + 1).some((token) => isName(token) && token.text.toLowerCase() === column)
    })
  )
}

function readAssignments(tokens: Clause): readonly Clause[] {
  const set = findWords(tokens, 'SET')
  const end = outerTokens(tokens).find(({ token, at }) => at > set && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))?.at
  return set < 0 ? [] : splitAtCommas(tokens.slice(set + 1, end))
}

/** The tables in which an UPDATE overwrites values from before the plan. An unqualified column may belong to any table that is not known to lack it. */
export function readUpdatedTables(tokens: Clause, known: Schema = nothingKnown): readonly NamedTable[] | null {
  const changed = readUpdatedColumns(tokens, known)?.map(({ named }) => named)
  return changed === undefined ? null : [...new Set(changed)]
}

/** The columns that an UPDATE assigns, each with every table that it may belong to. */
export function readUpdatedColumns(
  tokens: Clause,
  known: Schema,
): readonly { readonly named: NamedTable; readonly column: string }[] | null {
  const tables = readNamedTables(tokens, 'UPDATE')
  if (tables === null) return null
  return readAssignments(tokens).flatMap((assignment) => {
    const equals = assignment.findIndex((token) => isMark(token, '='))
    const column = assignment[equals - 1]?.text ?? ''
    const qualifier = isMark(assignment[equals - 2], '.') ? assignment[equals - 3]?.text.toLowerCase() : undefined
    const meant = tables.filter(({ table, alias }) => {
      if (qualifier !== undefined) return alias.toLowerCase() === qualifier
      const columns = knownColumns(stateOfTable(known, table))
      return columns?.some((name) => name.toLowerCase() === column.toLowerCase()) ?? true
    })
    return meant.map((named) => ({ named, column }))
  })
}

function isOwnAssignment(assignment: Clause, tables: readonly NamedTable[], known: Schema): boolean {
  const equals = assignment.findIndex((token) => isMark(token, '='))
  const column = assignment[equals - 1]
  if (column === undefined) return false
  const qualifier = isMark(assignment[equals - 2], '.') ? assignment[equals - 3]?.text.toLowerCase() : undefined
  const meant = tables.filter(({ alias }) => qualifier === undefined || alias.toLowerCase() === qualifier)
  // An unqualified column belongs to one of the tables: it is the plan's own when that holds for each of them.
  return meant.length > 0 && meant.every(({ table }) => isOwnColumn(known, table, column.text))
}

/**
 * Every table that an UPDATE or DELETE names, including those that it only joins; null where one of them cannot be
 * read.
 */
export function readNamedTables(tokens: Clause, verb: 'UPDATE' | 'DELETE'): readonly NamedTable[] | null {
  const head = readHead(tokens, verb)
  return head === null ? null : readTables(head)
}

/**
 * The tables that have a row in every row of the join: after LEFT JOIN, and before RIGHT JOIN, a row may consist of NULLs.
 */
export function readInnerTables(tokens: Clause, verb: 'UPDATE' | 'DELETE'): readonly NamedTable[] {
  const head = readHead(tokens, verb) ?? []
  const outer = outerTokens(head)
  const isJoin = (at: number): boolean => isWord(head[at + 1], 'JOIN', 'OUTER')
  if (outer.some(({ token, at }) => isWord(token, 'RIGHT') && isJoin(at))) return []
  const left = outer.find(({ token, at }) => isWord(token, 'LEFT') && isJoin(at))?.at
  return readTables(head.slice(0, left)) ?? []
}

/** The tokens between UPDATE and SET, or the table references of a DELETE. */
export function readHead(tokens: Clause, verb: 'UPDATE' | 'DELETE'): Clause | null {
  const start = startOf(tokens, verb)
  const outer = outerTokens(tokens)
  const find = (from: number, ...words: readonly string[]): number | undefined =>
    outer.find(({ token, at }) => at >= from && isWord(token, ...words))?.at
  if (start < 0) return null
  if (verb === 'UPDATE') {
    const set = find(start, 'SET')
    return set === undefined ? null : tokens.slice(start, set)
  }
  const from = find(start, 'FROM')
  if (from === undefined) return null
  const using =
    from === start
      ? outer.find(({ token, at }) => isWord(token, 'USING') && !isMark(tokens[at + 1], '('))?.at
      : undefined
  return tokens.slice((using ?? from) + 1, find(from, 'WHERE', 'ORDER', 'LIMIT'))
}

/** True when the rows that a DELETE of one or several tables removes are all in tables that the plan creates. */
export function deletesFromOwnTablesOnly(tokens: Clause, known: Schema = nothingKnown): boolean {
  const tables = readDeletedTables(tokens)
  const isOwn = ({ table }: NamedTable): boolean => ['new', 'absent'].includes(stateOfTable(known, table).type)
  return tables !== null && tables.length > 0 && tables.every(isOwn)
}

/** The tables that a DELETE takes rows from: `DELETE a, b FROM ...`, `DELETE FROM a USING ...`, `DELETE FROM a`. */
export function readDeletedTables(tokens: Clause): readonly NamedTable[] | null {
  const start = startOf(tokens, 'DELETE')
  if (start < 0) return null
  const outer = outerTokens(tokens)
  const end = (from: number, ...words: readonly string[]): number =>
    outer.find(({ token, at }) => at >= from && isWord(token, ...words))?.at ?? tokens.length
  if (isWord(tokens[start], 'FROM')) {
    const using = end(start, 'USING')
    const named = tokens.slice(start + 1, Math.min(using, end(start, 'WHERE', 'ORDER', 'LIMIT')))
    return using === tokens.length
      ? readTables(named)
      : resolve(named, readTables(tokens.slice(using + 1, end(using, 'WHERE'))))
  }
  const from = end(start, 'FROM')
  return resolve(tokens.slice(start, from), readTables(tokens.slice(from + 1, end(from, 'WHERE'))))
}

/**
 * Names before FROM may be aliases of tables after it; `a.*` is the same as `a`. For names that differ only in case, the server decides which one is meant: all are
 * included.
 */
function resolve(named: Clause, tables: readonly NamedTable[] | null): readonly NamedTable[] | null {
  if (tables === null) return null
  const found = splitAtCommas(named).map((part) => {
    const names = part.filter((token) => isTableName(token))
    const last = names.at(-1)?.text.toLowerCase()
    return tables.filter(({ alias }) => alias.toLowerCase() === last)
  })
  return found.some((alike) => alike.length === 0) ? null : found.flat()
}

/** The columns that an INSERT or REPLACE lists by name; null where it lists none, or not all can be read. */
export function readInsertedColumns(text: string): readonly string[] | null {
  // Values may be long and are not read: the columns come before them.
  const head = /^[^'"]*?\)\s*(?:values?|select|with|table|\()/i.exec(text)?.[0] ?? (text.length < 65_536 ? text : '')
  const beginning = copyText(head)
  if (beginning !== last?.beginning) last = { beginning, columns: listColumns(tokenize(beginning)) }
  return last.columns
}

/** The rows of one table are often written by a thousand statements that begin alike. */
let last: { readonly beginning: string; readonly columns: readonly string[] | null } | null = null

function listColumns(tokens: Clause): readonly string[] | null {
  const into = tokens.findIndex((token) => isWord(token, 'INTO'))
  const start = into < 0 ? tokens.findIndex((token) => isWord(token, 'INSERT', 'REPLACE')) : into
  let at = skipName(tokens, start + 1)
  if (start < 0) return null
  if (isWord(tokens[at], 'PARTITION')) at = closingOf(tokens, at + 1) + 1
  if (isWord(tokens[at], 'SET')) return readAssignedColumns(tokens.slice(at + 1))
  const close = closingOf(tokens, at)
  if (
    !isMark(tokens[at], '(') ||
    close === tokens.length ||
    isWord(tokens[at + 1], 'SELECT', 'WITH', 'TABLE', 'VALUES')
  )
    return null
  return readPaths(splitAtCommas(tokens.slice(at + 1, close)))
}

function readAssignedColumns(tokens: Clause): readonly string[] | null {
  const end = outerTokens(tokens).find(({ token }) => isWord(token, 'AS', 'ON'))?.at
  return readPaths(
    splitAtCommas(tokens.slice(0, end)).map((part) =>
      part.slice(
        0,
        Math.max(
          0,
          part.findIndex((token) => isMark(token, '=')),
        ),
      ),
    ),
  )
}

/** The last names of `column`, `table.column` and `schema.table.column`; null where a part is something else. */
function readPaths(parts: readonly Clause[]): readonly string[] | null {
  return parts.every(isPath) ? parts.flatMap((part) => part.at(-1)?.text ?? []) : null
}
