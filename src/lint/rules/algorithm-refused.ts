import { readAlterations, readOption } from '../../sql/clauses.ts'
import { tableBefore } from '../find-keys.ts'
import { offlineAlgorithm } from '../offline-algorithm.ts'
import type { StatementRule } from '../rule.ts'

export const algorithmRefused: StatementRule = {
  code: 'ALGORITHM_REFUSED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'error',
  family: 'blocking',
  title: {
    en: 'An `ALGORITHM` or `LOCK` that the server does not support for the change',
    zh: '服务器无法满足的 `ALGORITHM` 或 `LOCK`',
  },
  why: {
    en: 'The server refuses the statement instead of using a slower algorithm.',
    zh: '服务器不会改用较慢的方式，而是拒绝该语句。',
  },
  fix: {
    en: 'Request an algorithm that the change supports, or move the change that does not support it to a separate statement.',
    zh: '请写该变更支持的算法，或把不支持的变更拆出去。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a MODIFY n BIGINT, ALGORITHM=INPLACE',
        claims: { server: 'refuses', number: 1846 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD KEY i (n), ALGORITHM=INSTANT',
        claims: { server: 'refuses', number: 1845 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT)',
        sql: 'ALTER TABLE a ADD FULLTEXT KEY f (body), LOCK=NONE',
        claims: { server: 'refuses', number: 1846 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT) ROW_FORMAT=COMPRESSED',
        sql: 'ALTER TABLE a ADD c INT, ALGORITHM=INSTANT',
        claims: { server: 'refuses', number: 1845 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT) ROW_FORMAT=COMPRESSED',
        sql: 'ALTER TABLE a DROP n, ALGORITHM=INSTANT',
        claims: { server: 'refuses', number: 1845 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT, FULLTEXT KEY f (body))',
        sql: 'ALTER TABLE a ADD c INT, ALGORITHM=INPLACE',
        claims: { server: 'refuses', number: 1846 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, body TEXT, FULLTEXT KEY f (body))',
        sql: 'ALTER TABLE a DROP n, ALGORITHM=INSTANT',
        claims: { server: 'refuses', number: 1846 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, body TEXT, FULLTEXT KEY f (body)) ROW_FORMAT=COMPRESSED',
        sql: 'ALTER TABLE a ADD c INT AS (id + 1) VIRTUAL, ALGORITHM=INSTANT',
        claims: { server: 'accepts' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, c INT AS (id + 1) VIRTUAL)',
        sql: 'ALTER TABLE a DROP c, ALGORITHM=INSTANT',
        target: '8.0.12',
        claims: { server: 'accepts' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD c INT, ALGORITHM=INSTANT' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD KEY i (n), ALGORITHM=INPLACE, LOCK=NONE',
      },
    ],
  },
  find: (subject) => {
    const wanted = readOption(subject.tokens, 'ALGORITHM')
    const lock = readOption(subject.tokens, 'LOCK')
    const clauses = readAlterations(subject.tokens)
    const facts = { table: tableBefore(subject), version: subject.target }
    const answers = clauses.flatMap((clause) => offlineAlgorithm(clause, clauses, facts) ?? [])
    const slow = answers.find(
      ({ algorithm, blocksWrites }) =>
        speed.indexOf(algorithm) > speed.indexOf(wanted ?? 'COPY') || (blocksWrites && lock === 'NONE'),
    )
    if (slow === undefined) return []
    const how = speed.indexOf(slow.algorithm) > speed.indexOf(wanted ?? 'COPY') ? `ALGORITHM=${wanted}` : `LOCK=${lock}`
    return [
      {
        message: {
          en: `The change needs ${slow.algorithm}, so ${how} is refused.`,
          zh: `该变更需要 ${slow.algorithm}，因此 ${how} 会被拒绝。`,
        },
      },
    ]
  },
}

const speed = ['INSTANT', 'INPLACE', 'COPY']
