import { findWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const limitWithoutOrder: StatementRule = {
  code: 'LIMIT_WITHOUT_ORDER',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE', 'INSERT', 'REPLACE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: 'A change with `LIMIT` and without `ORDER BY`', zh: '带 `LIMIT` 而没有 `ORDER BY` 的修改' },
  why: {
    en: 'Which rows are changed is left to the optimizer: a replica by statements may change others.',
    zh: '改哪些行由优化器决定：基于语句复制的从库可能改了别的行。',
  },
  fix: { en: 'Add ORDER BY with a unique key.', zh: '请加上唯一键的 ORDER BY。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/replication-features-limit.html',
  fixtures: {
    found: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a WHERE n = 1 LIMIT 10' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'INSERT INTO b (id) SELECT id FROM a LIMIT 10',
      },
    ],
    clean: [
      { sql: 'DELETE FROM a WHERE n = 1 ORDER BY id LIMIT 10' },
      { sql: 'DELETE FROM a WHERE id IN (SELECT id FROM (SELECT id FROM b ORDER BY id LIMIT 3) c)' },
    ],
  },
  find: ({ tokens }) => {
    const at = findWords(tokens, 'LIMIT')
    const limit = tokens[at]
    if (limit === undefined || findWords(tokens, 'ORDER', 'BY') >= 0) return []
    return [
      { at: limit, message: { en: 'Which rows the LIMIT leaves is not defined.', zh: 'LIMIT 留下哪些行没有定义。' } },
    ]
  },
}
