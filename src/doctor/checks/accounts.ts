import { type Check, perServer } from '../check.ts'
import type { SeenServer } from '../facts.ts'

/** Global privileges that no command of wwdb needs, except on an account that administers accounts. */
const excessive =
  /^GRANT (?:ALL PRIVILEGES|.*\b(?:SUPER|FILE|SHUTDOWN|CREATE USER|GRANT OPTION)\b).* ON \*\.\*|WITH GRANT OPTION/

function excessOf({ account }: SeenServer): string | null {
  const line = account.grants.find((grant) => excessive.test(grant))
  return line === undefined ? null : shorten(line.replace(/ TO .*$/, ''))
}

/** A list of rights ends between two of them: a right that is cut reads as another one. */
function shorten(grant: string): string {
  return grant.length <= 120 ? grant : `${grant.slice(0, grant.lastIndexOf(',', 120))}, ...`
}

/** The account of the configuration, and the others of the server. */
export const accountChecks: readonly Check[] = [
  {
    code: 'account-tls',
    severity: 'warning',
    asks: { en: 'Does the configured account require TLS?', zh: '配置中的账户是否强制使用 TLS？' },
    find: (facts) =>
      perServer(facts, ({ seen: { account } }) =>
        account.needsTls || account.local
          ? null
          : {
              what: `The account \`${account.name}\` can log in over a network without TLS.`,
              why: 'A misconfigured client would send its password and rows in plain text.',
              fix: `Run \`ALTER USER ${quote(account.name)} REQUIRE SSL\`.`,
              zh: {
                what: `账户 \`${account.name}\` 可以不经 TLS 从网络登录。`,
                why: '配置有误的客户端会以明文发送密码和数据。',
                fix: `请执行 \`ALTER USER ${quote(account.name)} REQUIRE SSL\`。`,
              },
            },
      ),
  },
  {
    code: 'account-rights',
    severity: 'warning',
    asks: {
      en: 'Does the configured account have only the privileges that wwdb needs?',
      zh: '配置中的账户是否只有 wwdb 所需的权限？',
    },
    find: (facts) =>
      perServer(facts, ({ seen, label }) => {
        const excess = label === facts.project.sandbox ? null : excessOf(seen)
        return excess === null
          ? null
          : {
              what: `The account \`${seen.account.name}\` has far more privileges than wwdb needs.`,
              why: `It has \`${excess}\`.`,
              fix: 'Create a separate account: `wwdb grants` prints the minimum privileges of each command.',
              zh: {
                what: `账户 \`${seen.account.name}\` 的权限远超 wwdb 所需。`,
                why: `它拥有 \`${excess}\`。`,
                fix: '请为 wwdb 建立专用账户：`wwdb grants` 会打印每个命令所需的最小权限。',
              },
            }
      }),
  },
  {
    code: 'account-plugin',
    severity: 'warning',
    asks: {
      en: 'Does the configured account use an authentication plugin that newer servers have?',
      zh: '配置中的账户的登录方式，后续版本的服务器是否还支持？',
    },
    find: (facts) =>
      perServer(facts, ({ seen: { account } }) =>
        /^(?:mysql_native_password|sha256_password)$/.test(account.plugin)
          ? {
              what: `The account \`${account.name}\` authenticates with ${account.plugin}.`,
              why: 'mysql_native_password was removed in MySQL 9.0; sha256_password is deprecated.',
              fix: `Run \`ALTER USER ${quote(account.name)} IDENTIFIED WITH caching_sha2_password BY ...\`.`,
              zh: {
                what: `账户 \`${account.name}\` 使用 ${account.plugin} 登录。`,
                why: 'MySQL 9.0 起已没有 mysql_native_password；sha256_password 已被弃用。',
                fix: `请执行 \`ALTER USER ${quote(account.name)} IDENTIFIED WITH caching_sha2_password BY ...\`。`,
              },
            }
          : null,
      ),
  },
  {
    code: 'accounts-password',
    severity: 'error',
    asks: { en: 'Does every account of the server have a password?', zh: '服务器的每个账户是否都有密码？' },
    find: (facts) =>
      perServer(facts, ({ seen: { accounts } }) => {
        const open = (accounts ?? []).filter(({ hasPassword, local }) => !hasPassword && !local)
        return open.length === 0
          ? null
          : {
              what: `Accounts without a password can log in over a network: ${open.map(({ name }) => `\`${name}\``).join(', ')}.`,
              why: null,
              fix: 'Set a password with `ALTER USER ... IDENTIFIED BY ...`, or lock the account: `ACCOUNT LOCK`.',
              zh: {
                what: `没有密码的账户可以从网络登录：${open.map(({ name }) => `\`${name}\``).join('、')}。`,
                why: null,
                fix: '请用 `ALTER USER ... IDENTIFIED BY ...` 设置密码，或锁定该账户：`ACCOUNT LOCK`。',
              },
            }
      }),
  },
  {
    code: 'accounts-tls',
    severity: 'warning',
    asks: { en: 'Do all accounts that log in over a network require TLS?', zh: '从网络登录的账户是否都强制使用 TLS？' },
    find: (facts) =>
      perServer(facts, ({ seen: { accounts, account } }) => {
        const plain = (accounts ?? []).filter(
          ({ needsTls, local, hasPassword, name }) => !needsTls && !local && hasPassword && name !== account.name,
        )
        return plain.length === 0
          ? null
          : {
              what: `Accounts can log in over a network without TLS: ${plain
                .slice(0, 5)
                .map(({ name }) => `\`${name}\``)
                .join(', ')}${plain.length > 5 ? ` and ${plain.length - 5} more` : ''}.`,
              why: null,
              fix: 'Run `ALTER USER ... REQUIRE SSL` for each, or set `require_secure_transport = ON` for all.',
              zh: {
                what: `有账户可以不经 TLS 从网络登录：${plain
                  .slice(0, 5)
                  .map(({ name }) => `\`${name}\``)
                  .join('、')}${plain.length > 5 ? `，另有 ${plain.length - 5} 个` : ''}。`,
                why: null,
                fix: '请对每个账户执行 `ALTER USER ... REQUIRE SSL`，或为全部账户设置 `require_secure_transport = ON`。',
              },
            }
      }),
  },
]

function quote(name: string): string {
  const at = name.lastIndexOf('@')
  return `'${name.slice(0, at)}'@'${name.slice(at + 1)}'`
}
