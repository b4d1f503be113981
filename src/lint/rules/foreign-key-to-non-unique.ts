import { findForeignKeys, hasIndexOn, isUniqueOver, parentColumnsOf, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyToNonUnique: StatementRule = {
  code: 'FOREIGN_KEY_TO_NON_UNIQUE',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'warning',
  family: 'keys',
  title: { en: 'A foreign key to columns that are not unique', zh: '外键引用了不唯一的列' },
  why: {
    en: 'It is an extension of InnoDB that MySQL 8.4 refuses by default (error 6125): a fresh build of the schema fails there.',
    zh: '这是 InnoDB 的扩展，MySQL 8.4 默认拒绝（错误 6125）：在那里全新建库会失败。',
  },
  fix: {
    en: 'Reference the primary key or a unique index on exactly these columns.',
    zh: '请引用主键，或恰好包含这些列的唯一索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, region INT, KEY r (region))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, region INT, KEY i (region), FOREIGN KEY (region) REFERENCES p (region))',
        claims: [
          { server: 'refuses', number: 6125, since: '8.4.0' },
          { server: 'accepts', before: '8.0.20' },
        ],
      },
      {
        setup:
          'CREATE TABLE g (id INT PRIMARY KEY); CREATE TABLE p (id INT PRIMARY KEY, region INT, FOREIGN KEY (region) REFERENCES g (id))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, region INT, KEY i (region), FOREIGN KEY (region) REFERENCES p (region))',
        claims: [
          { server: 'refuses', number: 6125, since: '8.4.0' },
          { server: 'accepts', before: '8.0.20' },
        ],
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, region INT, UNIQUE KEY r (region))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, region INT, KEY i (region), FOREIGN KEY (region) REFERENCES p (region))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key) => {
      const parent = parentOf(key, subject)
      if (parent === null || parent.partial === true) return null
      const columns = parentColumnsOf(key, parent)
      const isIndexed = hasIndexOn(parent, columns)
      return isIndexed && !isUniqueOver(parent, columns)
        ? {
            en: `refers to \`${columns.join('`, `')}\` of \`${parent.name}\`, which are not unique`,
            zh: `引用了 \`${parent.name}\` 中不唯一的 \`${columns.join('`、`')}\``,
          }
        : null
    }),
}
