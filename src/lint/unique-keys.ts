import { type CreatedTable, readCreatedTable } from '../ddl/created-table.ts'
import { type Clause, findWords, isMark, isName, isWord, splitAtCommas } from '../sql/clauses.ts'

/**
 * The columns of the first unique key of a CREATE TABLE on whole NOT NULL columns; null without one. InnoDB orders the rows of a table without a primary
 * key by it, replicas find rows by it, and group replication treats it as one.
 */
export function findUniqueAsPrimary(text: string): readonly string[] | null {
  const created = readCreatedTable(text)
  if (created === null) return null
  const notNull = new Set(
    created.columns
      .filter(({ definition }) => findWords(definition, 'NOT', 'NULL') > 0)
      .map(({ name }) => name.toLowerCase()),
  )
  return listUniqueKeys(created).find((columns) => columns.every((column) => notNull.has(column.toLowerCase()))) ?? null
}

/**
 * Keys in column definitions come first, as the server orders them; keys over prefixes and expressions are left out.
 */
function listUniqueKeys({ columns, definitions }: CreatedTable): readonly (readonly string[])[] {
  const own = columns.filter(({ definition }) => findWords(definition, 'UNIQUE') > 0).map(({ name }) => [name])
  return [...own, ...definitions.flatMap(readUniqueKey)]
}

/** `[CONSTRAINT [name]] UNIQUE [KEY | INDEX] [name] [USING BTREE] (a, b)`. */
function readUniqueKey(definition: Clause): readonly (readonly string[])[] {
  const start = isWord(definition[0], 'CONSTRAINT') ? (isWord(definition[1], 'UNIQUE') ? 1 : 2) : 0
  if (!isWord(definition[start], 'UNIQUE')) return []
  const open = definition.findIndex((token) => isMark(token, '('))
  const close = definition.findLastIndex((token) => isMark(token, ')'))
  const parts = splitAtCommas(definition.slice(open + 1, close))
  const names = parts.flatMap(([column, next]) =>
    isName(column) && (next === undefined || isWord(next, 'ASC', 'DESC')) ? [column.text] : [],
  )
  return open > 0 && names.length > 0 && names.length === parts.length ? [names] : []
}
