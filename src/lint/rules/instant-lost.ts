import { readAlterations } from '../../sql/clauses.ts'
import { tableBefore } from '../find-keys.ts'
import { offlineAlgorithm } from '../offline-algorithm.ts'
import type { StatementRule } from '../rule.ts'

export const instantLost: StatementRule = {
  code: 'INSTANT_LOST',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'warning',
  family: 'blocking',
  title: {
    en: 'An instant change combined in one statement with one that rewrites the table',
    zh: '只改数据字典的变更与重写表的变更写在同一条语句中',
  },
  why: {
    en: 'The whole statement uses the slowest algorithm: the instant change waits for the copy.',
    zh: '整条语句采用最慢的算法：本可瞬间完成的变更要等复制结束。',
  },
  fix: {
    en: 'Write the instant changes as a separate statement, with ALGORITHM=INSTANT.',
    zh: '请把可瞬间完成的变更单独写成带 ALGORITHM=INSTANT 的语句。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD c INT, MODIFY n BIGINT',
        claims: { server: 'copies' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD c INT, ROW_FORMAT=COMPRESSED',
        claims: { server: 'rebuilds' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD c INT, ADD d INT' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD c INT, MODIFY n BIGINT' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD c INT, ADD KEY i (c)' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT) ROW_FORMAT=COMPRESSED',
        sql: 'ALTER TABLE a ADD c INT, ROW_FORMAT=DYNAMIC',
        claims: { server: 'rebuilds' },
      },
    ],
  },
  find: (subject) => {
    const clauses = readAlterations(subject.tokens)
    const facts = { table: tableBefore(subject), version: subject.target }
    const answers = clauses.map((clause) => offlineAlgorithm(clause, clauses, facts))
    const table = subject.statement.objects[0]
    const isInstant = answers.some((answer) => answer?.algorithm === 'INSTANT')
    if (table === undefined || subject.isNew(table) || !isInstant) return []
    if (answers.some((answer) => answer?.algorithm === 'COPY'))
      return [
        {
          message: {
            en: `An instant change of \`${table.name}\` waits for a copy of the table.`,
            zh: `对 \`${table.name}\` 的瞬时变更要等待整表复制。`,
          },
        },
      ]
    if (!answers.some((answer) => answer?.rebuilds === true)) return []
    return [
      {
        message: {
          en: `An instant change of \`${table.name}\` waits until all rows are rewritten.`,
          zh: `对 \`${table.name}\` 的瞬时变更要等待所有行重写完成。`,
        },
      },
    ]
  },
}
