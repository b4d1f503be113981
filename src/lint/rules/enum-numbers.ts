import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const enumNumbers: StatementRule = {
  code: 'ENUM_NUMBERS',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'types',
  title: {
    en: 'An `ENUM` with digits as values, which are easily confused with its index numbers',
    zh: '由数字组成的 `ENUM`，容易与其内部序号混淆',
  },
  why: {
    en: "`column = 1` compares with the index number, `column = '1'` with the value: for ENUM('0','1') these differ.",
    zh: "`column = 1` 比较的是序号，`column = '1'` 比较的是值：对 ENUM('0','1') 两者不同。",
  },
  fix: { en: 'Use TINYINT UNSIGNED, or words as values.', zh: '请使用 TINYINT UNSIGNED，或用单词作为取值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/enum.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, floor ENUM('0','1','2')); INSERT INTO a VALUES (1, 1)",
        claims: { server: 'answers', query: 'SELECT floor FROM a', answer: '0' },
      },
    ],
    clean: [{ sql: "CREATE TABLE a (id INT PRIMARY KEY, size ENUM('s','m','4xl'))" }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) =>
      type?.base === 'enum' && type.arguments.some((value) => /^\d+$/.test(value))
        ? { en: 'is an ENUM with digits as values', zh: '是以数字为取值的 ENUM' }
        : null,
    ),
}
