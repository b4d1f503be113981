import { hasWords, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const functionNotDeclared: StatementRule = {
  code: 'FUNCTION_NOT_DECLARED',
  looksAt: 'statement',
  verbs: ['CREATE FUNCTION'],
  severity: 'error',
  family: 'stored-code',
  title: { en: 'A function without a data access characteristic', zh: '没有声明数据访问特性的函数' },
  why: {
    en: 'With the binary log on, the default, the server refuses it with error 1418.',
    zh: '在默认开启二进制日志时，服务器会以错误 1418 拒绝。',
  },
  fix: {
    en: 'Write DETERMINISTIC, NO SQL or READS SQL DATA, whichever is true.',
    zh: '请如实写明 DETERMINISTIC、NO SQL 或 READS SQL DATA。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/stored-programs-logging.html',
  fixtures: {
    found: [{ sql: 'CREATE FUNCTION f() RETURNS INT RETURN 1' }],
    clean: [
      { sql: 'CREATE FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1' },
      { sql: 'CREATE FUNCTION f() RETURNS INT READS SQL DATA RETURN (SELECT 1)' },
    ],
  },
  find: ({ tokens, statement }) => {
    if (tokens.some((token) => isWord(token, 'SONAME'))) return []
    const declares =
      tokens.some((token, at) => isWord(token, 'DETERMINISTIC') && !isWord(tokens[at - 1], 'NOT')) ||
      tokens.some((_, at) => hasWords(tokens, at, 'NO', 'SQL') || hasWords(tokens, at, 'READS', 'SQL'))
    const name = statement.objects[0]?.name
    return declares
      ? []
      : [
          {
            message: {
              en: `The function \`${name}\` has no data access characteristic.`,
              zh: `函数 \`${name}\` 没有声明数据访问特性。`,
            },
          },
        ]
  },
}
