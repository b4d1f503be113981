import { listNames } from '../../sql/clauses.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardRule } from '../rule.ts'
import { readDeletedTables, readUpdatedTables } from '../written-tables.ts'

export const writeSystemTables: HazardRule = {
  code: 'WRITE_SYSTEM_TABLES',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: 'A statement that writes to, changes or drops a table of the schema `mysql`: accounts, privileges, time zones',
    zh: '写入、修改或删除 `mysql` 库中的表（账户、权限、时区等）的语句',
  },
  why: {
    en: 'The server keeps accounts, privileges and its own settings there: a wrong row locks everyone out, and these rows do not belong to the migrated database.',
    zh: '服务器在其中保存账户、权限和自身设置：一行错误就可能使所有人无法登录，而且这些行不属于被迁移的库。',
  },
  fix: {
    en: 'Use statements such as `CREATE USER`, `GRANT` and `DROP USER`, or make the change as an administrator, outside of migrations.',
    zh: '请使用 `CREATE USER`、`GRANT`、`DROP USER` 等专用语句，或由管理员在迁移之外处理。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/system-schema.html',
  fixtures: {
    found: [{ sql: "DELETE FROM mysql.user WHERE User = 'reports'" }, { sql: 'TRUNCATE TABLE mysql.general_log' }],
    clean: [{ sql: 'SELECT COUNT(*) FROM mysql.user' }, { sql: "DROP USER 'reports'@'%'" }],
  },
  find: ({ tokens, statement: { verb, objects } }) => {
    if (!writingVerbs.includes(verb)) return []
    const names = listWritten(tokens, verb, objects).flatMap(({ schema, name }) =>
      schema?.toLowerCase() === 'mysql' ? `${schema}.${name}` : [],
    )
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `It changes ${listNames(names)}, where the server keeps accounts, privileges or settings of its own.`,
          zh: `它会改变 \`${names.join('`、`')}\`，服务器在其中保存账户、权限或自身设置。`,
        },
      },
    ]
  },
}

const writingVerbs: readonly string[] = [
  ...['INSERT', 'REPLACE', 'UPDATE', 'DELETE', 'LOAD DATA', 'LOAD XML', 'TRUNCATE TABLE'],
  ...['DROP TABLE', 'ALTER TABLE', 'RENAME TABLE', 'CREATE INDEX', 'DROP INDEX'],
]

function listWritten(tokens: readonly Token[], verb: string, objects: readonly ObjectName[]): readonly ObjectName[] {
  const changed = verb === 'DELETE' ? readDeletedTables(tokens) : verb === 'UPDATE' ? readUpdatedTables(tokens) : null
  return changed?.map(({ table }) => table) ?? objects
}
