import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'

export const upgradeDeprecatedAccount: ServerRule = {
  code: 'UPGRADE_DEPRECATED_ACCOUNT',
  looksAt: 'server',
  severity: 'hint',
  family: 'upgrade',
  title: {
    en: 'A server account whose authentication plugin is deprecated',
    zh: '服务器上的账号使用了已弃用的认证插件',
  },
  why: {
    en: '`sha256_password` has been deprecated since 8.0.16; 9.7 still accepts it, a later version may not.',
    zh: 'sha256_password 自 8.0.16 起弃用；9.7 仍允许其账号登录，之后的版本可能不再允许。',
  },
  fix: { en: 'Give it caching_sha2_password with a new password.', zh: '请改用 caching_sha2_password 并设置新密码。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sha256-pluggable-authentication.html',
  fixtures: {
    found: [
      {
        sql: "CREATE USER 'app'@'%' IDENTIFIED WITH sha256_password BY '...'",
        target: '9.7.0',
        facts: { version: '8.0.36', accounts: [{ name: "'app'@'%'", plugin: 'sha256_password' }] },
      },
    ],
    clean: [
      {
        sql: "CREATE USER 'app'@'%' IDENTIFIED WITH caching_sha2_password BY '...'",
        target: '9.7.0',
        facts: { version: '8.0.36', accounts: [{ name: "'app'@'%'", plugin: 'caching_sha2_password' }] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.accounts ?? [])
      .filter(({ plugin }) => plugin === 'sha256_password' && target !== null && isAtLeast(target, '8.0.16'))
      .map(({ name }) => ({
        message: {
          en: `The account \`${name}\` authenticates with sha256_password, which is deprecated.`,
          zh: `账号 \`${name}\` 使用已弃用的 sha256_password 登录。`,
        },
      })),
}
