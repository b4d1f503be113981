import { type Clause, findWords, isWord, listNames, readAlterations } from '../../sql/clauses.ts'
import { readColumnType } from '../../sql/column-type.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { findPresentTable, readColumnAttributes, readColumnDefinition } from '../column-changes.ts'
import { columnMayHaveData, isFirstTableOccupied } from '../existing-data.ts'
import { readAdded, readAddedKeys } from '../follow-alteration.ts'
import type { HazardContext, HazardRule } from '../rule.ts'

export const addUnique: HazardRule = {
  code: 'ADD_UNIQUE',
  kind: 'advisory',
  title: 'A unique index or primary key over existing rows',
  find: (tokens, statement, context) => {
    const found = readUniqueKeys(tokens).filter(
      (columns) =>
        columns.every((column) => columnMayHaveData(column, statement, context)) &&
        !isUnique(columns, statement, context),
    )
    if (found.length === 0 || !isFirstTableOccupied(statement, context)) return []
    const table = statement.objects[0]?.name ?? 'the table'
    return found.map((columns) => ({
      why: `It fails if two rows have the same ${listNames(columns)}.`,
      instead: `Check for duplicates first: SELECT ${columns.join(', ')}, COUNT(*) FROM ${table} GROUP BY ${columns.join(', ')} HAVING COUNT(*) > 1.`,
    }))
  },
}

/** The columns of the added unique keys; the definition of a column may contain one. */
function readUniqueKeys(tokens: readonly Token[]): readonly (readonly string[])[] {
  const keys = readAddedKeys(tokens).filter(({ kind }) => kind === 'UNIQUE' || kind === 'PRIMARY')
  const inColumns = readAlterations(tokens).flatMap((clause) => {
    const changed = readColumnDefinition(clause)
    return changed !== null && namesUnique(changed.definition) ? [[changed.column]] : []
  })
  return [...keys.map(({ columns }) => columns).filter((columns) => columns.length > 0), ...inColumns]
}

function namesUnique(definition: Clause): boolean {
  return findWords(definition, 'UNIQUE') >= 0 || findWords(definition, 'PRIMARY') >= 0
}

/** True when a unique key over some of the columns exists already. */
function isUnique(columns: readonly string[], statement: Statement, context: HazardContext): boolean {
  const names = columns.map((column) => column.toLowerCase())
  return (findPresentTable(statement, context.tables)?.keys ?? []).some(
    ({ kind, columns: own }) =>
      (kind === 'PRIMARY' || kind === 'UNIQUE') &&
      own.length > 0 &&
      own.every((column) => names.includes(column.toLowerCase())),
  )
}

export const addNotNull: HazardRule = {
  code: 'ADD_NOT_NULL',
  kind: 'advisory',
  title: '`ADD COLUMN ... NOT NULL` without a `DEFAULT`, to a table with rows',
  find: (tokens, statement, context) => {
    const names = readAlterations(tokens)
      .flatMap(readAdded)
      .filter(([, definition]) => lacksDefault(definition))
    if (names.length === 0 || !isFirstTableOccupied(statement, context)) return []
    const columns = listNames(names.map(([name]) => name))
    return [
      {
        why: `Existing rows get an implicit default as ${columns}: an empty string or 0, while a date is refused. Every INSERT that does not set it fails.`,
        instead: 'Add a DEFAULT, or add the column as NULL, fill it, and make it NOT NULL in a later migration.',
      },
    ]
  },
}

function lacksDefault(definition: Clause): boolean {
  const type = readColumnType(definition)
  const { hasDefault, autoIncrement, generated } = readColumnAttributes(definition)
  return (
    type !== null &&
    !type.nullable &&
    !hasDefault &&
    !autoIncrement &&
    generated === null &&
    !isWord(definition[0], 'SERIAL')
  )
}
