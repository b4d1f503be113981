import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { removedPlugins } from '../upgrade/removed-names.ts'

export const upgradePlugin: ServerRule = {
  code: 'UPGRADE_PLUGIN',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A server plugin that does not exist in the next version', zh: '服务器加载了目标服务器没有的插件' },
  why: {
    en: 'The library is missing after the upgrade: the server starts without it, or not at all, and data encrypted with a keyring plugin cannot be read.',
    zh: '升级后没有该库：服务器会在没有它的情况下启动或无法启动，由密钥环插件加密的内容无法读取。',
  },
  fix: {
    en: 'Switch to its replacement before the upgrade: components for keyrings, `authentication_webauthn` for FIDO, `rpl_semi_sync_source` and `rpl_semi_sync_replica` for semisynchronous replication.',
    zh: '请在升级前改用替代品：密钥环用组件，FIDO 用 `authentication_webauthn`，半同步复制用 `rpl_semi_sync_source` 和 `rpl_semi_sync_replica`。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/keyring-component-installation.html',
  fixtures: {
    found: [
      {
        sql: "INSTALL PLUGIN keyring_file SONAME 'keyring_file.so'",
        target: '8.4.0',
        facts: { version: '8.0.36', plugins: ['keyring_file'] },
        claims: { server: 'refuses', number: 1126, since: '8.4.0' },
      },
    ],
    clean: [
      {
        sql: "INSTALL COMPONENT 'file://component_keyring_file'",
        target: '8.4.0',
        facts: { version: '8.0.36', plugins: ['group_replication'] },
      },
      {
        sql: "INSTALL PLUGIN keyring_file SONAME 'keyring_file.so'",
        target: '8.0.40',
        facts: { version: '8.0.12', plugins: ['keyring_file'] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.plugins ?? []).flatMap((name) => {
      const since = removedPlugins.get(name)
      if (since === undefined || target === null || !isAtLeast(target, since)) return []
      const message = {
        en: `The server has the plugin \`${name}\`, which MySQL ${target} does not offer.`,
        zh: `服务器加载了插件 \`${name}\`，而 MySQL ${target} 不提供它。`,
      }
      return [{ message }]
    }),
}
