import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'

export const upgradeAccountPrivilege: ServerRule = {
  code: 'UPGRADE_ACCOUNT_PRIVILEGE',
  looksAt: 'server',
  severity: 'warning',
  family: 'upgrade',
  title: {
    en: 'A server account with a privilege that does not exist in the next version',
    zh: '服务器上的账号拥有目标服务器没有的权限',
  },
  why: {
    en: 'SET_USER_ID was removed in 8.4: after the upgrade the account can no longer create objects with other definers, and a restored GRANT fails.',
    zh: 'SET_USER_ID 在 8.4 移除：升级后该账号不能再为其他 DEFINER 创建对象，恢复的 GRANT 语句会失败。',
  },
  fix: {
    en: 'Grant SET_ANY_DEFINER and ALLOW_NONEXISTENT_DEFINER (8.2 and later) after the upgrade, and revoke SET_USER_ID before it.',
    zh: '请在升级后授予 SET_ANY_DEFINER 和 ALLOW_NONEXISTENT_DEFINER（8.2 起），并在升级前收回 SET_USER_ID。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html',
  fixtures: {
    found: [
      {
        setup: "CREATE USER 'importer'@'%'",
        sql: "GRANT SET_USER_ID ON *.* TO 'importer'@'%'",
        target: '8.4.0',
        alone: true,
        claims: [
          { server: 'accepts', before: '8.4.0' },
          { server: 'refuses', number: 1149, since: '8.4.0' },
        ],
        facts: { version: '8.0.36', privileges: [{ account: "'importer'@'%'", privilege: 'SET_USER_ID' }] },
      },
    ],
    clean: [
      {
        sql: "GRANT BACKUP_ADMIN ON *.* TO 'app'@'%'",
        target: '8.4.0',
        facts: { version: '8.0.36', privileges: [{ account: "'app'@'%'", privilege: 'BACKUP_ADMIN' }] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.privileges ?? [])
      .filter(({ privilege }) => privilege === 'SET_USER_ID' && target !== null && isAtLeast(target, '8.4.0'))
      .map(({ account }) => ({
        message: {
          en: `The account \`${account}\` has SET_USER_ID, which MySQL ${target} does not have.`,
          zh: `账号 \`${account}\` 拥有 SET_USER_ID，而 MySQL ${target} 没有该权限。`,
        },
      })),
}
