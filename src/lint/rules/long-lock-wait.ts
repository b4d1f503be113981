import { readAssignments } from '../assignments.ts'
import type { StatementRule } from '../rule.ts'

export const longLockWait: StatementRule = {
  code: 'LONG_LOCK_WAIT',
  looksAt: 'statement',
  verbs: ['SET'],
  severity: 'warning',
  family: 'blocking',
  title: { en: 'A `lock_wait_timeout` of more than a minute', zh: '超过一分钟的 `lock_wait_timeout`' },
  why: {
    en: 'While the statement waits for its lock, every later query of the table queues behind it.',
    zh: '语句等待锁时，该表后来的所有查询都会排在其后。',
  },
  fix: { en: 'Leave it to wwdb, which waits a few seconds and retries.', zh: '请交给 wwdb：它只等几秒并重试。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/server-system-variables.html',
  options: { seconds: 60 },
  fixtures: {
    found: [{ sql: 'SET SESSION lock_wait_timeout = 31536000', claims: { server: 'accepts' } }],
    clean: [{ sql: 'SET SESSION lock_wait_timeout = 5' }],
  },
  find: ({ tokens, options }) => {
    const found = readAssignments(tokens).find(
      ({ name, value }) => name === 'lock_wait_timeout' && Number(value[0]?.text) > Number(options['seconds']),
    )
    if (found === undefined) return []
    return [
      {
        message: {
          en: `A statement may block a table for ${found.value[0]?.text} seconds.`,
          zh: `一条语句可能阻塞一张表 ${found.value[0]?.text} 秒。`,
        },
      },
    ]
  },
}
