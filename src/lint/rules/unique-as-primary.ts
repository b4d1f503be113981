import type { StatementRule } from '../rule.ts'
import { findUniqueAsPrimary } from '../unique-keys.ts'
import { hasPrimaryKey } from './no-primary-key.ts'

export const uniqueAsPrimary: StatementRule = {
  code: 'UNIQUE_AS_PRIMARY',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'keys',
  title: {
    en: 'A table without a primary key, whose first unique key on NOT NULL columns is used as one',
    zh: '没有主键、以首个非空唯一键充当主键的表',
  },
  why: {
    en: 'InnoDB orders the rows by that key, and replicas and group replication use it as the primary key. A server with sql_require_primary_key refuses the table, and a change of that key later copies the table.',
    zh: 'InnoDB 按该键组织数据，从库和组复制也把它当作主键。设置了 sql_require_primary_key 的服务器会拒绝该表，以后更改该键会复制整张表。',
  },
  fix: { en: 'Write PRIMARY KEY instead of UNIQUE KEY.', zh: '请把 UNIQUE KEY 写成 PRIMARY KEY。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-index-types.html',
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (n INT NOT NULL, m INT, UNIQUE KEY (n))', claims: { server: 'accepts' } },
      {
        sql: 'CREATE TABLE a (n INT NOT NULL UNIQUE, m INT)',
        claims: {
          server: 'answers',
          query:
            "SELECT column_key FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'a' AND column_name = 'n'",
          answer: 'PRI',
        },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (n INT NOT NULL, PRIMARY KEY (n), UNIQUE KEY (n))' },
      { sql: 'CREATE TABLE a (n INT, UNIQUE KEY (n))' },
      { sql: 'CREATE TABLE a (s VARCHAR(200) NOT NULL, UNIQUE KEY (s(20)))' },
    ],
  },
  find: ({ statement, tokens }) => {
    const columns = hasPrimaryKey(tokens, statement.text) ? null : findUniqueAsPrimary(statement.text)
    const table = statement.objects[0]?.name ?? ''
    if (columns === null) return []
    return [
      {
        message: {
          en: `\`${table}\` has no primary key: InnoDB uses the unique key on \`${columns.join(', ')}\`.`,
          zh: `\`${table}\` 没有主键：InnoDB 使用 \`${columns.join('、')}\` 上的唯一键。`,
        },
      },
    ]
  },
}
