import { isAtLeast } from '../../core/version.ts'
import { findForeignKeys, isUniqueOver, parentColumnsOf, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeForeignKey: StatementRule = {
  code: 'UPGRADE_FOREIGN_KEY',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A foreign key to columns that are not unique, which MySQL 8.4 refuses',
    zh: '外键引用了不唯一的列，MySQL 8.4 会拒绝',
  },
  why: {
    en: '`restrict_fk_on_non_standard_key` is on since 8.4: a fresh build and a restored dump fail with error 6125.',
    zh: '从 8.4 起 restrict_fk_on_non_standard_key 默认开启：全新建库和恢复备份都会以错误 6125 失败。',
  },
  fix: {
    en: 'Add a unique index on the columns of the parent before the upgrade.',
    zh: '请在升级前为父表的这些列加唯一索引。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, region INT, KEY r (region))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, region INT, KEY i (region), FOREIGN KEY (region) REFERENCES p (region))',
        target: '8.4.0',
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
        target: '8.4.0',
        claims: { server: 'accepts' },
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY, region INT, KEY r (region))',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, region INT, KEY i (region), FOREIGN KEY (region) REFERENCES p (region))',
        target: '8.0.40',
      },
    ],
  },
  find: (subject) => {
    if (subject.target === null || !isAtLeast(subject.target, '8.4.0')) return []
    return findForeignKeys(subject, (key) => {
      const parent = parentOf(key, subject)
      const columns = parent === null ? [] : parentColumnsOf(key, parent)
      return parent === null || parent.partial === true || isUniqueOver(parent, columns)
        ? null
        : {
            en: `refers to \`${columns.join('`, `')}\` of \`${parent.name}\`, which are not unique`,
            zh: `引用了 \`${parent.name}\` 中不唯一的 \`${columns.join('`、`')}\``,
          }
    })
  },
}
