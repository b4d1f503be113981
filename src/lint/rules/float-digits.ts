import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const floatDigits: StatementRule = {
  code: 'FLOAT_DIGITS',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  onByDefault: 'strict',
  family: 'types',
  title: {
    en: '`FLOAT(m,d)` or `DOUBLE(m,d)`: deprecated syntax',
    zh: '已弃用的 `FLOAT(m,d)` 或 `DOUBLE(m,d)` 写法',
  },
  why: {
    en: 'The digits do not make the type exact, and the syntax has been deprecated since 8.0.17.',
    zh: '指定位数并不会让该类型变精确，且 MySQL 自 8.0.17 起已弃用此写法。',
  },
  fix: {
    en: 'Write FLOAT or DOUBLE without digits, or DECIMAL(m,d) for exact values.',
    zh: '请写不带位数的 FLOAT 或 DOUBLE；需要精确值时用 DECIMAL(m,d)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, humidity FLOAT(7,2))',
        claims: { server: 'warns', number: 1681, since: '8.0.17' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a ADD humidity DOUBLE(10,4)',
        claims: { server: 'warns', number: 1681, since: '8.0.17' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, humidity FLOAT, n DECIMAL(7,2))' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) =>
      (type?.base === 'float' || type?.base === 'double') && type.arguments.length === 2
        ? { en: 'has digits after its floating-point type', zh: '在浮点类型后指定了位数' }
        : null,
    ),
}
