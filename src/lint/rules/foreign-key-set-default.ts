import { referenceOf } from '../../ddl/read-parts.ts'
import { findForeignKeys } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeySetDefault: StatementRule = {
  code: 'FOREIGN_KEY_SET_DEFAULT',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: {
    en: '`SET DEFAULT` in a foreign key, which InnoDB does not support',
    zh: 'InnoDB 不支持的外键动作 `SET DEFAULT`',
  },
  why: {
    en: 'InnoDB refuses it or treats it as RESTRICT, depending on the version.',
    zh: 'InnoDB 会拒绝它，或按 RESTRICT 处理，取决于版本。',
  },
  fix: { en: 'Use SET NULL or RESTRICT.', zh: '请使用 SET NULL 或 RESTRICT。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT DEFAULT 1, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE SET DEFAULT)',
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT DEFAULT 1, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id) ON DELETE RESTRICT)',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key) =>
      referenceOf(key).onDelete === 'SET DEFAULT' || referenceOf(key).onUpdate === 'SET DEFAULT'
        ? { en: 'has the action SET DEFAULT', zh: '使用了 SET DEFAULT' }
        : null,
    ),
}
