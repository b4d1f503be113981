import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeEmptyQualifier: StatementRule = {
  code: 'UPGRADE_EMPTY_QUALIFIER',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A table name that starts with a dot, `FROM .t`, which MySQL 8.0 removed',
    zh: 'MySQL 8.0 已移除的以点开头的表名 `FROM .t`',
  },
  why: { en: 'The next version refuses it as a syntax error.', zh: '目标服务器会当作语法错误拒绝。' },
  fix: { en: 'Leave the dot out.', zh: '请去掉点。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/identifiers.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        sql: 'DELETE FROM .a WHERE id = 1',
        target: '8.4.0',
        claims: { server: 'refuses', number: 1064 },
      },
    ],
    clean: [{ sql: 'DELETE FROM app.a WHERE id = 1', target: '8.4.0' }],
  },
  find: ({ tokens }) => {
    const at = tokens.find(
      (token, index) => isMark(token, '.') && isWord(tokens[index - 1], 'FROM', 'INTO', 'UPDATE', 'JOIN', 'TABLE'),
    )
    return at === undefined ? [] : [{ at, message: { en: 'The table name starts with a dot.', zh: '表名以点开头。' } }]
  },
}
