import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const nullComparison: StatementRule = {
  code: 'NULL_COMPARISON',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE', 'INSERT', 'REPLACE', 'SELECT'],
  severity: 'error',
  family: 'data-changes',
  title: { en: 'A comparison with NULL using `=` or `<>`', zh: '用 `=` 或 `<>` 与 NULL 比较' },
  why: { en: 'It is never true: the condition selects no row.', zh: '它永远不为真：该条件选不到任何行。' },
  fix: { en: 'Write IS NULL or IS NOT NULL.', zh: '请写 IS NULL 或 IS NOT NULL。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/working-with-null.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1, NULL)',
        sql: 'DELETE FROM a WHERE n = NULL',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '1' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 1 WHERE id = 1 AND n <> NULL' },
    ],
    clean: [
      { sql: 'UPDATE a SET n = NULL WHERE n <=> NULL AND id = 1' },
      { sql: 'UPDATE a SET n = NULL, m = NULL WHERE id = 1' },
    ],
  },
  find: ({ tokens }) => {
    const where = tokens.findIndex((token) => isWord(token, 'WHERE', 'HAVING', 'ON'))
    const found = tokens.flatMap((token, at) => {
      if (where < 0 || at < where || !isWord(token, 'NULL')) return []
      const [before, first] = [tokens[at - 1], tokens[at - 2]]
      const compares =
        (isMark(before, '=') && !isMark(first, '<') && !isMark(first, ':')) ||
        (isMark(before, '>') && isMark(first, '<'))
      const safe = isMark(before, '>') && isMark(tokens[at - 2], '=')
      return compares && !safe ? [token] : []
    })
    // `ON DUPLICATE KEY UPDATE c = NULL` assigns.
    if (tokens.some((token) => isWord(token, 'DUPLICATE'))) return []
    return found.map((at) => ({
      at,
      message: { en: 'A comparison with NULL is never true.', zh: '与 NULL 的比较永远不为真。' },
    }))
  },
}
