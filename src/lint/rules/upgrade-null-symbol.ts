import { isMark } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeNullSymbol: StatementRule = {
  code: 'UPGRADE_NULL_SYMBOL',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: { en: '`\\N` as NULL, which MySQL 8.0 removed', zh: 'MySQL 8.0 已移除的 `\\N`（表示 NULL）' },
  why: { en: 'The next version refuses it as a syntax error.', zh: '目标服务器会当作语法错误拒绝。' },
  fix: { en: 'Write NULL.', zh: '请写 NULL。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/null-values.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'INSERT INTO a (id, n) VALUES (1, \\N)',
        target: '8.4.0',
        claims: { server: 'refuses', number: 1064 },
      },
    ],
    clean: [{ sql: "INSERT INTO a (id, n) VALUES (1, '\\N'), (2, NULL)", target: '8.4.0' }],
  },
  find: ({ tokens }) => {
    const at = tokens.find((token, index) => isMark(token, '\\') && tokens[index + 1]?.text === 'N')
    return at === undefined
      ? []
      : [{ at, message: { en: 'The next version accepts only the word NULL.', zh: '目标服务器只认 NULL 这个写法。' } }]
  },
}
