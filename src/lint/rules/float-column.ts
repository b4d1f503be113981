import { readDefinedColumns } from '../../ddl/defined-columns.ts'
import type { StatementRule } from '../rule.ts'

export const floatColumn: StatementRule = {
  code: 'FLOAT_COLUMN',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'hint',
  family: 'types',
  title: {
    en: 'A `FLOAT` or `DOUBLE` column that contains money, judging by its name',
    zh: '`FLOAT` 或 `DOUBLE` 类型的列，而列名表明它存放金额',
  },
  why: {
    en: 'A FLOAT has about 7 digits and rounds silently: sums of prices become inexact, and = rarely finds a value.',
    zh: 'FLOAT 只有约 7 位有效数字，且会静默舍入：金额合计会有误差，用 = 也很难查到值。',
  },
  fix: { en: 'Use DECIMAL(p, s).', zh: '请使用 DECIMAL(p, s)。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/problems-with-float.html',
  options: { names: ['price', 'amount', 'balance', 'total', 'fee', 'cost', 'money'] },
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE orders (id BIGINT PRIMARY KEY, price FLOAT)',
        claims: { server: 'accepts' },
      },
      {
        setup:
          'CREATE TABLE orders (id INT PRIMARY KEY, total DECIMAL(12,2)); INSERT INTO orders VALUES (1, 16777217.25)',
        sql: 'ALTER TABLE orders MODIFY total FLOAT',
        claims: { server: 'answers', query: 'SELECT total = 16777217.25 FROM orders', answer: '0' },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE orders (id BIGINT PRIMARY KEY, price DECIMAL(12,2))' },
      { sql: 'CREATE TABLE readings (id BIGINT PRIMARY KEY, temperature FLOAT)' },
    ],
  },
  find: ({ tokens, options }) => {
    const words = Array.isArray(options['names']) ? options['names'] : []
    return readDefinedColumns(tokens)
      .filter(({ type }) => type?.base === 'float' || type?.base === 'double')
      .filter(({ name }) =>
        name
          .toLowerCase()
          .split('_')
          .some((part) => words.includes(part)),
      )
      .map(({ name, at }) => ({
        at,
        message: { en: `Column \`${name}\` stores rounded values.`, zh: `列 \`${name}\` 存放的是舍入后的值。` },
      }))
  },
}
