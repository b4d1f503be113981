import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const autoIncrementType: StatementRule = {
  code: 'AUTO_INCREMENT_TYPE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: '`AUTO_INCREMENT` on a column that is not a number', zh: '在非数字列上使用 `AUTO_INCREMENT`' },
  why: {
    en: 'Only integers and, before 8.4, floating-point numbers can have AUTO_INCREMENT: the server refuses the statement.',
    zh: '只有整数（8.4 之前还有浮点数）可以使用 AUTO_INCREMENT：服务器会拒绝该语句。',
  },
  fix: { en: 'Use BIGINT UNSIGNED.', zh: '请使用 BIGINT UNSIGNED。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/example-auto-increment.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id VARCHAR(20) AUTO_INCREMENT PRIMARY KEY)',
        claims: { server: 'refuses', number: 1063 },
      },
      {
        sql: 'CREATE TABLE a (id DECIMAL(10) AUTO_INCREMENT PRIMARY KEY)',
        claims: { server: 'refuses', number: 1063 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id BIGINT AUTO_INCREMENT PRIMARY KEY)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      type !== null && !numbers.includes(type.base) && readColumnAttributes(definition).autoIncrement
        ? {
            en: `is a ${type.base.toUpperCase()}, which cannot have AUTO_INCREMENT`,
            zh: `是 ${type.base.toUpperCase()}，不能使用 AUTO_INCREMENT`,
          }
        : null,
    ),
}

const numbers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'float', 'double', 'serial']
