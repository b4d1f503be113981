import { listNames } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

export const dropUser: HazardRule = {
  code: 'DROP_USER',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'stored-code',
  title: { en: '`DROP USER` or `DROP ROLE`', zh: '`DROP USER` 或 `DROP ROLE`：删除账户或角色' },
  why: {
    en: 'Applications that still connect with it fail, and so do the views and routines that it defined; a rollback does not restore its password and privileges.',
    zh: '仍以该账户连接的应用会失败，由它定义的视图、存储过程和函数也会失败；回滚无法恢复其密码和权限。',
  },
  fix: {
    en: 'Lock the account first (ALTER USER ... ACCOUNT LOCK) and drop it later, if no connection was refused.',
    zh: '请先锁定账户（ALTER USER ... ACCOUNT LOCK），确认没有连接被拒绝后再删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-user.html',
  fixtures: {
    found: [
      { sql: "DROP USER 'reports'@'%'" },
      { sql: "DROP ROLE IF EXISTS 'reader'" },
      {
        setup:
          "CREATE USER 'reports'@'%'; GRANT ALL ON *.* TO 'reports'@'%'; CREATE TABLE a (id INT PRIMARY KEY); CREATE DEFINER = 'reports'@'%' VIEW v AS SELECT id FROM a",
        sql: "DROP USER 'reports'@'%'; SELECT id FROM v",
        alone: true,
        claims: { server: 'refuses', number: 1449 },
      },
    ],
    clean: [{ sql: "ALTER USER 'reports'@'%' ACCOUNT LOCK" }],
  },
  find: ({ statement }) => {
    if (statement.verb !== 'DROP USER' && statement.verb !== 'DROP ROLE') return []
    const names = statement.objects.map(({ name }) => name)
    return [
      {
        message: {
          en: `Applications that still connect as ${listNames(names)} fail, and so do the views and routines that it defined; a rollback does not restore its password and privileges.`,
          zh: `仍以 \`${names.join('`、`')}\` 连接的应用会失败，由它定义的视图、存储过程和函数也会失败；回滚无法恢复其密码和权限。`,
        },
      },
    ]
  },
}
