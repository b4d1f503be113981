import { readAddedKeys, readColumnDefinition } from '../../ddl/read-alterations.ts'
import { indexColumns } from '../../ddl/read-parts.ts'
import { findPresentTable } from '../../ddl/schema.ts'
import { type Clause, findWords, listNames, readAlterations } from '../../sql/clauses.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { columnMayHaveData, isFirstTableOccupied } from '../existing-data.ts'
import type { HazardContext, HazardRule } from '../rule.ts'

export const addUnique: HazardRule = {
  code: 'ADD_UNIQUE',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'existing-rows',
  title: { en: 'A unique index or primary key over existing rows', zh: '在已有数据上添加唯一索引或主键' },
  why: {
    en: 'It fails if two rows have the same values, often only on the production server.',
    zh: '如有两行的值相同就会失败，而且往往只在生产服务器上才失败。',
  },
  fix: {
    en: 'Check for duplicates first: SELECT the columns, COUNT(*) FROM the table GROUP BY the columns HAVING COUNT(*) > 1.',
    zh: '请先查重：SELECT 这些列, COUNT(*) FROM 该表 GROUP BY 这些列 HAVING COUNT(*) > 1。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        setup:
          "CREATE TABLE a (id INT PRIMARY KEY, email VARCHAR(50)); INSERT INTO a (id, email) VALUES (1, 'x'), (2, 'x')",
        sql: 'ALTER TABLE a ADD UNIQUE KEY by_email (email)',
        claims: { server: 'refuses', number: 1062 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, email VARCHAR(50))',
        sql: 'ALTER TABLE a ADD KEY by_email (email)',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD UNIQUE KEY by_both (n, id)' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const found = readUniqueKeys(tokens).filter(
      (columns) =>
        columns.every((column) => columnMayHaveData(column, statement, context)) &&
        !isUnique(columns, statement, context),
    )
    if (found.length === 0 || !isFirstTableOccupied(statement, context)) return []
    const table = statement.objects[0]?.name ?? 'the table'
    return found.map((columns) => ({
      message: {
        en: `It fails if two rows have the same ${listNames(columns)}.`,
        zh: `如果有两行的 \`${columns.join('`、`')}\` 相同，语句就会失败。`,
      },
      fix: {
        en: `Check for duplicates first: \`SELECT ${columns.join(', ')}, COUNT(*) FROM ${table} GROUP BY ${columns.join(', ')} HAVING COUNT(*) > 1\`.`,
        zh: '请先查重：SELECT 这些列, COUNT(*) FROM 该表 GROUP BY 这些列 HAVING COUNT(*) > 1。',
      },
    }))
  },
}

/** The columns of the added unique keys; a column's definition may contain one. */
function readUniqueKeys(tokens: readonly Token[]): readonly (readonly string[])[] {
  const keys = readAddedKeys(tokens)
    .indexes.filter(({ unique }) => unique)
    .map(indexColumns)
  const inColumns = readAlterations(tokens).flatMap((clause) => {
    const changed = readColumnDefinition(clause)
    return changed !== null && namesUnique(changed.definition) ? [[changed.column]] : []
  })
  return [...keys, ...inColumns]
}

function namesUnique(definition: Clause): boolean {
  return findWords(definition, 'UNIQUE') >= 0 || findWords(definition, 'PRIMARY') >= 0
}

/** True when a unique key on some of the columns exists already. */
function isUnique(columns: readonly string[], statement: Statement, context: HazardContext): boolean {
  const names = columns.map((column) => column.toLowerCase())
  return (findPresentTable(statement, context.tables)?.indexes ?? []).some(
    (index) => index.unique && indexColumns(index).every((column) => names.includes(column.toLowerCase())),
  )
}
