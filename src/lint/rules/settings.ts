import { isWord, listNames } from '../../sql/clauses.ts'
import { isOff, readAssignments } from '../assignments.ts'
import type { HazardRule } from '../rule.ts'

const lasting: readonly string[] = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY']

export const skipBinlog: HazardRule = {
  code: 'SKIP_BINLOG',
  looksAt: 'plan',
  kind: 'destructive',
  severity: 'error',
  family: 'replication',
  title: {
    en: '`SET sql_log_bin = 0`: replicas and backups of the binary log do not get the statements after it',
    zh: '`SET sql_log_bin = 0`：之后的语句不写入二进制日志',
  },
  why: {
    en: 'Replicas and point-in-time recovery never get the statements after it, and the next failover loses them.',
    zh: '从库和时间点恢复永远得不到之后的语句，下一次故障切换就会丢失它们。',
  },
  fix: {
    en: 'Leave it out, or run statements that only this server needs manually.',
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

export const setGlobal: HazardRule = {
  code: 'SET_GLOBAL',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'options',
  title: {
    en: '`SET GLOBAL`, `PERSIST` or `PERSIST_ONLY`, or `RESET PERSIST`: settings of the whole server',
    zh: '`SET GLOBAL`、`PERSIST`、`PERSIST_ONLY` 或 `RESET PERSIST`：修改整个服务器的设置',
  },
  why: {
    en: 'It changes the setting for every database and user of the server. Replicas keep their own settings, and a rollback does not undo it.',
    zh: '它会改变服务器上所有库和用户的设置；从库保留各自的设置，回滚也不会撤销它。',
  },
  fix: {
    en: "Keep the server's settings in its configuration, and set a session variable where the migration needs one.",
    zh: '请把服务器设置写在其配置中；迁移需要时设置会话变量。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/set-variable.html',
  fixtures: {
    found: [
      {
        sql: 'SET GLOBAL max_connections = 200',
        alone: true,
        claims: { server: 'answers', query: 'SELECT @@GLOBAL.max_connections', answer: '200' },
      },
      {
        sql: 'SET PERSIST max_connections = 201',
        alone: true,
        claims: {
          server: 'answers',
          query:
            "SELECT VARIABLE_VALUE FROM performance_schema.persisted_variables WHERE VARIABLE_NAME = 'max_connections'",
          answer: '201',
        },
      },
    ],
    clean: [{ sql: 'SET SESSION max_execution_time = 1000' }, { sql: 'SET @saved = @@GLOBAL.max_connections' }],
  },
  find: ({ tokens }) => {
    const names = readAssignments(tokens).filter(({ scope }) => lasting.includes(scope))
    const isReset = isWord(tokens[0], 'RESET') && isWord(tokens[1], 'PERSIST')
    if (names.length === 0 && !isReset) return []
    const what = isReset ? 'persisted settings' : listNames(names.map(({ name }) => name))
    return [
      {
        message: {
          en: `It changes ${what} for every database and user of this server. Replicas keep their own settings, and a rollback does not undo it.`,
          zh: `它会为这台服务器上的所有库和用户改变 ${isReset ? '持久化的设置' : `\`${names.map(({ name }) => name).join('`、`')}\``}；从库保留各自的设置，回滚也不会撤销它。`,
        },
      },
    ]
  },
}
