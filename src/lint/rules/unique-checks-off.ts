import { isOff, readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'

export const uniqueChecksOff: StatementRule = {
  code: 'UNIQUE_CHECKS_OFF',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'warning',
  family: 'options',
  title: { en: '`SET unique_checks = 0`', zh: '关闭唯一性检查：`SET unique_checks = 0`' },
  why: {
    en: 'InnoDB may store duplicates in secondary unique indexes without an error.',
    zh: 'InnoDB 可能在二级唯一索引中存入重复值而不报错。',
  },
  fix: { en: 'Leave it on.', zh: '请保持开启。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html',
  fixtures: {
    found: [{ sql: 'SET unique_checks = 0', claims: { server: 'accepts' } }],
    clean: [{ sql: 'SET unique_checks = 1' }],
  },
  find: ({ tokens }) =>
    readAssignments(tokens).some(({ name, value }) => name === 'unique_checks' && isOff(value))
      ? [{ message: { en: 'Duplicates may be stored from here on.', zh: '从此处起可能存入重复值。' } }]
      : [],
}
