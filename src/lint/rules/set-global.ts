import { isWord, listNames } from '../../sql/clauses.ts'
import { readAssignments } from '../assignments.ts'
import type { HazardRule } from '../rule.ts'

const lasting: readonly string[] = ['GLOBAL', 'PERSIST', 'PERSIST_ONLY']

export const setGlobal: HazardRule = {
  code: 'SET_GLOBAL',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'options',
  title: {
    en: '`SET GLOBAL`, `PERSIST` or `PERSIST_ONLY`, or `RESET PERSIST`: settings of the whole server',
    zh: '`SET GLOBAL`、`PERSIST`、`PERSIST_ONLY` 或 `RESET PERSIST`：修改整个服务器的设置',
  },
  why: {
    en: 'It changes the setting for every database and user of the server. Replicas keep their own settings, and a rollback does not revert it.',
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
          en: `It changes ${what} for every database and user of this server. Replicas keep their own settings, and a rollback does not revert it.`,
          zh: `它会为这台服务器上的所有库和用户改变 ${isReset ? '持久化的设置' : `\`${names.map(({ name }) => name).join('`、`')}\``}；从库保留各自的设置，回滚也不会撤销它。`,
        },
      },
    ]
  },
}
