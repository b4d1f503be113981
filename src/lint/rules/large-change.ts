import { indexColumns } from '../../ddl/read-parts.ts'
import { nothingKnown, stateOfTable } from '../../ddl/schema.ts'
import type { Table } from '../../ddl/table.ts'
import { type Clause, findWords, isMark, isPath, isWord } from '../../sql/clauses.ts'
import { readSources } from '../../sql/read-sources.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import { findConditionTables, lowestValue, readCondition, touchesEveryRow } from '../chosen-rows.ts'
import { readComparison, readNumber, splitAlternatives, splitConjuncts } from '../condition.ts'
import { isLargeEnough } from '../existing-data.ts'
import type { HazardContext, HazardRule } from '../rule.ts'
import { readNamedTables, writesOwnColumnsOnly } from '../written-tables.ts'

export const largeChange: HazardRule = {
  code: 'LARGE_CHANGE',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'data-changes',
  title: {
    en: '`UPDATE`, `DELETE`, `INSERT ... SELECT` or `REPLACE ... SELECT` over a large table, without a `LIMIT` or a value of an index',
    zh: '对大表执行没有 `LIMIT`、也不按索引选取的 `UPDATE`、`DELETE`、`INSERT ... SELECT` 或 `REPLACE ... SELECT`',
  },
  why: {
    en: 'One transaction for many rows locks the rows that it reads, makes replicas lag, and takes longer to roll back than to run.',
    zh: '一个事务改动大量行会锁住读到的行，造成从库延迟，回滚比执行更慢。',
  },
  fix: {
    en: 'Write `-- wwdb:batch` above the statement: it then runs in chunks by key, each its own transaction. What cannot be split by key needs a data migration with a loop.',
    zh: '请在语句上方写 `-- wwdb:batch`：它将按键分块执行，每块一个事务。无法按键拆分的，请用带循环的数据迁移。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-locks-set.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 1 WHERE n IS NULL' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a WHERE id BETWEEN 1 AND 5000000' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a WHERE id > 10' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a WHERE n > 3 OR n = 1 AND id = 5' },
      {
        setup:
          "CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1, 1), (2, 2), (3, 60); CREATE TABLE b (id INT PRIMARY KEY); CREATE TRIGGER g AFTER DELETE ON a FOR EACH ROW INSERT INTO b SELECT COUNT(*) FROM performance_schema.data_locks WHERE OBJECT_SCHEMA = DATABASE() AND OBJECT_NAME = 'a' AND LOCK_TYPE = 'RECORD'",
        sql: 'DELETE FROM a WHERE n BETWEEN 2 AND 50',
        // While it deletes one row, it holds the locks of all rows that it has read.
        claims: { server: 'answers', query: 'SELECT MIN(id) >= 2 FROM b', answer: '1' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 1 WHERE id = 5' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'UPDATE a SET n = 1 WHERE id = 5 OR (id IN (7, 8) AND n > 2)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'DELETE FROM a WHERE n > 5 ORDER BY id LIMIT 1000',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a WHERE id BETWEEN 1 AND 5000' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 1 WHERE id >= 1 AND id < 5001' },
      {
        setup: 'CREATE TABLE a (id INT UNSIGNED PRIMARY KEY, n INT)',
        sql: 'UPDATE a SET n = 1 WHERE id < 10',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const table = statement.batch === undefined ? findLargeTable(tokens, statement, context) : null
    if (table === null || findWords(tokens, 'LIMIT') >= 0) return []
    return [
      {
        message: {
          en: `It may change many ${describeRows(table)} in one transaction: it locks the rows that it reads, replicas lag, and a rollback takes longer than the change.`,
          zh: `它可能在一个事务中修改${table.rows === undefined ? '大表' : `约 ${table.rows} 行`}中的很多行：会锁住读到的行，造成从库延迟，回滚比执行更慢。`,
        },
      },
    ]
  },
}

/** Without a server a table counts as large: nothing is known about its rows. */
function describeRows({ rows }: Table): string {
  return rows === undefined ? 'rows of a large table' : `of about ${rows} rows`
}

function findLargeTable(tokens: readonly Token[], statement: Statement, context: HazardContext): Table | null {
  const { verb } = statement
  if (verb === 'UPDATE' || verb === 'DELETE') {
    const found = largest(readNamedTables(tokens, verb) ?? [], context)
    // A change of every existing row is a hazard of its own.
    const isEvery = touchesEveryRow(tokens, verb, findConditionTables(tokens, verb, context.tables))
    if (found === null || (isEvery && !isFilled(tokens, context, verb))) return null
    return isChosenByIndex(readCondition(tokens, verb), found) ? null : found.known
  }
  if (verb !== 'INSERT' && verb !== 'REPLACE') return null
  const start = tokens.findIndex((token) => isWord(token, 'SELECT', 'TABLE', 'WITH'))
  const found = largest(start < 0 ? [] : readSources(tokens.slice(start)), context)
  return found === null || isChosenByIndex(readCondition(tokens, 'SELECT'), found) ? null : found.known
}

/** True for an UPDATE of columns that the plan adds: it loses nothing but may take long. */
function isFilled(tokens: readonly Token[], context: HazardContext, verb: string): boolean {
  return verb === 'UPDATE' && writesOwnColumnsOnly(tokens, context.tables)
}

interface LargeTable {
  readonly known: Table
  readonly alias: string
}

function largest(
  names: readonly { readonly table: ObjectName; readonly alias: string }[],
  context: HazardContext,
): LargeTable | null {
  const found = names.flatMap(({ table, alias }): readonly LargeTable[] => {
    const state = stateOfTable(context.tables ?? nothingKnown, table)
    return state.type === 'table' && isLargeEnough(state) ? [{ known: state.table, alias }] : []
  })
  return found.toSorted((left, right) => (right.known.rows ?? 0) - (left.known.rows ?? 0))[0] ?? null
}

/** True when the condition selects values, or a short range, of the first column of an index, or of any column where no index is known. */
function isChosenByIndex(condition: Clause | null, table: LargeTable): boolean {
  if (condition === null) return false
  const alternatives = splitAlternatives(condition)
  if (alternatives.length > 1) return alternatives.every((each) => isChosenByIndex(each, table))
  const { known, alias } = table
  const isIndexed = (path: Clause): boolean => {
    const qualifier = path.at(-3)?.text.toLowerCase()
    if (qualifier !== undefined && qualifier !== alias.toLowerCase()) return false
    const column = path.at(-1)?.text.toLowerCase()
    return known.partial === true || known.indexes.some((index) => indexColumns(index)[0]?.toLowerCase() === column)
  }
  const parts = splitConjuncts(condition)
  const isChosen = parts.some((part) => {
    const path = readChosenColumn(part)
    return path !== null && isIndexed(path)
  })
  return isChosen || listShortRanges(parts, known).some(isIndexed)
}

/** The most numbers in a range that counts as a batch. */
const mostInBatch = 100_000

/** The ends of a range of numbers, as far as they are written. */
interface Range {
  readonly path: Clause
  readonly from: number | null
  readonly to: number | null
}

/**
 * The columns for which both ends are numbers close to each other. One end is enough where the column has a lowest value.
 */
function listShortRanges(parts: readonly Clause[], { columns }: Table): readonly Clause[] {
  const ranges = new Map<string, Range>()
  for (const part of parts) {
    const read = readRange(part)
    const column = read?.path.at(-1)?.text.toLowerCase()
    if (read === null || column === undefined) continue
    const known = ranges.get(column)
    ranges.set(column, { path: read.path, from: read.from ?? known?.from ?? null, to: read.to ?? known?.to ?? null })
  }
  return [...ranges].flatMap(([column, { path, from, to }]) => {
    const state = columns.find(({ name }) => name.toLowerCase() === column)
    const start = from ?? (state === undefined ? null : lowestValue(state))
    return start !== null && to !== null && to - start <= mostInBatch ? [path] : []
  })
}

/** `column BETWEEN 1 AND 9`, and comparisons of a column with a number. */
function readRange(part: Clause): Range | null {
  const at = part.findIndex((token) => isWord(token, 'BETWEEN'))
  if (at > 0) {
    const and = part.findIndex((token, index) => index > at && isWord(token, 'AND'))
    const path = pathOf(part.slice(0, at))
    return path === null
      ? null
      : { path, from: readNumber(part.slice(at + 1, and)), to: readNumber(part.slice(and + 1)) }
  }
  const comparison = readComparison(part)
  const path = comparison === null ? null : pathOf(comparison.left)
  const number = comparison === null ? null : readNumber(comparison.right)
  if (comparison === null || path === null || number === null) return null
  if (comparison.operator === '>' || comparison.operator === '>=') return { path, from: number, to: null }
  return comparison.operator === '<' || comparison.operator === '<=' ? { path, from: null, to: number } : null
}

/** The column of `column = value`, `value = column` and `column IN (values)`; a comparison of two columns does not count. */
function readChosenColumn(part: Clause): Clause | null {
  const comparison = readComparison(part)
  if (comparison !== null) {
    if (comparison.operator !== '=' && comparison.operator !== '<=>') return null
    const [left, right] = [pathOf(comparison.left), pathOf(comparison.right)]
    return left === null || right === null ? (left ?? right) : null
  }
  const at = part.findIndex((token) => isWord(token, 'IN'))
  const isList = at > 0 && isMark(part[at + 1], '(') && !isWord(part[at + 2], 'SELECT', 'WITH', 'TABLE')
  return isList ? pathOf(part.slice(0, at)) : null
}

const constants = ['TRUE', 'FALSE', 'NULL', 'CURRENT_DATE', 'CURRENT_TIMESTAMP', 'UTC_DATE', 'UTC_TIMESTAMP'] as const

function pathOf(tokens: Clause): Clause | null {
  return isPath(tokens) && !isWord(tokens[0], ...constants) ? tokens : null
}
