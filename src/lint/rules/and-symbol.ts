import { isMark } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const andSymbol: StatementRule = {
  code: 'AND_SYMBOL',
  looksAt: 'statement',
  verbs: ['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'SELECT', 'CREATE VIEW'],
  severity: 'warning',
  onByDefault: 'strict',
  family: 'data-changes',
  title: { en: '`&&` for AND: deprecated', zh: '已弃用的 `&&`（表示 AND）' },
  why: {
    en: 'It has been deprecated since 8.0.17 and will be removed.',
    zh: 'MySQL 自 8.0.17 起已弃用它，将来会移除。',
  },
  fix: { en: 'Write AND.', zh: '请写 AND。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/logical-operators.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); UPDATE a SET n = 1 WHERE id = 1 && n = 2',
        claims: { server: 'warns', number: 1287, since: '8.0.17' },
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); UPDATE a SET n = 1 WHERE id=1&&n=2' },
    ],
    clean: [{ sql: 'UPDATE a SET n = 1 WHERE id = 1 AND n & 2 = 2' }],
  },
  find: ({ tokens }) => {
    const at = tokens.findIndex((token, index) => isMark(token, '&') && isMark(tokens[index + 1], '&'))
    const [first, second] = tokens.slice(at, at + 2)
    if (at < 0 || first === undefined || second === undefined) return []
    // `a&&b` needs blanks where the symbol needed none.
    const [before, after] = [
      tokens[at - 1]?.end === first.start ? ' ' : '',
      tokens[at + 2]?.start === second.end ? ' ' : '',
    ]
    const edits = [{ start: first.start, end: second.end, text: `${before}AND${after}` }]
    return [{ at: first, edits, message: { en: '&& is deprecated.', zh: '&& 已弃用。' } }]
  },
}
