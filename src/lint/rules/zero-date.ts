import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'
import { defaultOf } from '../written-default.ts'

export const zeroDate: StatementRule = {
  code: 'ZERO_DATE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: { en: "A default of `'0000-00-00'`", zh: "默认值为 `'0000-00-00'`" },
  why: {
    en: 'The strict mode that wwdb sets refuses zero dates: the statement fails, and so does every copy of the table.',
    zh: 'wwdb 固定的严格模式拒绝零日期：语句会失败，之后重建该表也会失败。',
  },
  fix: { en: 'Allow NULL, or use DEFAULT CURRENT_TIMESTAMP.', zh: '请允许 NULL，或使用 DEFAULT CURRENT_TIMESTAMP。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-mode.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, at DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00')",
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '0000-00-00')",
        claims: { server: 'refuses', number: 1067 },
      },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, at DATETIME NULL, day DATE NOT NULL DEFAULT '2000-01-01', code CHAR(10) DEFAULT '0000-00-00')",
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) => {
      const [value] = defaultOf(definition) ?? []
      const isDate = type !== null && ['date', 'datetime', 'timestamp'].includes(type.base)
      return isDate && value !== undefined && /^(?:0000-00-00|\d{4}-00-|\d{4}-\d\d-00|0$)/.test(value.text)
        ? { en: 'has a zero date as its default', zh: '的默认值是零日期' }
        : null
    }),
}
