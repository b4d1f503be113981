import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const viewStar: StatementRule = {
  code: 'VIEW_STAR',
  looksAt: 'statement',
  verbs: ['CREATE VIEW', 'ALTER VIEW'],
  severity: 'warning',
  family: 'compatibility',
  title: { en: 'A view with `SELECT *`', zh: '使用 `SELECT *` 的视图' },
  why: {
    en: 'The server freezes the columns that the table has now: later ones are missing, and a dropped one breaks the view.',
    zh: '服务器会固定当前的列：以后新增的列不会出现，删除列会使视图失效。',
  },
  fix: { en: 'Name the columns.', zh: '请写出列名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-view.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT * FROM a; ALTER TABLE a ADD n INT',
        claims: {
          server: 'answers',
          query: "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'v'",
          answer: '1',
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id, COUNT(*) AS n, id * 2 AS m FROM a GROUP BY id',
      },
    ],
  },
  find: ({ tokens, statement }) => {
    const star = tokens.find(
      (token, at) =>
        isMark(token, '*') && (isWord(tokens[at - 1], 'SELECT', 'DISTINCT', 'ALL') || isMark(tokens[at - 1], '.')),
    )
    const name = statement.objects[0]?.name
    return star === undefined
      ? []
      : [
          {
            at: star,
            message: {
              en: `The view \`${name}\` keeps the current columns.`,
              zh: `视图 \`${name}\` 会固定为当前的列。`,
            },
          },
        ]
  },
}
