import { hasWords } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

/** MariaDB accepts these words in every change of a table; files that were written for it bring them to MySQL. */
export const ifExistsRefused: StatementRule = {
  code: 'IF_EXISTS_REFUSED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX'],
  parts: 'both',
  severity: 'error',
  family: 'known-objects',
  title: {
    en: '`IF EXISTS` or `IF NOT EXISTS` of a column or an index, which MariaDB has and MySQL does not',
    zh: '列或索引上的 `IF EXISTS`、`IF NOT EXISTS`：MariaDB 的语法，MySQL 不支持',
  },
  why: {
    en: 'MySQL refuses the statement as a syntax error.',
    zh: 'MySQL 会当作语法错误拒绝该语句。',
  },
  fix: {
    en: 'Leave it out: a migration runs once, after all before it, so that it is known what exists.',
    zh: '请去掉它：迁移按顺序只执行一次，执行时哪些对象存在是确定的。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP INDEX IF EXISTS by_n',
        claims: { server: 'refuses', number: 1064 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a ADD COLUMN IF NOT EXISTS n INT',
        claims: { server: 'refuses', number: 1064 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE INDEX IF NOT EXISTS by_n ON a (n)',
        claims: { server: 'refuses', number: 1064 },
      },
    ],
    clean: [
      { sql: 'CREATE TABLE IF NOT EXISTS a (id INT PRIMARY KEY)' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, `if` INT)',
        sql: 'ALTER TABLE a RENAME COLUMN `if` TO `exists`',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.find(
      (_, index) => hasWords(tokens, index, 'IF', 'EXISTS') || hasWords(tokens, index, 'IF', 'NOT', 'EXISTS'),
    )
    return at === undefined
      ? []
      : [
          {
            at,
            message: {
              en: 'MySQL has no condition here: the statement is a syntax error.',
              zh: 'MySQL 在此处不支持条件：该语句有语法错误。',
            },
          },
        ]
  },
}
