import { isMark, isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import { isNamedAfter } from '../name-parts.ts'
import type { StatementRule } from '../rule.ts'

export const decimalWithoutScale: StatementRule = {
  code: 'DECIMAL_WITHOUT_SCALE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'warning',
  family: 'types',
  title: { en: 'A `DECIMAL` for money without digits after the decimal point', zh: '存放金额的 `DECIMAL` 没有小数位' },
  why: {
    en: 'DECIMAL means DECIMAL(10,0): the server rounds every value to an integer without an error.',
    zh: 'DECIMAL 等于 DECIMAL(10,0)：服务器会把每个值四舍五入成整数，且不报错。',
  },
  fix: {
    en: 'Write the precision and the scale, for example DECIMAL(12,2).',
    zh: '请写明精度和小数位，例如 DECIMAL(12,2)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/fixed-point-types.html',
  options: {
    names: ['price', 'amount', 'balance', 'total', 'fee', 'cost', 'money', 'tax', 'rate', 'salary', 'discount'],
  },
  fixtures: {
    found: [
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, price DECIMAL(6) NOT NULL)' },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, tax_amount DECIMAL NOT NULL); INSERT INTO a VALUES (1, 9.99)',
        claims: { server: 'answers', query: 'SELECT tax_amount FROM a', answer: '10' },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, tax_amount DECIMAL(12,2), big_number DECIMAL(30), amount DECIMAL(12,0))',
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ name, definition }) => {
      const isDecimal = isWord(definition[0], 'DECIMAL', 'NUMERIC', 'DEC', 'FIXED')
      // `DECIMAL(12,0)` means whole numbers.
      const bare = isDecimal && !(isMark(definition[1], '(') && isMark(definition[3], ','))
      return bare && isNamedAfter(name, subject.options['names'])
        ? { en: 'is a DECIMAL without a scale, which holds integers only', zh: '是没有小数位的 DECIMAL，只能存整数' }
        : null
    }),
}
