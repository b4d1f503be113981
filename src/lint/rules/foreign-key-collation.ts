import { findKnownColumn } from '../../ddl/table.ts'
import { writtenCollation } from '../collations.ts'
import { findForeignKeys, parentColumnsOf, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyCollation: StatementRule = {
  code: 'FOREIGN_KEY_COLLATION',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: {
    en: 'A foreign key whose columns have another character set or collation than those of the parent',
    zh: '外键列与父表列的字符集或排序规则不同',
  },
  why: {
    en: 'Text columns of both tables must have the same collation: the server refuses the statement.',
    zh: '两端的文本必须以相同方式比较：服务器会拒绝该语句。',
  },
  fix: { en: 'Give both columns the same character set and collation.', zh: '请让两列的字符集和排序规则一致。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20) COLLATE utf8mb4_bin, KEY i (code), FOREIGN KEY (code) REFERENCES p (code)) CHARSET=utf8mb4',
        claims: [
          { server: 'refuses', number: 3780, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code), FOREIGN KEY (code) REFERENCES p (code)) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key, table) => {
      const parent = parentOf(key, subject)
      if (parent === null) return null
      for (const [at, name] of parentColumnsOf(key, parent).entries()) {
        const own = writtenCollation(findKnownColumn(table, key.columns[at] ?? ''))
        const other = writtenCollation(findKnownColumn(parent, name))
        if (own !== null && other !== null && own !== other)
          return {
            en: `has the collation ${own}, but \`${name}\` of \`${parent.name}\` has ${other}`,
            zh: `按 ${own} 比较，而 \`${parent.name}\` 的 \`${name}\` 按 ${other} 比较`,
          }
      }
      return null
    }),
}
