import { referenceOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findForeignKeys } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeySetNull: StatementRule = {
  code: 'FOREIGN_KEY_SET_NULL',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: '`SET NULL` in a foreign key on a NOT NULL column', zh: 'NOT NULL 列上的外键使用 `SET NULL`' },
  why: {
    en: 'The column cannot become NULL: the server refuses the statement.',
    zh: '该列不能变为 NULL：服务器会拒绝该语句。',
  },
  fix: { en: 'Allow NULL, or use RESTRICT.', zh: '请允许 NULL，或使用 RESTRICT。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT NOT NULL, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL)',
        claims: [
          { server: 'refuses', number: 1830, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET NULL)',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key, table) => {
      const { onDelete, onUpdate } = referenceOf(key)
      if (onDelete !== 'SET NULL' && onUpdate !== 'SET NULL') return null
      const column = key.columns.find((name) => findKnownColumn(table, name)?.nullable === false)
      return column === undefined
        ? null
        : { en: `sets \`${column}\` to NULL, which is NOT NULL`, zh: `会把 NOT NULL 的 \`${column}\` 置为 NULL` }
    }),
}
