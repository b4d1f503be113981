import { findForeignKeys, hasIndexOn, parentColumnsOf, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyParentIndex: StatementRule = {
  code: 'FOREIGN_KEY_PARENT_INDEX',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: 'A foreign key to columns that have no index', zh: '外键引用了没有索引的列' },
  why: {
    en: 'The parent must have an index that starts with these columns: the server refuses the statement.',
    zh: '父表需要以这些列开头的索引：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Reference the primary key, or add a unique index to the parent first.',
    zh: '请引用主键，或先给父表加唯一索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, code INT)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code INT, KEY i (code), FOREIGN KEY (code) REFERENCES p (code))',
        claims: [
          { server: 'refuses', number: 6125, since: '8.4.0' },
          { server: 'refuses', number: 1822, before: '8.4.0' },
        ],
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE g (id INT PRIMARY KEY); CREATE TABLE p (id INT PRIMARY KEY, code INT, FOREIGN KEY (code) REFERENCES g (id))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code INT, KEY i (code), FOREIGN KEY (code) REFERENCES p (code))',
        claims: { server: 'accepts', before: '8.0.20' },
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, code INT, UNIQUE KEY u (code))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code INT, KEY i (code), FOREIGN KEY (code) REFERENCES p (code))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key) => {
      const parent = parentOf(key, subject)
      if (parent === null || parent.partial === true) return null
      const columns = parentColumnsOf(key, parent)
      return columns.length === 0 || hasIndexOn(parent, columns)
        ? null
        : {
            en: `refers to \`${columns.join('`, `')}\` of \`${parent.name}\`, which have no index`,
            zh: `引用了 \`${parent.name}\` 中没有索引的 \`${columns.join('`、`')}\``,
          }
    }),
}
