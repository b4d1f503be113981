import { readColumnAttributes } from '../../ddl/column-attributes.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const signedAutoIncrement: StatementRule = {
  code: 'SIGNED_AUTO_INCREMENT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  onByDefault: 'strict',
  family: 'types',
  title: {
    en: '`AUTO_INCREMENT` on a signed `INT`, which wastes half of its range',
    zh: '在有符号 `INT` 上使用 `AUTO_INCREMENT`，浪费一半编号',
  },
  why: {
    en: 'AUTO_INCREMENT does not use negative numbers: a signed INT ends at 2147483647, and changing it later copies the table.',
    zh: 'AUTO_INCREMENT 不产生负数：有符号 INT 止于 2147483647，以后修改要复制整张表。',
  },
  fix: {
    en: 'Use BIGINT UNSIGNED, or INT UNSIGNED for a table that stays small.',
    zh: '请用 BIGINT UNSIGNED；始终很小的表可用 INT UNSIGNED。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/integer-types.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY); INSERT INTO a VALUES (2147483647); INSERT INTO a VALUES (NULL)',
        claims: { server: 'refuses', number: 1062 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE a (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, n INT)' },
      { sql: 'CREATE TABLE a (id BIGINT AUTO_INCREMENT PRIMARY KEY)' },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) =>
      type?.base === 'int' && !type.unsigned && readColumnAttributes(definition).autoIncrement
        ? { en: 'is a signed INT with AUTO_INCREMENT', zh: '是带 AUTO_INCREMENT 的有符号 INT' }
        : null,
    ),
}
