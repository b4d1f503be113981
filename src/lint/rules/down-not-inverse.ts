import type { FileRule } from '../rule.ts'
import type { ReadStatement } from '../subjects.ts'

export const downNotInverse: FileRule = {
  code: 'DOWN_NOT_INVERSE',
  looksAt: 'file',
  severity: 'warning',
  family: 'hygiene',
  title: { en: 'A down part that leaves a table which the up part made', zh: 'down 部分没有删除 up 部分创建的表' },
  why: {
    en: 'After a rollback the table is still there, and the next run of the up part fails.',
    zh: '回滚后表仍然存在，再次执行 up 部分会失败。',
  },
  fix: { en: 'Drop in the down part what the up part makes.', zh: '请在 down 部分删除 up 部分创建的对象。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)', down: 'DROP TABLE a' }],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY)',
        down: 'DROP TABLE b; DROP TABLE a',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY); DROP TABLE a', down: 'SELECT 1' },
    ],
  },
  find: ({ file }) => {
    if (file.down === null || file.up.length === 0) return []
    const names = (read: readonly ReadStatement[], verb: string): readonly string[] =>
      read
        .filter(({ statement }) => statement.verb === verb)
        .flatMap(({ statement }) => statement.objects.map(({ name }) => name.toLowerCase()))
    const gone = new Set([
      ...names(file.up, 'DROP TABLE'),
      ...names(file.down, 'DROP TABLE'),
      ...names(file.up, 'RENAME TABLE'),
      ...names(file.down, 'RENAME TABLE'),
    ])
    return names(file.up, 'CREATE TABLE')
      .filter((name) => !gone.has(name))
      .map((name) => ({ message: { en: `The down part leaves \`${name}\`.`, zh: `down 部分没有删除 \`${name}\`。` } }))
  },
}
