import { nothingKnown, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { isOccupied, printName } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const renameTable: HazardRule = {
  code: 'RENAME_TABLE',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'compatibility',
  title: {
    en: '`RENAME TABLE` or `ALTER TABLE ... RENAME` that leaves no table under the old name',
    zh: '`RENAME TABLE` 或 `ALTER TABLE ... RENAME` 之后旧名字下不再有表',
  },
  why: {
    en: 'Running code that uses the old name fails as soon as the statement ends, and so do views, triggers and routines that use it.',
    zh: '语句一结束，使用旧名字的运行中代码就会失败，引用它的视图、触发器、存储过程和函数也一样。',
  },
  fix: {
    en: 'Create a view under the old name until no code uses it.',
    zh: '请以旧名字建立视图，直到没有代码再使用它。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/rename-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE VIEW v AS SELECT n FROM a',
        sql: 'RENAME TABLE a TO b; SELECT n FROM v',
        claims: { server: 'refuses', number: 1356 },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a RENAME TO b' },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'RENAME TABLE a TO a_old, b TO a',
      },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY); RENAME TABLE b TO c' },
    ],
  },
  find: ({ statement, context }) => {
    if (statement.verb !== 'RENAME TABLE' && statement.verb !== 'ALTER TABLE') return []
    if (statement.verb === 'ALTER TABLE' && !/\brename\b/i.test(statement.text)) return []
    const tables = context.tables ?? nothingKnown
    const names = statement.objects
    const taken = new Set(names.flatMap((name, index) => (index % 2 === 1 ? [tableKey(tables, name)] : [])))
    const left = new Set(names.flatMap((name, index) => (index % 2 === 0 ? [tableKey(tables, name)] : [])))
    return names.flatMap((from, index) => {
      const to = names[index + 1]
      const isMissed =
        index % 2 === 0 && to !== undefined && from.type === 'table' && !taken.has(tableKey(tables, from))
      // A table that takes over another table's old name had its own name before.
      if (!isMissed || left.has(tableKey(tables, to)) || !isOccupied(stateOfTable(tables, from))) return []
      return [
        {
          message: {
            en: `Running code that uses ${printName(from)} fails as soon as the table is ${printName(to)}, and so do views, triggers and routines that use it.`,
            zh: `表一改名为 ${printName(to)}，使用 ${printName(from)} 的运行中代码就会失败，引用它的视图、触发器、存储过程和函数也一样。`,
          },
        },
      ]
    })
  },
}
