import { isAtLeast } from '../../core/version.ts'
import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'
import { lostAuthentication } from '../upgrade/removed-names.ts'

export const upgradeAuthentication: StatementRule = {
  code: 'UPGRADE_AUTHENTICATION',
  looksAt: 'statement',
  verbs: ['CREATE USER', 'ALTER USER'],
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'An account with an authentication plugin that does not exist in the next version',
    zh: '账号使用了目标服务器没有的认证插件',
  },
  why: {
    en: '`mysql_native_password` is disabled in 8.4 and removed in 9.0, `authentication_fido` is removed in 8.4: the statement fails, and the account cannot connect.',
    zh: 'mysql_native_password 在 8.4 默认关闭、在 9.0 移除，authentication_fido 在 8.4 移除：语句会失败，账号无法连接。',
  },
  fix: { en: 'Use caching_sha2_password, the default.', zh: '请使用默认的 caching_sha2_password。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/native-pluggable-authentication.html',
  fixtures: {
    found: [
      {
        sql: "CREATE USER 'lint_a'@'localhost' IDENTIFIED WITH mysql_native_password BY 'x'; DROP USER 'lint_a'@'localhost'",
        target: '9.0.0',
      },
      {
        sql: "CREATE USER 'lint_b'@'localhost' IDENTIFIED WITH mysql_native_password BY 'x'",
        target: '9.7.0',
        claims: { server: 'refuses', number: 1524, since: '9.0.0' },
      },
    ],
    clean: [
      { sql: "CREATE USER 'lint_c'@'localhost' IDENTIFIED WITH caching_sha2_password BY 'x'", target: '9.7.0' },
      { sql: "CREATE USER 'lint_d'@'localhost' IDENTIFIED WITH mysql_native_password BY 'x'", target: '8.0.40' },
    ],
  },
  find: ({ tokens, target }) =>
    tokens.flatMap((token, at) => {
      const since =
        isWord(tokens[at - 1], 'WITH') && isWord(tokens[at - 2], 'IDENTIFIED')
          ? lostAuthentication.get(token.text.toLowerCase())
          : undefined
      if (since === undefined || target === null || !isAtLeast(target, since)) return []
      return [
        {
          at: token,
          message: {
            en: `MySQL ${target} does not offer ${token.text}.`,
            zh: `MySQL ${target} 不提供 ${token.text}。`,
          },
        },
      ]
    }),
}
