import { isMark, isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'
import { defaultOf } from '../written-default.ts'

export const textDefault: StatementRule = {
  code: 'TEXT_DEFAULT',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: {
    en: 'A literal default for a `TEXT`, `BLOB`, `JSON` or `GEOMETRY` column',
    zh: '`TEXT`、`BLOB`、`JSON`、`GEOMETRY` 列的字面默认值',
  },
  why: {
    en: 'These types do not allow a literal default: the server refuses the statement.',
    zh: '这些类型不接受字面默认值：服务器会拒绝该语句。',
  },
  fix: {
    en: "Write an expression in parentheses, DEFAULT (''), from 8.0.13 on, or leave the default out.",
    zh: "从 8.0.13 起可写括号中的表达式 DEFAULT ('')，或去掉默认值。",
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/data-type-defaults.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, body TEXT NOT NULL DEFAULT '')",
        claims: { server: 'refuses', number: 1101 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: "ALTER TABLE a ADD data JSON DEFAULT '{}'",
        claims: { server: 'refuses', number: 1101 },
      },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, body TEXT DEFAULT (''), data JSON DEFAULT NULL, code VARCHAR(9) DEFAULT '')",
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) => {
      const [value] = defaultOf(definition) ?? []
      if (type === null || value === undefined || isMark(value, '(') || isWord(value, 'NULL')) return null
      return /(?:text|blob)$|^(?:json|geometry|point|linestring|polygon)$/.test(type.base)
        ? {
            en: `is ${type.base.toUpperCase()} and cannot have a literal default`,
            zh: `是 ${type.base.toUpperCase()}，不能有字面默认值`,
          }
        : null
    }),
}
