import { findWords } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const zerofillColumn: StatementRule = {
  code: 'ZEROFILL_COLUMN',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  onByDefault: 'strict',
  family: 'types',
  title: { en: '`ZEROFILL`: a deprecated attribute', zh: '已弃用的 `ZEROFILL` 属性' },
  why: {
    en: 'ZEROFILL only changes how clients see the number, makes it UNSIGNED, and has been deprecated since 8.0.17.',
    zh: 'ZEROFILL 只影响客户端看到的数字，还会使列变为 UNSIGNED，自 8.0.17 起已弃用。',
  },
  fix: {
    en: 'Store the plain number and use LPAD in queries, or store codes with leading zeros as CHAR.',
    zh: '请直接存数字，在查询中用 LPAD；带前导零的编码请用 CHAR 存储。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT ZEROFILL)',
        claims: { server: 'warns', number: 1681, since: '8.0.17' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, zerofill INT, code CHAR(6))' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      type !== null && findWords(definition, 'ZEROFILL') > 0 ? { en: 'is ZEROFILL', zh: '使用了 ZEROFILL' } : null,
    ),
}
