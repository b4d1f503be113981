import { isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'
import { defaultOf, fitsDefault } from '../written-default.ts'

export const invalidDefault: StatementRule = {
  code: 'INVALID_DEFAULT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: 'A default that the column cannot store', zh: '列无法存放的默认值' },
  why: {
    en: 'The server refuses a default that is not a value of the type, and DEFAULT NULL for a NOT NULL column.',
    zh: '服务器会拒绝不属于该类型的默认值，以及 NOT NULL 列的 DEFAULT NULL。',
  },
  fix: {
    en: "Write a value of the column's type, or leave the default out.",
    zh: '请写属于该列类型的值，或去掉默认值。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/data-type-defaults.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT '')",
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '2026-02-30')",
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, level VARCHAR(10) NOT NULL DEFAULT NULL)',
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, color ENUM('red','blue') DEFAULT 'green')",
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, code CHAR(2) DEFAULT 'abc')",
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, n TINYINT UNSIGNED DEFAULT 256)',
        claims: { server: 'refuses', number: 1067 },
      },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '2024-02-29')",
        claims: { server: 'accepts' },
      },
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, n INT DEFAULT '0', m DECIMAL(4,2) DEFAULT '1.50', color ENUM('red','blue') DEFAULT 'RED', code CHAR(3) DEFAULT 'abc', k INT DEFAULT -1, v VARCHAR(9) DEFAULT NULL)",
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) => {
      const value = defaultOf(definition)
      if (type === null || value === null) return null
      if (isWord(value[0], 'NULL'))
        return type.nullable ? null : { en: 'is NOT NULL and has the default NULL', zh: '是 NOT NULL，默认值却是 NULL' }
      return fitsDefault(type, value)
        ? null
        : { en: 'has a default that is not a value of its type', zh: '的默认值不属于其类型' }
    }),
}
