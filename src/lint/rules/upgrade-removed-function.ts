import { isAtLeast } from '../../core/version.ts'
import { isMark, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'
import { removedFunctions } from '../upgrade/removed-names.ts'

export const upgradeRemovedFunction: StatementRule = {
  code: 'UPGRADE_REMOVED_FUNCTION',
  looksAt: 'statement',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A function that the next server does not have', zh: '目标服务器没有的函数' },
  why: {
    en: 'The statement fails there, or the view, routine or trigger that calls it when it is used.',
    zh: '语句在那里会失败；视图、存储过程或触发器则在使用时失败。',
  },
  fix: {
    en: 'Use SHA2(), AES_ENCRYPT(), ST_ functions or the new names of the replication functions.',
    zh: '请使用 SHA2()、AES_ENCRYPT()、ST_ 系列函数或新的复制函数名。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/added-deprecated-removed.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: "UPDATE a SET c = DES_ENCRYPT('a') WHERE id = 1",
        target: '8.0.11',
        claims: { server: 'refuses', number: 1305 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c VARCHAR(99))',
        sql: "UPDATE a SET c = PASSWORD('a') WHERE id = 1",
        target: '9.7.0',
      },
    ],
    clean: [
      { sql: "UPDATE a SET c = SHA2('a', 256), password = 'x' WHERE id = 1", target: '9.7.0' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, password VARCHAR(99), encode INT)', target: '9.7.0' },
    ],
  },
  find: ({ tokens, target, statement }) =>
    tokens.flatMap((token, at) => {
      const since =
        token.type === 'word' && isMark(tokens[at + 1], '(') && !isMark(tokens[at - 1], '.')
          ? removedFunctions.get(token.text.toUpperCase())
          : undefined
      const isName =
        isWord(tokens[at - 1], 'INTO', 'TABLE', 'KEY', 'INDEX', 'FUNCTION', 'PROCEDURE', 'CALL') ||
        statement.verb === 'SET'
      if (since === undefined || isName || target === null || !isAtLeast(target, since)) return []
      return [
        {
          at: token,
          message: {
            en: `MySQL ${target} has no ${token.text.toUpperCase()}().`,
            zh: `MySQL ${target} 没有 ${token.text.toUpperCase()}()。`,
          },
        },
      ]
    }),
}
