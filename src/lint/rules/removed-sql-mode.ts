import { readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'
import { removedModes } from '../upgrade/removed-names.ts'

export const removedSqlMode: StatementRule = {
  code: 'REMOVED_SQL_MODE',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'error',
  family: 'options',
  title: { en: 'An `sql_mode` that no longer exists in MySQL 8', zh: 'MySQL 8 已不存在的 `sql_mode`' },
  why: { en: 'The server refuses the statement.', zh: '服务器会拒绝该语句。' },
  fix: { en: 'Leave the mode out.', zh: '请去掉该模式。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-mode.html',
  fixtures: {
    found: [
      { sql: "SET sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER'", claims: { server: 'refuses', number: 1231 } },
    ],
    clean: [{ sql: "SET sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE'" }],
  },
  find: ({ tokens }) =>
    readAssignments(tokens).flatMap(({ name, value }) => {
      const found =
        name === 'sql_mode'
          ? value
              .flatMap(({ type, text }) => (type === 'string' ? text.toUpperCase().split(',') : []))
              .find((mode) => removedModes.has(mode.trim()))
          : undefined
      return found === undefined
        ? []
        : [{ message: { en: `MySQL 8 has no sql_mode ${found}.`, zh: `MySQL 8 没有 sql_mode ${found}。` } }]
    }),
}
