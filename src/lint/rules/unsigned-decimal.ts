import { findWords } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const unsignedDecimal: StatementRule = {
  code: 'UNSIGNED_DECIMAL',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  onByDefault: 'strict',
  family: 'types',
  title: {
    en: '`UNSIGNED` on `DECIMAL`, `FLOAT` or `DOUBLE`: a deprecated attribute',
    zh: '在 `DECIMAL`、`FLOAT`、`DOUBLE` 上使用已弃用的 `UNSIGNED`',
  },
  why: {
    en: 'UNSIGNED for these types has been deprecated since 8.0.17 and will be removed.',
    zh: 'MySQL 自 8.0.17 起已对这些类型弃用 UNSIGNED，将来会移除。',
  },
  fix: {
    en: 'Drop UNSIGNED, and add CHECK (column >= 0) if negative values must be refused.',
    zh: '去掉 UNSIGNED；若必须拒绝负值，请加 CHECK (column >= 0)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, price DECIMAL(10,2) UNSIGNED NOT NULL)',
        claims: { server: 'warns', number: 1681, since: '8.0.17' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT UNSIGNED PRIMARY KEY, price DECIMAL(10,2) NOT NULL)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      type !== null && ['decimal', 'float', 'double'].includes(type.base) && findWords(definition, 'UNSIGNED') > 0
        ? { en: 'is UNSIGNED, although its type is not an integer', zh: '不是整数类型，却使用了 UNSIGNED' }
        : null,
    ),
}
