import { findOption } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const lockRequested: StatementRule = {
  code: 'LOCK_REQUESTED',
  looksAt: 'statement',
  verbs: ['ALTER TABLE', 'CREATE INDEX', 'DROP INDEX'],
  severity: 'warning',
  family: 'blocking',
  title: { en: '`LOCK=EXCLUSIVE` or `LOCK=SHARED`', zh: '`LOCK=EXCLUSIVE` 或 `LOCK=SHARED`' },
  why: {
    en: 'Other sessions wait although the server might not need the lock.',
    zh: '即使服务器并不需要该锁，其他会话也要等待。',
  },
  fix: {
    en: 'Leave it out, or write LOCK=NONE so that the statement fails where it would block.',
    zh: '请去掉它，或写 LOCK=NONE，使会阻塞的语句直接失败。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD KEY i (n), LOCK=EXCLUSIVE',
        claims: { server: 'accepts' },
      },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ADD KEY i (n), LOCK=NONE' },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); ALTER TABLE a ADD KEY i (n), LOCK=EXCLUSIVE' },
    ],
  },
  find: ({ tokens, statement, isNew }) => {
    const [table, at] = [statement.objects[0], findOption(tokens, 'LOCK')]
    const lock = at?.text.toUpperCase()
    if (table === undefined || at === null || isNew(table) || (lock !== 'SHARED' && lock !== 'EXCLUSIVE')) return []
    return [
      { at, message: { en: `Other sessions wait for \`${table.name}\`.`, zh: `其他会话要等待 \`${table.name}\`。` } },
    ]
  },
}
