import type { StatementRule } from '../rule.ts'
import { changedTable, conjunctsOf, isIndexed, selectingColumn } from '../written-conditions.ts'

export const unkeyedChange: StatementRule = {
  code: 'UNKEYED_CHANGE',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE'],
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: 'An `UPDATE` or `DELETE` whose condition cannot use an index',
    zh: '条件用不到任何索引的 `UPDATE` 或 `DELETE`',
  },
  why: {
    en: 'InnoDB locks every row that it reads: without an index this is the whole table, until the transaction ends.',
    zh: 'InnoDB 会锁住读过的每一行：没有索引就是整张表，直到事务结束。',
  },
  fix: {
    en: 'Select by the primary key in batches, or add an index for the condition first.',
    zh: '请按主键分批选择，或先为条件建索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-locks-set.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9))',
        sql: "UPDATE a SET state = 'x' WHERE state = 'y'",
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9))', sql: "DELETE FROM a WHERE state <> 'y'" },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9), KEY i (state))',
        sql: "UPDATE a SET state = 'x' WHERE state = 'y'",
      },
      { sql: "CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9)); UPDATE a SET state = 'x' WHERE state = 'y'" },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9))',
        sql: "DELETE FROM a WHERE state = 'y' AND id BETWEEN 1 AND 1000",
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, state VARCHAR(9))', sql: 'DELETE FROM a' },
    ],
  },
  find: (subject) => {
    const table = changedTable(subject)
    const parts = conjunctsOf(subject)
    const name = subject.statement.objects[0]
    if (table === null || name === undefined || subject.isNew(name) || parts.length === 0) return []
    // A condition that is always true is another finding, and an expression without a column proves nothing here.
    if (
      !parts.some((part) =>
        part.some((token) => table.columns.some((column) => column.name.toLowerCase() === token.text.toLowerCase())),
      )
    )
      return []
    const columns = parts.flatMap((part) => selectingColumn(part, table) ?? [])
    if (columns.some((column) => isIndexed(table, column))) return []
    return [
      { message: { en: `The condition reads all of \`${table.name}\`.`, zh: `该条件会读取整张 \`${table.name}\`。` } },
    ]
  },
}
