import { isMark, isWord, outerTokens } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const setWithAnd: StatementRule = {
  code: 'SET_WITH_AND',
  looksAt: 'statement',
  verbs: ['UPDATE'],
  severity: 'error',
  family: 'data-changes',
  title: { en: '`AND` between assignments of an `UPDATE`', zh: '`UPDATE` 的赋值之间写了 `AND`' },
  why: {
    en: 'SET a = 1 AND b = 2 is one assignment: a becomes the result of the comparison, 0 or 1, and b stays.',
    zh: 'SET a = 1 AND b = 2 是一个赋值：a 变为比较的结果 0 或 1，b 不变。',
  },
  fix: { en: 'Separate assignments by commas.', zh: '请用逗号分隔赋值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/update.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT); INSERT INTO a VALUES (1, 5, 5)',
        sql: 'UPDATE a SET n = 7 AND m = 8 WHERE id = 1',
        claims: { server: 'answers', query: 'SELECT n, m FROM a', answer: '0,5' },
      },
    ],
    clean: [
      { sql: 'UPDATE a SET n = 7, m = 8 WHERE id = 1 AND n = 2' },
      { sql: 'UPDATE a SET n = (m = 1 AND id = 2), m = IF(n = 1 AND m = 2, 3, 4) WHERE id = 1' },
      { sql: 'UPDATE a SET n = CASE WHEN m = 1 AND n = 2 THEN 1 ELSE 0 END, m = n BETWEEN 1 AND 2 WHERE id = 1' },
    ],
  },
  find: ({ tokens }) => {
    const outer = outerTokens(tokens)
    const set = outer.findIndex(({ token }) => isWord(token, 'SET'))
    const end = outer.findIndex(({ token }, index) => index > set && isWord(token, 'WHERE', 'ORDER', 'LIMIT'))
    const part = outer.slice(set + 1, end < 0 ? undefined : end)
    if (set < 0 || part.some(({ token }) => isWord(token, 'CASE', 'BETWEEN'))) return []
    const and = part.find(({ token, at }) => isWord(token, 'AND') && isMark(tokens[at + 2], '='))
    return and === undefined
      ? []
      : [{ at: and.token, message: { en: 'AND turns two assignments into one.', zh: 'AND 把两个赋值变成了一个。' } }]
  },
}
