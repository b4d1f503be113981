import { isMark, isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const yearWidth: StatementRule = {
  code: 'YEAR_WIDTH',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  onByDefault: 'strict',
  family: 'types',
  title: { en: '`YEAR(4)`: deprecated syntax', zh: '已弃用的 `YEAR(4)` 写法' },
  why: {
    en: 'The width has no meaning and has been deprecated since 8.0.19.',
    zh: '该宽度没有意义，自 8.0.19 起已弃用。',
  },
  fix: { en: 'Write YEAR.', zh: '请写 YEAR。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/year.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, built YEAR(4))',
        claims: { server: 'warns', number: 1287, since: '8.0.19' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, built YEAR)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ definition: [type, open] }) =>
      isWord(type, 'YEAR') && isMark(open, '(') ? { en: 'has a width after YEAR', zh: '在 YEAR 后指定了宽度' } : null,
    ),
}
