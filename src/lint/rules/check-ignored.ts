import { isAtLeast } from '../../core/version.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import { columnVerbs } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const checkIgnored: StatementRule = {
  code: 'CHECK_IGNORED',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'existing-rows',
  title: {
    en: 'A CHECK constraint on a server before 8.0.16, which ignores it',
    zh: '8.0.16 之前的服务器会忽略检查约束',
  },
  why: {
    en: 'The server parses the constraint and ignores it: invalid rows are stored.',
    zh: '服务器读入后即丢弃：错误的行会被存入。',
  },
  fix: { en: 'Check values in a trigger, or upgrade first.', zh: '请用触发器检查，或先升级。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-check-constraints.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT CHECK (n > 0)); INSERT INTO a VALUES (1, -1)',
        target: '8.0.12',
        claims: { server: 'answers', query: 'SELECT n FROM a', answer: '-1', before: '8.0.16' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT CHECK (n > 0))', target: '8.4.0' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT CHECK (n > 0))' },
    ],
  },
  find: ({ tokens, target }) => {
    const at = tokens.find((token, index) => isWord(token, 'CHECK') && isMark(tokens[index + 1], '('))
    if (at === undefined || target === null || isAtLeast(target, '8.0.16')) return []
    return [
      {
        at,
        message: { en: `MySQL ${target} ignores the CHECK constraint.`, zh: `MySQL ${target} 会忽略该检查约束。` },
      },
    ]
  },
}
