import { readAlterations, readOption } from '../../sql/clauses.ts'
import { tableBefore } from '../find-keys.ts'
import { offlineAlgorithm } from '../offline-algorithm.ts'
import type { StatementRule } from '../rule.ts'

export const missingAlgorithm: StatementRule = {
  code: 'MISSING_ALGORITHM',
  looksAt: 'statement',
  verbs: ['ALTER TABLE'],
  severity: 'hint',
  family: 'hygiene',
  title: {
    en: 'An instant change that does not request `ALGORITHM=INSTANT`',
    zh: '可瞬间完成却没有写 `ALGORITHM=INSTANT` 的变更',
  },
  why: {
    en: 'If a server cannot do it instantly, it silently rewrites the table instead of refusing.',
    zh: '若服务器不能瞬间完成，会默默重写整张表，而不是拒绝。',
  },
  fix: { en: 'Add ALGORITHM=INSTANT.', zh: '请加上 ALGORITHM=INSTANT。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/innodb-online-ddl-operations.html',
  onByDefault: false,
  fixtures: {
    found: [{ setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a ADD n INT' }],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a ADD n INT, ALGORITHM=INSTANT' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD KEY i (n)' },
    ],
  },
  find: (subject) => {
    const clauses = readAlterations(subject.tokens)
    const facts = { table: tableBefore(subject), version: subject.target }
    const table = subject.statement.objects[0]
    const isInstant =
      clauses.length > 0 && clauses.every((clause) => offlineAlgorithm(clause, clauses, facts)?.algorithm === 'INSTANT')
    if (table === undefined || subject.isNew(table) || !isInstant || readOption(subject.tokens, 'ALGORITHM') !== null)
      return []
    return [
      {
        message: {
          en: `The change of \`${table.name}\` is instant but does not request ALGORITHM=INSTANT.`,
          zh: `对 \`${table.name}\` 的变更可瞬间完成，却没有写明。`,
        },
      },
    ]
  },
}
