import { followStrictMode } from '../../ddl/apply-statement.ts'
import type { StatementRule } from '../rule.ts'

export const nonStrictMode: StatementRule = {
  code: 'NON_STRICT_MODE',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'error',
  family: 'data-loss',
  title: { en: 'An `sql_mode` that is not strict', zh: '非严格的 `sql_mode`' },
  why: {
    en: 'Values that do not fit are truncated or become 0, with a warning that no migration shows.',
    zh: '放不下的值会被截断或变成 0，只产生迁移看不到的警告。',
  },
  fix: {
    en: "Leave the mode to wwdb, or add to it: SET sql_mode = CONCAT(@@sql_mode, ',...').",
    zh: "请交给 wwdb，或在其上追加：SET sql_mode = CONCAT(@@sql_mode, ',...')。",
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-mode.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, c CHAR(3)); SET sql_mode = ''; INSERT INTO a VALUES (1, 'abcdef')",
        claims: { server: 'answers', query: 'SELECT c FROM a', answer: 'abc' },
      },
    ],
    clean: [{ sql: "SET sql_mode = CONCAT(@@sql_mode, ',PIPES_AS_CONCAT')" }, { sql: "SET sql_mode = 'TRADITIONAL'" }],
  },
  find: ({ statement }) =>
    followStrictMode(true, statement)
      ? []
      : [{ message: { en: 'Values that do not fit are truncated from here on.', zh: '从此处起放不下的值会被截断。' } }],
}
