import { hasWords, isMark } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const severalPrimaryKeys: StatementRule = {
  code: 'SEVERAL_PRIMARY_KEYS',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: 'More than one primary key', zh: '定义了多个主键' },
  why: {
    en: 'A table has one primary key: the server refuses the statement.',
    zh: '一张表只有一个主键：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Write one PRIMARY KEY on all columns, or use UNIQUE for the other key.',
    zh: '请写一个包含所有列的 PRIMARY KEY，另一个用 UNIQUE。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code CHAR(2), PRIMARY KEY (code))',
        claims: { server: 'refuses', number: 1068 },
      },
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, code CHAR(2) PRIMARY KEY)',
        claims: { server: 'refuses', number: 1068 },
      },
    ],
    clean: [
      { sql: "CREATE TABLE a (id INT, code CHAR(2) COMMENT 'PRIMARY KEY', `primary` INT, PRIMARY KEY (id, code))" },
    ],
  },
  find: ({ tokens, statement }) => {
    let depth = 0
    const found = tokens.flatMap((token, at) => {
      if (isMark(token, '(')) depth += 1
      if (isMark(token, ')')) depth -= 1
      return depth === 1 && hasWords(tokens, at, 'PRIMARY', 'KEY') ? [token] : []
    })
    const table = statement.objects[0]?.name ?? ''
    return found.slice(1).map((at) => ({
      at,
      message: { en: `\`${table}\` has a second primary key.`, zh: `表 \`${table}\` 有第二个主键。` },
    }))
  },
}
