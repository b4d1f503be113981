import { likelyCollation } from '../collations.ts'
import { findJoins, type JoinedColumn, joiningVerbs } from '../joined-columns.ts'
import type { StatementRule } from '../rule.ts'

export const joinCollations: StatementRule = {
  code: 'JOIN_COLLATIONS',
  looksAt: 'statement',
  verbs: joiningVerbs,
  severity: 'warning',
  family: 'types',
  title: { en: 'Tables joined on columns with different collations', zh: '用两种排序规则不同的列连接表' },
  why: {
    en: 'The server refuses the comparison (error 1267), or converts one column for every row, so that its index cannot be used.',
    zh: '服务器会拒绝比较（错误 1267），或者逐行转换其中一列，使其索引失效。',
  },
  fix: {
    en: 'Give both columns the same character set and collation with an ALTER TABLE.',
    zh: '请用 ALTER TABLE 让两列的字符集和排序规则一致。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/charset-collation-coercibility.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci; CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY k (code)) CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci',
        sql: 'CREATE VIEW v AS SELECT a.id FROM a JOIN p ON p.code = a.code',
        claims: { server: 'refuses', number: 1267 },
      },
      {
        setup:
          'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci; CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), n INT, KEY k (code)) CHARSET=utf8mb4',
        sql: 'UPDATE a INNER JOIN p USING (code) SET a.n = 1 WHERE a.id = 7',
        claims: { server: 'refuses', number: 1267 },
      },
      {
        setup:
          'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_bin; CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY k (code)) CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci',
        sql: 'CREATE PROCEDURE r() SELECT a.id FROM a, p WHERE a.code = p.code',
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci; CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20) COLLATE utf8mb4_unicode_ci, KEY k (code)) CHARSET=utf8mb4',
        sql: 'CREATE VIEW v AS SELECT a.id FROM a JOIN p ON p.code = a.code',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE p (code VARCHAR(20) PRIMARY KEY) CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci; CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY k (code)) CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci',
        sql: "CREATE VIEW v AS SELECT a.id FROM a, p WHERE p.code = a.code COLLATE utf8mb4_unicode_ci AND a.code = 'x'",
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ statement, before }) =>
    findJoins(statement, before).flatMap(({ sides: [left, right], at }) => {
      const [one, other] = [likelyCollation(left.column), likelyCollation(right.column)]
      if (one === null || other === null || one === other) return []
      const [own, its] = [printColumn(left), printColumn(right)]
      return [
        {
          ...(at === null ? {} : { at }),
          message: {
            en: `${own} has the collation ${one}, and ${its} has ${other}.`,
            zh: `${own} 按 ${one} 比较，而 ${its} 按 ${other} 比较。`,
          },
        },
      ]
    }),
}

function printColumn({ table, column }: JoinedColumn): string {
  return `\`${table.name}\`.\`${column.name}\``
}
