import { isOff, readAssignments } from '../assignments.ts'
import type { HazardRule } from '../rule.ts'

export const skipBinlog: HazardRule = {
  code: 'SKIP_BINLOG',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'replication',
  title: {
    en: '`SET sql_log_bin = 0`: replicas and binary log backups do not get the statements after it',
    zh: '`SET sql_log_bin = 0`：之后的语句不写入二进制日志',
  },
  why: {
    en: 'Replicas and point-in-time recovery never get the statements after it, and the next failover loses them.',
    zh: '从库和时间点恢复永远得不到之后的语句，下一次故障切换就会丢失它们。',
  },
  fix: {
    en: 'Leave it out, or manually run the statements that only this server needs.',
    zh: '请去掉它；只有这台服务器需要的语句请手工执行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/set-sql-log-bin.html',
  fixtures: {
    found: [{ sql: 'SET SESSION sql_log_bin = 0', claims: { server: 'accepts' } }],
    clean: [{ sql: 'SET SESSION sql_log_bin = 1' }],
  },
  find: ({ tokens }) => {
    const off = readAssignments(tokens).some(({ name, value }) => name === 'sql_log_bin' && isOff(value))
    if (!off) return []
    return [
      {
        message: {
          en: 'The statements after it are not written to the binary log: replicas and point-in-time recovery never get them, and the next failover loses them.',
          zh: '之后的语句不写入二进制日志：从库和时间点恢复永远得不到它们，下一次故障切换就会丢失。',
        },
      },
    ]
  },
}
