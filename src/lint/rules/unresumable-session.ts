import { isWord } from '../../sql/clauses.ts'
import { isSecretVariable } from '../../sql/mask-passwords.ts'
import { assignsOnly, type Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'

const verbs = ['CREATE TEMPORARY TABLE', 'SET', 'SELECT', 'WITH', 'TABLE', 'VALUES']

/**
 * Session statements run again when a stopped run is resumed; the rows that they read may have changed by then. User variables are excluded: the
 * journal stores their values, unless a name suggests a secret.
 */
export const sessionReads: HazardRule = {
  code: 'UNRESUMABLE_SESSION',
  looksAt: 'plan',
  kind: 'unresumable',
  stops: false,
  severity: 'warning',
  family: 'hygiene',
  title: {
    en: 'A temporary table or session variable filled from a query, which runs again when an interrupted run resumes',
    zh: '用查询结果填充的临时表或会话变量：恢复中断的运行时会再次执行',
  },
  why: {
    en: 'It runs again when an interrupted run resumes, and may then read different rows.',
    zh: '恢复中断的运行时它会再次执行，读到的行可能与第一次不同。',
  },
  fix: {
    en: 'Use the query in the statement that needs it, or store its rows in a table that the migration creates.',
    zh: '请在需要它的语句中直接使用该查询，或把结果存入本迁移创建的表。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-temporary-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'CREATE TEMPORARY TABLE chosen AS SELECT id FROM a',
        claims: { server: 'accepts' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'SET sort_buffer_size = (SELECT MAX(n) FROM a)' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'SET @password = (SELECT MAX(n) FROM a)' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'SET @last = (SELECT MAX(id) FROM a)' },
      { sql: 'SET @last = 5' },
      { sql: 'CREATE TEMPORARY TABLE chosen (id INT PRIMARY KEY)' },
    ],
  },
  find: ({ tokens, statement }) => {
    if (statement.class !== 'session' || !verbs.includes(statement.verb) || !readsTable(tokens)) return []
    if (isKept(statement)) return []
    return [
      {
        message: {
          en: 'It runs again when an interrupted run resumes, and may then read different rows.',
          zh: '恢复中断的运行时它会再次执行，读到的行可能与第一次不同。',
        },
      },
    ]
  },
}

function isKept(statement: Statement): boolean {
  return assignsOnly(statement) && !statement.userVariables.some(isSecretVariable)
}

function readsTable(tokens: readonly Token[]): boolean {
  return (
    tokens.some((token, at) => isWord(token, 'FROM') && at > 0) &&
    tokens.some((token) => isWord(token, 'SELECT', 'TABLE'))
  )
}
