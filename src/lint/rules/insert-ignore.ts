import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const insertIgnore: StatementRule = {
  code: 'INSERT_IGNORE',
  looksAt: 'statement',
  verbs: ['INSERT', 'UPDATE'],
  severity: 'warning',
  family: 'data-loss',
  title: {
    en: '`INSERT IGNORE` or `UPDATE IGNORE`, which turn errors into wrong values',
    zh: '把错误变成错误数据的 `INSERT IGNORE` 或 `UPDATE IGNORE`',
  },
  why: {
    en: 'It ignores more than duplicates: values that are too long are truncated, invalid dates become zero, rows that violate a foreign key are skipped.',
    zh: '它忽略的不只是重复：过长的值被截断，错误日期变成零，违反外键的行直接消失。',
  },
  fix: {
    en: 'Write ON DUPLICATE KEY UPDATE id = id, which skips only duplicates.',
    zh: '请写 ON DUPLICATE KEY UPDATE id = id，它只跳过重复行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/insert.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, c CHAR(3)); INSERT IGNORE INTO a (id, c) VALUES (1, 'abcdef')",
        claims: { server: 'answers', query: 'SELECT c FROM a', answer: 'abc' },
      },
      { sql: 'UPDATE IGNORE a SET id = 2 WHERE id = 1' },
    ],
    clean: [{ sql: 'INSERT INTO a (id, `ignore`) VALUES (1, 2) ON DUPLICATE KEY UPDATE id = id' }],
  },
  find: ({ tokens }) => {
    const at = tokens.slice(1, 4).find((token) => isWord(token, 'IGNORE'))
    return at === undefined
      ? []
      : [{ at, message: { en: 'IGNORE turns errors into wrong values.', zh: 'IGNORE 会把错误变成错误的数据。' } }]
  },
}
