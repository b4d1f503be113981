import { isMark, isWord } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { StatementRule } from '../rule.ts'

export const unsafeFunction: StatementRule = {
  code: 'UNSAFE_FUNCTION',
  looksAt: 'statement',
  verbs: ['INSERT', 'UPDATE', 'DELETE', 'REPLACE'],
  severity: 'hint',
  family: 'replication',
  title: {
    en: 'A function whose result differs between servers, in a statement that changes rows',
    zh: '修改数据的语句中使用了各服务器结果不同的函数',
  },
  why: {
    en: 'With binlog_format=STATEMENT a replica computes a different value from the source.',
    zh: '在 binlog_format=STATEMENT 下，从库计算出的值与主库不同。',
  },
  fix: {
    en: 'Use row-based replication, or compute the value first: SET @id = UUID().',
    zh: '请使用基于行的复制，或先算出值：SET @id = UUID()。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/replication-rbr-safe-unsafe.html',
  fixtures: {
    found: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY, c CHAR(36))', sql: 'UPDATE a SET c = UUID() WHERE id = 1' }],
    clean: [
      { sql: 'INSERT INTO version (n) VALUES (1)' },
      { sql: 'INSERT INTO a.user (n) VALUES (1)' },
      { sql: 'REPLACE version (n) VALUES (1)' },
      { sql: 'UPDATE a SET c = NOW() WHERE id = 1' },
      { sql: "UPDATE a SET uuid = 'x' WHERE id = 1" },
    ],
  },
  find: ({ tokens }) => {
    const at = tokens.find((token, index) => isCall(tokens, token, index))
    return at === undefined
      ? []
      : [
          {
            at,
            message: {
              en: `${at.text.toUpperCase()}() returns a different value on each server.`,
              zh: `${at.text.toUpperCase()}() 在每台服务器上的值不同。`,
            },
          },
        ]
  },
}

/** `INSERT INTO version (n)` and `UPDATE t JOIN user (...)` name tables. */
function isCall(tokens: readonly Token[], token: Token, index: number): boolean {
  const before = tokens[index - 1]
  if (!isWord(token, ...unsafe) || !isMark(tokens[index + 1], '(') || isMark(before, '.')) return false
  return !isWord(before, 'INTO', 'INSERT', 'REPLACE', 'IGNORE', 'LOW_PRIORITY', 'HIGH_PRIORITY', 'DELAYED', 'TABLE')
}

const unsafe = [
  'UUID',
  'UUID_SHORT',
  'SYSDATE',
  'RAND',
  'USER',
  'CURRENT_USER',
  'VERSION',
  'FOUND_ROWS',
  'ROW_COUNT',
  'GET_LOCK',
  'RELEASE_LOCK',
  'IS_FREE_LOCK',
  'IS_USED_LOCK',
  'LOAD_FILE',
  'SLEEP',
  'MASTER_POS_WAIT',
  'SOURCE_POS_WAIT',
  'RANDOM_BYTES',
]
