import { typeOf } from '../../ddl/read-parts.ts'
import type { StatementRule } from '../rule.ts'
import { changedTable, columnOf, comparisonsOf } from '../written-conditions.ts'

export const implicitConversion: StatementRule = {
  code: 'IMPLICIT_CONVERSION',
  looksAt: 'statement',
  verbs: ['UPDATE', 'DELETE'],
  severity: 'warning',
  family: 'data-changes',
  title: { en: 'A text column compared with a number', zh: '文本列与数字比较' },
  why: {
    en: "Every row is converted to a number: no index can be used, and '12abc' equals 12.",
    zh: "每一行都要转换成数字：索引无效，且 '12abc' 等于 12。",
  },
  fix: { en: 'Write the value in quotes.', zh: '请给值加上引号。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/type-conversion.html',
  fixtures: {
    found: [
      {
        setup:
          "CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code)); INSERT INTO a VALUES (1, '12'); INSERT INTO a VALUES (2, '12abc')",
        sql: "SET sql_mode = ''; DELETE FROM a WHERE code = 12",
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, code VARCHAR(20), KEY i (code))',
        sql: "DELETE FROM a WHERE code = '12' AND id = 1",
      },
    ],
  },
  find: (subject) => {
    const table = changedTable(subject)
    if (table === null) return []
    return comparisonsOf(subject).flatMap(({ left, right }) => {
      const column = columnOf(left, table) ?? columnOf(right, table)
      const other = columnOf(left, table) === null ? left : right
      const [value, ...more] = other
      if (
        column === null ||
        !/(?:char|text)$/.test(typeOf(column)?.base ?? '') ||
        value?.type !== 'number' ||
        more.length > 0
      )
        return []
      return [
        {
          at: value,
          message: {
            en: `\`${column.name}\` is text and is compared with the number ${value.text}.`,
            zh: `\`${column.name}\` 是文本，却与数字 ${value.text} 比较。`,
          },
        },
      ]
    })
  },
}
