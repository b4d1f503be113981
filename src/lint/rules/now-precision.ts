import { type Clause, hasWords, isMark, isWord } from '../../sql/clauses.ts'
import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const nowPrecision: StatementRule = {
  code: 'NOW_PRECISION',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'error',
  family: 'types',
  title: {
    en: '`CURRENT_TIMESTAMP` with a different precision from the column',
    zh: '`CURRENT_TIMESTAMP` 的小数位与列不同',
  },
  why: {
    en: 'A DATETIME(3) accepts only CURRENT_TIMESTAMP(3): the server refuses any other precision.',
    zh: 'DATETIME(3) 只接受 CURRENT_TIMESTAMP(3)：其他写法服务器都会拒绝。',
  },
  fix: {
    en: 'Write the same number of digits in the type, in DEFAULT and in ON UPDATE.',
    zh: '类型、DEFAULT 和 ON UPDATE 的小数位数请写成一致。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/fractional-seconds.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, at DATETIME(3) DEFAULT CURRENT_TIMESTAMP)',
        claims: { server: 'refuses', number: 1067 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, at DATETIME(6) DEFAULT NOW(6) ON UPDATE CURRENT_TIMESTAMP)',
        claims: { server: 'refuses', number: 1294 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, at DATETIME DEFAULT NOW(), b DATETIME(6) DEFAULT NOW(6) ON UPDATE NOW(6), c DATETIME DEFAULT CURRENT_TIMESTAMP)',
      },
    ],
  },
  find: (subject) =>
    findColumns(subject, ({ type, definition }) => {
      if (type?.base !== 'datetime' && type?.base !== 'timestamp') return null
      const digits = type.arguments[0] ?? '0'
      const other = definition.findIndex((_, at) => isNow(definition, at) && digitsOf(definition, at) !== digits)
      return other < 0
        ? null
        : {
            en: `has ${digits} fractional digits, but CURRENT_TIMESTAMP has ${digitsOf(definition, other)}`,
            zh: `的秒小数位是 ${digits}，而 CURRENT_TIMESTAMP 是 ${digitsOf(definition, other)}`,
          }
    }),
}

/** NOW() and its synonyms after DEFAULT or ON UPDATE, outside an expression. */
function isNow(tokens: Clause, at: number): boolean {
  if (!isWord(tokens[at], 'CURRENT_TIMESTAMP', 'NOW', 'LOCALTIME', 'LOCALTIMESTAMP')) return false
  return isWord(tokens[at - 1], 'DEFAULT') || hasWords(tokens, at - 2, 'ON', 'UPDATE')
}

function digitsOf(tokens: Clause, at: number): string {
  const digits = tokens[at + 2]
  return isMark(tokens[at + 1], '(') && digits?.type === 'number' ? digits.text : '0'
}
