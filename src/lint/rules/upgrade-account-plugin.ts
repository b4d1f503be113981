import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { lostAuthentication } from '../upgrade/removed-names.ts'

export const upgradeAccountPlugin: ServerRule = {
  code: 'UPGRADE_ACCOUNT_PLUGIN',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A server account whose authentication plugin does not exist in the next version',
    zh: '服务器上的账号使用了目标服务器没有的认证插件',
  },
  why: {
    en: '`mysql_native_password` is disabled in 8.4 and removed in 9.0, `authentication_fido` is removed in 8.4: the account cannot log in after the upgrade. This includes accounts of MySQL Router.',
    zh: 'mysql_native_password 在 8.4 默认关闭、在 9.0 移除，authentication_fido 在 8.4 移除：升级后该账号无法登录。MySQL Router 的账号也在其中。',
  },
  fix: {
    en: 'Give it caching_sha2_password with a new password before the upgrade: ALTER USER ... IDENTIFIED WITH caching_sha2_password BY ...',
    zh: '请在升级前改用 caching_sha2_password 并设置新密码：ALTER USER ... IDENTIFIED WITH caching_sha2_password BY ...。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/native-pluggable-authentication.html',
  fixtures: {
    found: [
      {
        sql: "CREATE USER 'app'@'%' IDENTIFIED WITH mysql_native_password BY '...'",
        target: '8.4.0',
        facts: { version: '8.0.36', accounts: [{ name: "'app'@'%'", plugin: 'mysql_native_password' }] },
      },
    ],
    clean: [
      {
        sql: "CREATE USER 'app'@'%' IDENTIFIED WITH caching_sha2_password BY '...'",
        target: '9.7.0',
        facts: { version: '8.0.36', accounts: [{ name: "'app'@'%'", plugin: 'caching_sha2_password' }] },
      },
      {
        sql: "CREATE USER 'app'@'%' IDENTIFIED WITH mysql_native_password BY '...'",
        target: '8.0.40',
        facts: { version: '8.0.12', accounts: [{ name: "'app'@'%'", plugin: 'mysql_native_password' }] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.accounts ?? []).flatMap(({ name, plugin }) => {
      const since = lostAuthentication.get(plugin)
      if (since === undefined || target === null || !isAtLeast(target, since)) return []
      const message = {
        en: `The account \`${name}\` authenticates with \`${plugin}\`, which MySQL ${target} does not offer.`,
        zh: `账号 \`${name}\` 使用 \`${plugin}\` 登录，而 MySQL ${target} 不提供它。`,
      }
      return [{ message }]
    }),
}
