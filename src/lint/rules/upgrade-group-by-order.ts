import { isAtLeast } from '../../core/version.ts'
import { hasWords, isWord, outerTokens } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeGroupByOrder: StatementRule = {
  code: 'UPGRADE_GROUP_BY_ORDER',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: '`GROUP BY ... ASC` or `DESC`, which MySQL 8.0.13 removed',
    zh: 'MySQL 8.0.13 已移除的 `GROUP BY ... ASC` 或 `DESC`',
  },
  why: {
    en: 'The next version refuses it as a syntax error, including in views and routines.',
    zh: '目标服务器会当作语法错误拒绝，视图和存储过程中也一样。',
  },
  fix: { en: 'Write ORDER BY.', zh: '请写 ORDER BY。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/select.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE VIEW v AS SELECT n, COUNT(*) AS c FROM a GROUP BY n DESC',
        target: '8.4.0',
        claims: { server: 'refuses', number: 1064, since: '8.0.13' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE VIEW v AS SELECT n, COUNT(*) AS c FROM a GROUP BY n ORDER BY n DESC',
        target: '8.4.0',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ tokens, target }) => {
    if (target === null || !isAtLeast(target, '8.0.13')) return []
    return tokens.flatMap((_, at) => {
      if (!hasWords(tokens, at, 'GROUP', 'BY')) return []
      const rest = outerTokens(tokens.slice(at + 2))
      const end = rest.findIndex(({ token }) =>
        isWord(token, 'ORDER', 'HAVING', 'LIMIT', 'WINDOW', 'UNION', 'WITH', 'INTO', 'FOR'),
      )
      const found = rest.slice(0, end < 0 ? undefined : end).find(({ token }) => isWord(token, 'ASC', 'DESC'))
      return found === undefined
        ? []
        : [
            {
              at: found.token,
              message: {
                en: `GROUP BY no longer accepts ${found.token.text.toUpperCase()}.`,
                zh: `GROUP BY 不再支持 ${found.token.text.toUpperCase()}。`,
              },
            },
          ]
    })
  },
}
