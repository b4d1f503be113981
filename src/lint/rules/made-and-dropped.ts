import type { FileRule } from '../rule.ts'

export const madeAndDropped: FileRule = {
  code: 'MADE_AND_DROPPED',
  looksAt: 'file',
  severity: 'warning',
  family: 'hygiene',
  title: { en: 'A table that the same file creates and drops', zh: '同一文件中创建又删除的表' },
  why: {
    en: 'Together they only lock and write: one of them is a mistake.',
    zh: '两者合起来只会加锁和写入：其中之一是错误。',
  },
  fix: { en: 'Leave both out, or use a temporary table.', zh: '请都去掉，或使用临时表。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-table.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY); DROP TABLE a' }],
    clean: [
      { sql: 'DROP TABLE IF EXISTS a; CREATE TABLE a (id INT PRIMARY KEY)' },
      { sql: 'CREATE TEMPORARY TABLE a (id INT PRIMARY KEY); DROP TEMPORARY TABLE a' },
    ],
  },
  find: ({ file }) => {
    const made = new Set<string>()
    return file.up.flatMap(({ statement }) => {
      const names = statement.objects.map(({ name }) => name.toLowerCase())
      if (statement.verb === 'CREATE TABLE') for (const name of names) made.add(name)
      const found = statement.verb === 'DROP TABLE' ? names.find((name) => made.has(name)) : undefined
      return found === undefined
        ? []
        : [
            {
              statement,
              message: { en: `\`${found}\` was created in this file.`, zh: `\`${found}\` 是在本文件中创建的。` },
            },
          ]
    })
  },
}
