import { hasWords, isWord, listNames } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

export const grantAll: HazardRule = {
  code: 'GRANT_ALL',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'stored-code',
  title: { en: '`GRANT ALL`: more privileges than an application needs', zh: '`GRANT ALL`：授予超出应用所需的权限' },
  why: {
    en: 'The account can change and drop tables, not only rows; on *.* it can do so with everything on the server.',
    zh: '该账户不仅能改行，还能修改和删除表；授权范围为 *.* 时则能对整个服务器这样做。',
  },
  fix: {
    en: 'Grant only the required privileges, for example SELECT, INSERT, UPDATE, DELETE.',
    zh: '请只授予所需的权限，例如 SELECT、INSERT、UPDATE、DELETE。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/grant.html',
  fixtures: {
    found: [
      { sql: "GRANT ALL ON app.* TO 'app'@'%'" },
      {
        setup: "CREATE USER 'app'@'%'",
        sql: "GRANT ALL PRIVILEGES ON *.* TO 'app'@'%'",
        alone: true,
        claims: {
          server: 'answers',
          query: "SELECT Shutdown_priv, File_priv, Drop_priv FROM mysql.user WHERE User = 'app'",
          answer: 'Y,Y,Y',
        },
      },
    ],
    clean: [{ sql: "GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO 'app'@'%'" }],
  },
  find: ({ tokens }) => {
    if (!hasWords(tokens, 0, 'GRANT', 'ALL')) return []
    const global = tokens.findIndex((token) => isWord(token, 'ON'))
    const everywhere = tokens[global + 1]?.text === '*' && tokens[global + 2]?.text === '.'
    return [
      {
        message: {
          en: everywhere
            ? 'The account can read, change and drop everything on this server.'
            : 'The account can change and drop tables, not only rows.',
          zh: everywhere ? '该账户可以读取、修改和删除这台服务器上的一切。' : '该账户不仅能改行，还能修改和删除表。',
        },
      },
    ]
  },
}

export const dropUser: HazardRule = {
  code: 'DROP_USER',
  looksAt: 'plan',
  kind: 'advisory',
  severity: 'warning',
  family: 'stored-code',
  title: { en: '`DROP USER` or `DROP ROLE`', zh: '`DROP USER` 或 `DROP ROLE`：删除账户或角色' },
  why: {
    en: 'Applications that still connect as it fail, and so do the views and routines that it defined; a rollback does not restore its password and privileges.',
    zh: '仍以该账户连接的应用会失败，由它定义的视图、存储过程和函数也会失败；回滚无法恢复其密码和权限。',
  },
  fix: {
    en: 'Lock the account first (ALTER USER ... ACCOUNT LOCK) and drop it later, when no connection has been refused.',
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
