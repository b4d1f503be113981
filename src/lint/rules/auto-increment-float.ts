import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const autoIncrementFloat: StatementRule = {
  code: 'AUTO_INCREMENT_FLOAT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'types',
  title: { en: '`AUTO_INCREMENT` on `FLOAT` or `DOUBLE`', zh: '在 `FLOAT` 或 `DOUBLE` 上使用 `AUTO_INCREMENT`' },
  why: {
    en: 'It has been deprecated since 8.0.17, and MySQL 8.4 refuses it: a fresh build of the schema fails there.',
    zh: '自 8.0.17 起已弃用，MySQL 8.4 会拒绝：在那里全新建库会失败。',
  },
  fix: { en: 'Use BIGINT UNSIGNED.', zh: '请使用 BIGINT UNSIGNED。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/numeric-type-attributes.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id DOUBLE AUTO_INCREMENT PRIMARY KEY)',
        claims: [
          { server: 'refuses', number: 1063, since: '8.4.0' },
          { server: 'accepts', before: '8.0.17' },
        ],
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id BIGINT AUTO_INCREMENT PRIMARY KEY, n DOUBLE)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      (type?.base === 'float' || type?.base === 'double') && readColumnAttributes(definition).autoIncrement
        ? { en: 'is a floating-point number with AUTO_INCREMENT', zh: '是带 AUTO_INCREMENT 的浮点数' }
        : null,
    ),
}
