import type { Table } from '../../ddl/table.ts'
import { findForeignKeys, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const foreignKeyEngine: StatementRule = {
  code: 'FOREIGN_KEY_ENGINE',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: 'A foreign key to a table with another storage engine', zh: '外键引用了其他存储引擎的表' },
  why: {
    en: 'Of the common engines only InnoDB supports foreign keys: the server refuses a key that references a MyISAM table, and ignores a key in one.',
    zh: '常用引擎中只有 InnoDB 支持外键：引用 MyISAM 表会被拒绝，写在 MyISAM 表中则被忽略。',
  },
  fix: { en: 'Use InnoDB for both tables.', zh: '请让两张表都使用 InnoDB。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-foreign-keys.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY) ENGINE=MyISAM',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
        claims: [
          { server: 'refuses', number: 1824, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id)) ENGINE=MyISAM',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY) ENGINE=InnoDB',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key, table) => {
      const parent = parentOf(key, subject)
      if (!isInnodb(table))
        return {
          en: `is ignored: \`${table.name}\` is not an InnoDB table`,
          zh: `会被忽略：\`${table.name}\` 不是 InnoDB 表`,
        }
      return parent === null || isInnodb(parent)
        ? null
        : {
            en: `references \`${parent.name}\`, which is not an InnoDB table`,
            zh: `引用了非 InnoDB 的表 \`${parent.name}\``,
          }
    }),
}

function isInnodb({ options }: Table): boolean {
  return /^innodb$/i.test(options['ENGINE'] ?? 'InnoDB')
}
