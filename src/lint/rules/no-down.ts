import type { FileRule } from '../rule.ts'

export const noDown: FileRule = {
  code: 'NO_DOWN',
  looksAt: 'file',
  severity: 'hint',
  onByDefault: 'strict',
  family: 'hygiene',
  title: { en: 'A versioned migration without a down part', zh: '版本化迁移没有 down 部分' },
  why: {
    en: 'It cannot be rolled back, either by `wwdb rollback` or in a test of up, down, up.',
    zh: '它无法回滚：`wwdb rollback` 不行，up、down、up 的测试也不行。',
  },
  fix: {
    en: 'Write the statements that revert it under `-- migrate:down`.',
    zh: '请在 `-- migrate:down` 下写出撤销它的语句。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/cannot-roll-back.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY)' }],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY)', down: 'DROP TABLE a' }],
  },
  find: ({ file }) =>
    file.kind === 'versioned' && file.down === null && file.shards === null
      ? [{ message: { en: 'The migration has no down part.', zh: '该迁移没有 down 部分。' } }]
      : [],
}
