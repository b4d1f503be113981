import { inParentheses, isMark, isWord } from '../../sql/clauses.ts'
import { namesChangingFunction } from '../changing-functions.ts'
import { columnVerbs } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const checkNotFixed: StatementRule = {
  code: 'CHECK_NOT_FIXED',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: {
    en: 'A CHECK constraint with a nondeterministic function, such as `NOW()`',
    zh: '检查约束使用了结果会变化的函数，例如 `NOW()`',
  },
  why: {
    en: 'A CHECK constraint allows only deterministic functions: since 8.0.16 the server refuses the statement.',
    zh: '检查约束只允许结果固定的函数：从 8.0.16 起服务器会拒绝该语句。',
  },
  fix: { en: 'Check the value in a trigger or in the application.', zh: '请在触发器或应用中检查。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-check-constraints.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, day DATE, CHECK (day < NOW()))',
        claims: { server: 'refuses', number: 3814, since: '8.0.16' },
      },
    ],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, day DATE, CHECK (day > '2000-01-01'))" }],
  },
  find: ({ tokens }) =>
    tokens.flatMap((token, at) => {
      if (!isWord(token, 'CHECK') || !isMark(tokens[at + 1], '(')) return []
      const found = namesChangingFunction(inParentheses(tokens, at + 1))
      if (found === null) return []
      return [
        {
          at: token,
          message: {
            en: `The CHECK constraint uses ${found}(), which is nondeterministic.`,
            zh: `检查约束使用了 ${found}()，而其结果会变化。`,
          },
        },
      ]
    }),
}
