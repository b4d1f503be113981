import type { StatementRule } from '../rule.ts'

export const hiddenDrift: StatementRule = {
  code: 'HIDDEN_DRIFT',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'DROP TABLE'],
  severity: 'hint',
  onByDefault: 'strict',
  family: 'hygiene',
  title: {
    en: '`IF EXISTS` or `IF NOT EXISTS`, which hides differences between the schema and the files',
    zh: '掩盖库与文件不一致的 `IF EXISTS` 或 `IF NOT EXISTS`',
  },
  why: {
    en: 'If a table with that name already exists, it stays as it is, and later migrations fail or change the wrong object.',
    zh: '若同名表已存在，它会原样保留，之后的迁移会失败或改错。',
  },
  fix: { en: 'Leave it out: wwdb runs every statement once.', zh: '请去掉它：wwdb 保证每条语句只执行一次。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, old INT)',
        sql: 'CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)',
        claims: { server: 'warns', number: 1050 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY)' }],
  },
  find: ({ statement }) =>
    statement.idempotent
      ? [
          {
            message: {
              en: `The statement succeeds whether \`${statement.objects[0]?.name}\` exists or not.`,
              zh: `\`${statement.objects[0]?.name}\` 是否存在都不会报错。`,
            },
          },
        ]
      : [],
}
