import { findObject } from '../../ddl/schema.ts'
import { inParentheses, isMark, isPath, isWord, splitAtCommas } from '../../sql/clauses.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import { touchesEveryRow } from '../chosen-rows.ts'
import { readComparison } from '../condition.ts'
import { readInsertedValues, readLiteral } from '../inserted-values.ts'
import type { FileRule } from '../rule.ts'
import type { LintFile, ReadStatement } from '../subjects.ts'
import { conjunctsOf } from '../written-conditions.ts'
import { readDeletedTables } from '../written-tables.ts'

export const downDeletes: FileRule = {
  code: 'DOWN_DELETES',
  looksAt: 'file',
  severity: 'warning',
  family: 'data-loss',
  title: {
    en: 'A down part that deletes rows which its up part did not insert',
    zh: 'down 部分删除了 up 部分没有写入的行',
  },
  why: {
    en: 'A rollback should restore the state before the up part: these rows existed before, or were written by the application.',
    zh: '回滚应保留 up 部分执行之前已有的内容：这些行早已存在，或来自应用。',
  },
  fix: {
    en: 'Delete the rows that the up part inserts, by their key.',
    zh: '请按键只删除 up 部分插入的行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/delete.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD m INT',
        down: 'DELETE FROM a WHERE n IS NULL; ALTER TABLE a DROP m',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        down: 'TRUNCATE TABLE a',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a VALUES (1, 5), (2, 6)',
        down: 'DELETE FROM a WHERE id IN (1, 2, 3)',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        down: 'DELETE FROM a WHERE id IN (1, 2)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a (id, n) SELECT id + 100, n FROM a',
        down: 'DELETE FROM a WHERE id > 100',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY)', down: 'DELETE FROM a; DROP TABLE a' },
    ],
  },
  find: ({ file }) =>
    (file.down ?? []).flatMap((read) =>
      listDeleted(read).flatMap((table) => {
        const said = judge(file, read, table)
        return said === null ? [] : [{ statement: read.statement, message: said }]
      }),
    ),
}

function listDeleted({ statement, tokens }: ReadStatement): readonly ObjectName[] {
  if (statement.verb === 'TRUNCATE TABLE') return statement.objects
  return statement.verb === 'DELETE' ? (readDeletedTables(tokens) ?? []).map(({ table }) => table) : []
}

function judge(file: LintFile, read: ReadStatement, table: ObjectName) {
  const isOfTable = ({ statement }: ReadStatement): boolean => statement.objects.some((own) => isSame(own, table))
  const isMade = [...file.up, ...(file.down ?? [])].some(
    (other) => /^CREATE (?:TEMPORARY )?TABLE$/.test(other.statement.verb) && isOfTable(other),
  )
  // What JavaScript, procedures or triggers write cannot be seen here.
  const isUnseen = file.partial || file.up.some(({ statement }) => ['call', 'execute'].includes(statement.class))
  if (isMade || isUnseen || file.kind === 'data') return null
  const quoted = `\`${table.name}\``
  const writes = file.up.filter(
    (other) => ['INSERT', 'REPLACE', 'LOAD DATA', 'LOAD XML'].includes(other.statement.verb) && isOfTable(other),
  )
  if (writes.length === 0)
    return {
      en: `The down part deletes rows of ${quoted}, but the up part inserts none into it.`,
      zh: `down 部分删除 ${quoted} 的行，而 up 部分没有向它插入任何行。`,
    }
  if (takesAll(read))
    return {
      en: `The down part deletes all rows of ${quoted}, including rows that the up part did not insert.`,
      zh: `down 部分删除 ${quoted} 的所有行，包括不是由 up 部分插入的行。`,
    }
  const others = listOthers(
    read,
    writes.map(({ statement }) => statement),
    table,
  )
  if (others.length === 0) return null
  const values = others.join(', ')
  return {
    en: `The down part deletes rows of ${quoted} that the up part does not insert: ${values}.`,
    zh: `down 部分删除 ${quoted} 中不是由 up 部分插入的行：${values}。`,
  }
}

const isSame = (one: ObjectName, other: ObjectName): boolean => one.name.toLowerCase() === other.name.toLowerCase()

function takesAll({ statement, tokens }: ReadStatement): boolean {
  return statement.verb === 'TRUNCATE TABLE' || touchesEveryRow(tokens, 'DELETE')
}

/** The values by which rows are selected, and that no row of the up part has in that column. */
function listOthers(read: ReadStatement, writes: readonly Statement[], table: ObjectName): readonly string[] {
  const known = findObject(read.before, table)
  const order = known.type === 'table' ? known.table.columns.map(({ name }) => name) : []
  const [only, ...more] = conjunctsOf(read)
  const chosen = only === undefined || more.length > 0 ? null : readChosen(only)
  if (chosen === null) return []
  const made = writes.map((statement) => readInsertedValues(statement, chosen.column, order))
  if (made.some((values) => values === null)) return []
  return chosen.values.filter((value) => made.every((values) => values?.has(value) !== true))
}

/** `c = 1` and `c IN (1, 2)`. */
function readChosen(part: ReadStatement['tokens']) {
  const comparison = readComparison(part)
  const value = comparison?.operator === '=' ? readLiteral(comparison.right) : null
  if (comparison !== null) return value === null || !isPath(comparison.left) ? null : chosen(comparison.left, [value])
  const at = part.findIndex((token) => isWord(token, 'IN'))
  if (at < 1 || !isMark(part[at + 1], '(') || !isPath(part.slice(0, at))) return null
  const values = splitAtCommas(inParentheses(part, at + 1)).map(readLiteral)
  return values.includes(null)
    ? null
    : chosen(
        part.slice(0, at),
        values.flatMap((one) => one ?? []),
      )
}

const chosen = (path: ReadStatement['tokens'], values: readonly string[]) => ({
  column: path.at(-1)?.text ?? '',
  values,
})
