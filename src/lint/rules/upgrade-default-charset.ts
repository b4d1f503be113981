import { isWord } from '../../sql/clauses.ts'
import { definedColumns } from '../find-columns.ts'
import { optionsOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeDefaultCharset: StatementRule = {
  code: 'UPGRADE_DEFAULT_CHARSET',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'upgrade',
  title: {
    en: 'A table that takes the character set of the server, whose default MySQL 8.0 changed',
    zh: '采用服务器默认字符集的表，而 MySQL 8.0 改变了该默认值',
  },
  why: {
    en: 'Built on 5.7 it is latin1, built on 8.0 or later utf8mb4 with another collation: joins between both kinds of tables use no index.',
    zh: '在 5.7 上建是 latin1，在 8.0 及以后是 utf8mb4 和另一种排序规则：两者之间的连接用不到索引。',
  },
  fix: { en: 'Write CHARACTER SET and COLLATE in every table.', zh: '请在每张表写明 CHARACTER SET 和 COLLATE。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-server.html',
  fixtures: {
    found: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20))', target: '8.0.11' }],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(20)) CHARSET=utf8mb4 COLLATE=utf8mb4_bin',
        target: '8.0.11',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', target: '8.0.11' },
    ],
  },
  find: (subject) => {
    const named = optionsOf(subject.tokens).some((token) => isWord(token, 'CHARSET', 'CHARACTER', 'COLLATE'))
    const hasText = definedColumns(subject).some(({ type }) => type !== null && /char|text/.test(type.base))
    const table = subject.statement.objects[0]?.name
    return named || !hasText
      ? []
      : [
          {
            message: {
              en: `\`${table}\` takes the server's default character set.`,
              zh: `表 \`${table}\` 采用服务器的默认字符集。`,
            },
          },
        ]
  },
}
