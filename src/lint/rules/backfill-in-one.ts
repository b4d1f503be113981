import { findWords } from '../../sql/clauses.ts'
import { definedColumns } from '../find-columns.ts'
import type { FileRule } from '../rule.ts'

export const backfillInOne: FileRule = {
  code: 'BACKFILL_IN_ONE',
  looksAt: 'file',
  severity: 'hint',
  family: 'data-changes',
  title: {
    en: 'A new column that one `UPDATE` fills in all existing rows',
    zh: '用一条 `UPDATE` 为所有已有行填充新列',
  },
  why: {
    en: 'It is one transaction for the whole table: it locks all rows, replicas lag, and a rollback takes longer than the change.',
    zh: '它是覆盖整张表的一个事务：锁住所有行，从库延迟，回滚比修改还慢。',
  },
  fix: {
    en: 'Write `-- wwdb:batch` above the UPDATE: it then runs in chunks by key.',
    zh: '请在 UPDATE 上方写 `-- wwdb:batch`：它将按主键分块执行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-locks-set.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD m INT NULL; UPDATE a SET m = n' },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD m INT NULL; UPDATE a SET m = n WHERE id BETWEEN 1 AND 1000',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD m INT NULL; UPDATE a SET m = n' },
    ],
  },
  find: ({ file }) => {
    const made = new Set(
      file.up
        .filter(({ statement: { verb } }) => verb === 'CREATE TABLE')
        .map(({ statement }) => statement.objects[0]?.name),
    )
    const added = new Set<string>()
    return file.up.flatMap((read) => {
      const { statement, tokens } = read
      const table = statement.objects[0]?.name ?? ''
      if (statement.verb === 'ALTER TABLE' && definedColumns(read).some(({ how }) => how === 'ADD')) added.add(table)
      if (statement.verb !== 'UPDATE' || !added.has(table) || made.has(table)) return []
      if (statement.batch !== undefined) return []
      if (['WHERE', 'LIMIT'].some((word) => findWords(tokens, word) >= 0)) return []
      return [
        {
          statement,
          message: {
            en: `One transaction changes all rows of \`${table}\`.`,
            zh: `一个事务修改 \`${table}\` 的所有行。`,
          },
        },
      ]
    })
  },
}
