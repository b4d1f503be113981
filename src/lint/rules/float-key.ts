import { partsOf, typeOf } from '../../ddl/read-parts.ts'
import { findKnownColumn } from '../../ddl/table.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const floatKey: StatementRule = {
  code: 'FLOAT_KEY',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'warning',
  family: 'keys',
  title: { en: 'A primary or unique key on `FLOAT` or `DOUBLE`', zh: '`FLOAT` 或 `DOUBLE` 上的主键或唯一键' },
  why: {
    en: 'Rounded values are rarely equal: = does not find the row, and duplicates are stored.',
    zh: '舍入后的值很少相等：用 = 查不到行，还会存入重复值。',
  },
  fix: { en: 'Use DECIMAL, or an integer.', zh: '请使用 DECIMAL 或整数。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/problems-with-float.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (price FLOAT PRIMARY KEY); INSERT INTO a VALUES (0.1)',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a WHERE price = 0.1', answer: '0' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, n FLOAT, m DECIMAL(4,1), UNIQUE KEY u (m), KEY i (n))' }],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      if (!index.unique) return null
      const part = partsOf(index).find(({ column }) => {
        const base = column === null ? null : typeOf(findKnownColumn(table, column))?.base
        return base === 'float' || base === 'double'
      })
      return part === undefined
        ? null
        : { en: `contains \`${part.column}\`, a floating-point number`, zh: `包含浮点数列 \`${part.column}\`` }
    }),
}
