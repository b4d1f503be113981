import type { FileRule } from '../rule.ts'

export const ddlWithData: FileRule = {
  code: 'DDL_WITH_DATA',
  looksAt: 'file',
  severity: 'hint',
  onByDefault: 'strict',
  family: 'hygiene',
  title: { en: 'Changes of existing rows and of tables in one file', zh: '同一文件中既改已有数据又改表结构' },
  why: {
    en: 'DDL commits implicitly: the file cannot be rolled back as a whole, and a slow change of rows delays the release.',
    zh: '结构变更会提交未完成的事务：整个文件无法整体撤销，缓慢的数据修改还会拖住发布。',
  },
  fix: { en: 'Change rows in a separate file.', zh: '请把数据修改放在单独的文件中。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/implicit-commit.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD m INT; UPDATE a SET m = 1 WHERE id < 100',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 2)',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 1 WHERE id < 100' },
    ],
  },
  find: ({ file }) => {
    const made = new Set(
      file.up
        .filter(({ statement: { verb } }) => verb === 'CREATE TABLE')
        .map(({ statement }) => statement.objects[0]?.name),
    )
    const defines = file.up.some(({ statement }) => statement.class === 'definition')
    const found = file.up.find(
      ({ statement: { verb, objects } }) =>
        ['UPDATE', 'DELETE', 'INSERT', 'REPLACE'].includes(verb) && !made.has(objects[0]?.name),
    )
    if (!defines || found === undefined) return []
    return [
      {
        statement: found.statement,
        message: { en: 'The file changes tables and existing rows.', zh: '该文件既改表结构又改已有数据。' },
      },
    ]
  },
}
