import type { HazardRule } from '../rule.ts'
import { describeTaken, risksOldRows } from '../taken-rows.ts'

export const deleteAllRows: HazardRule = {
  code: 'DELETE_ALL_ROWS',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`DELETE` without `WHERE`, or with a condition that is true for every row or is not known to exclude any, on tables or through a view (`LIMIT` and `JOIN ... ON` do not count as conditions)',
    zh: '没有 `WHERE`、`WHERE` 对每一行都成立或无法证明会排除某一行的 `DELETE`，包括通过视图的（`LIMIT` 和 `JOIN ... ON` 不算条件）',
  },
  why: {
    en: 'It deletes every row of the table. A condition that is always true does not select anything.',
    zh: '它会删除表中的所有行；永远成立的条件看似有所选择，其实没有。',
  },
  fix: { en: 'Add a WHERE that selects the rows to delete.', zh: '请加上能选出待删除行的 WHERE。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/delete.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'DELETE FROM a WHERE 1 = 1',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DELETE FROM a LIMIT 10' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'DELETE FROM a WHERE id IN (SELECT id FROM (SELECT * FROM a) AS z)',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'DELETE FROM a WHERE id = 1',
      },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY); DELETE FROM b' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (statement.verb !== 'DELETE') return []
    const taken = describeTaken(tokens, 'DELETE', statement, context)
    if (taken === null || !risksOldRows(tokens, statement, 'DELETE', context)) return []
    return [
      {
        message: { en: `${taken.en} deletes all rows.`, zh: `${taken.zh}删除所有行。` },
      },
    ]
  },
}
