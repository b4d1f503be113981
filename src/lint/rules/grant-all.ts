import { hasWords, isWord } from '../../sql/clauses.ts'
import type { HazardRule } from '../rule.ts'

export const grantAll: HazardRule = {
  code: 'GRANT_ALL',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
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
