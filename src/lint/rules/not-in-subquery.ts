import { findObject } from '../../ddl/schema.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { hasWords, isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const notInSubquery: StatementRule = {
  code: 'NOT_IN_SUBQUERY',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE', 'INSERT'],
  severity: 'hint',
  family: 'data-changes',
  title: { en: '`NOT IN` with a subquery that may return NULL', zh: '对可能返回 NULL 的子查询使用 `NOT IN`' },
  why: {
    en: 'One NULL in the list makes the condition never true: no row is selected.',
    zh: '列表中只要有一个 NULL，条件就永远不为真：选不到任何行。',
  },
  fix: { en: 'Write NOT EXISTS, or exclude NULLs in the query.', zh: '请写 NOT EXISTS，或在子查询中排除 NULL。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/any-in-some-subqueries.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY, b_id INT); CREATE TABLE b (id INT PRIMARY KEY, a_id INT NULL); INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, NULL)',
        sql: 'DELETE FROM a WHERE id NOT IN (SELECT a_id FROM b)',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '1' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY, a_id INT NOT NULL)',
        sql: 'DELETE FROM a WHERE id NOT IN (SELECT a_id FROM b)',
      },
      { sql: 'DELETE FROM a WHERE id NOT IN (1, 2)' },
    ],
  },
  find: ({ tokens, before }) =>
    tokens.flatMap((token, at) => {
      if (!hasWords(tokens, at, 'NOT', 'IN') || !isMark(tokens[at + 2], '(') || !isWord(tokens[at + 3], 'SELECT'))
        return []
      const [column, from, table] = [tokens[at + 4], tokens[at + 5], tokens[at + 6]]
      const found =
        isWord(from, 'FROM') && table !== undefined ? findObject(before, { schema: null, name: table.text }) : null
      const isNullable = found?.type === 'table' && findKnownColumn(found.table, column?.text ?? '')?.nullable === true
      const excludes = tokens.some((each, index) => index > at && isWord(each, 'NULL'))
      if (!isNullable || excludes) return []
      return [
        {
          at: token,
          message: {
            en: `\`${column?.text}\` may be NULL, in which case no row is selected.`,
            zh: `\`${column?.text}\` 可能为 NULL，那样就选不到任何行。`,
          },
        },
      ]
    }),
}
