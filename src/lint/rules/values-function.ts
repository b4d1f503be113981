import { isAtLeast } from '../../core/version.ts'
import { hasWords, isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const valuesFunction: StatementRule = {
  code: 'VALUES_FUNCTION',
  looksAt: 'statement',
  verbs: ['INSERT'],
  severity: 'warning',
  family: 'data-changes',
  title: {
    en: '`VALUES()` in `ON DUPLICATE KEY UPDATE`: deprecated',
    zh: '在 `ON DUPLICATE KEY UPDATE` 中使用已弃用的 `VALUES()`',
  },
  why: {
    en: 'It has been deprecated since 8.0.20 and will be removed.',
    zh: 'MySQL 自 8.0.20 起已弃用它，将来会移除。',
  },
  fix: {
    en: 'Give the row an alias: INSERT ... VALUES (...) AS new ON DUPLICATE KEY UPDATE c = new.c (from 8.0.19 on).',
    zh: '请给行起名：INSERT ... VALUES (...) AS new ON DUPLICATE KEY UPDATE c = new.c（8.0.19 起）。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/insert-on-duplicate.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 2) ON DUPLICATE KEY UPDATE n = VALUES(n)',
        claims: { server: 'warns', number: 1287, since: '8.0.20' },
      },
    ],
    clean: [{ sql: 'INSERT INTO a (id, n) VALUES (1, 2) ON DUPLICATE KEY UPDATE n = n + 1' }],
  },
  find: ({ tokens, target }) => {
    const from = tokens.findIndex((_, at) => hasWords(tokens, at, 'ON', 'DUPLICATE', 'KEY'))
    const at = tokens.find(
      (token, index) => from >= 0 && index > from && isWord(token, 'VALUES') && isMark(tokens[index + 1], '('),
    )
    if (at === undefined || (target !== null && !isAtLeast(target, '8.0.20'))) return []
    return [{ at, message: { en: 'VALUES() is deprecated.', zh: 'VALUES() 已弃用。' } }]
  },
}
