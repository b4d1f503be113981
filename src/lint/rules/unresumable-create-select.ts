import { isAtLeast } from '../../core/version.ts'
import { isWord, outerTokens } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

/** Atomic since MySQL 8.0.21 (release notes); before that, a crash may leave the table empty or incomplete. */
export const createTableSelect: HazardRule = {
  code: 'UNRESUMABLE_CREATE_SELECT',
  looksAt: 'plan',
  kind: 'unresumable',
  stops: false,
  severity: 'warning',
  family: 'hygiene',
  title: {
    en: '`CREATE TABLE ... SELECT` on a server before 8.0.21, where it is not atomic',
    zh: '在 8.0.21 之前的服务器上执行 `CREATE TABLE ... SELECT`（不是原子操作）',
  },
  why: {
    en: 'The server creates and fills the table in two steps: after an interruption the table may be empty or incomplete.',
    zh: '服务器分两步创建并填充该表：中断之后该表可能为空或不完整。',
  },
  fix: {
    en: 'Write CREATE TABLE and INSERT ... SELECT as two statements.',
    zh: '请写成 CREATE TABLE 和 INSERT ... SELECT 两条语句。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-select.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TABLE b (id INT PRIMARY KEY) SELECT id FROM a',
        target: '8.0.12',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TABLE b (id INT PRIMARY KEY) SELECT id FROM a',
        target: '9.7.0',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b (id) SELECT id FROM a',
        target: '8.0.12',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const { serverVersion } = context
    const isOld = serverVersion !== undefined && !isAtLeast(serverVersion, '8.0.21')
    if (statement.verb !== 'CREATE TABLE' || !isOld) return []
    if (!outerTokens(tokens).some(({ token }) => isWord(token, 'SELECT', 'TABLE', 'VALUES') && token !== tokens[1]))
      return []
    return [
      {
        message: {
          en: 'This server creates and fills the table in two steps: after an interruption the table may be empty or incomplete.',
          zh: '这台服务器分两步创建并填充该表：中断之后该表可能为空或不完整。',
        },
      },
    ]
  },
}
