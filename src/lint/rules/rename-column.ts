import { readColumnDefinition } from '../../ddl/read-alterations.ts'
import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { columnMayHaveData, isFirstTableOccupied } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const renameColumn: HazardRule = {
  code: 'RENAME_COLUMN',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'compatibility',
  title: { en: '`RENAME COLUMN`, or `CHANGE` to another name', zh: '`RENAME COLUMN`，或用 `CHANGE` 改名' },
  why: {
    en: 'Running code that uses the old name fails as soon as the statement ends, and so do views and routines that use it.',
    zh: '语句一结束，使用旧名字的运行中代码就会失败，引用它的视图、存储过程和函数也一样。',
  },
  fix: {
    en: 'Add the new column, write both for one release, and drop the old one later.',
    zh: '请添加新列，在一个版本中同时写两列，之后再删除旧列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE VIEW v AS SELECT n FROM a',
        sql: 'ALTER TABLE a RENAME COLUMN n TO m; SELECT n FROM v',
        claims: { server: 'refuses', number: 1356 },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a CHANGE n m INT' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a CHANGE n n INT' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN m INT; ALTER TABLE a RENAME COLUMN m TO k',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const renames = readAlterations(tokens)
      .flatMap((clause) => {
        if (hasWords(clause, 0, 'RENAME', 'COLUMN')) return [[clause[2]?.text ?? '', clause[4]?.text ?? ''] as const]
        const changed = readColumnDefinition(clause)
        return changed === null ? [] : [[changed.column, changed.renamed] as const]
      })
      .filter(([from, to]) => from.toLowerCase() !== to.toLowerCase() && columnMayHaveData(from, statement, context))
    if (renames.length === 0 || !isFirstTableOccupied(statement, context)) return []
    return renames.map(([from, to]) => ({
      message: {
        en: `Running code that uses ${from} fails as soon as the column is ${to}, and so do views and routines that use it.`,
        zh: `列一改名为 ${to}，使用 ${from} 的运行中代码就会失败，引用它的视图、存储过程和函数也一样。`,
      },
    }))
  },
}
