import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { removedModes } from '../upgrade/removed-names.ts'

export const upgradeVariableValue: ServerRule = {
  code: 'UPGRADE_VARIABLE_VALUE',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A setting of the server with a value that the next one refuses',
    zh: '服务器设置的值会被目标服务器拒绝',
  },
  why: {
    en: 'A server that is started with a value which it does not know does not start; TLS 1.0 and 1.1 are gone since 8.0.28, and clients that speak nothing newer are refused.',
    zh: '服务器遇到未知的值时不会启动；TLS 1.0 和 1.1 自 8.0.28 起移除，只支持它们的客户端会被拒绝。',
  },
  fix: { en: 'Change the value before the upgrade.', zh: '请在升级前更改该值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/encrypted-connection-protocols-ciphers.html',
  fixtures: {
    found: [
      {
        sql: "SET GLOBAL tls_version = 'TLSv1.1,TLSv1.2'",
        target: '8.4.0',
        facts: { version: '8.0.26', variables: [{ name: 'tls_version', value: 'TLSv1.1,TLSv1.2', isSet: true }] },
      },
      {
        sql: "SET GLOBAL sql_mode = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER'",
        target: '8.4.0',
        facts: {
          version: '8.0.26',
          variables: [{ name: 'sql_mode', value: 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER', isSet: true }],
        },
      },
    ],
    clean: [
      {
        sql: "SET GLOBAL tls_version = 'TLSv1.2,TLSv1.3'",
        target: '8.4.0',
        facts: { version: '8.0.26', variables: [{ name: 'tls_version', value: 'TLSv1.2,TLSv1.3', isSet: true }] },
      },
      {
        sql: 'SELECT @@GLOBAL.tls_version',
        target: '8.4.0',
        facts: {
          version: '8.0.26',
          variables: [{ name: 'tls_version', value: 'TLSv1,TLSv1.1,TLSv1.2', isSet: false }],
        },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.variables ?? []).flatMap(({ name, value, isSet }) => {
      const gone =
        isSet && target !== null ? value.split(',').filter((each) => isRefused(name, each.trim(), target)) : []
      if (gone.length === 0) return []
      const message = {
        en: `The server sets \`${name}\` to "${value}", of which MySQL ${target} does not take ${gone.join(', ')}.`,
        zh: `服务器将 \`${name}\` 设为 "${value}"，其中 MySQL ${target} 不接受 ${gone.join('、')}。`,
      }
      return [{ message }]
    }),
}

function isRefused(variable: string, value: string, target: string): boolean {
  if (variable === 'sql_mode') return removedModes.has(value)
  if (variable !== 'tls_version' && variable !== 'admin_tls_version') return false
  return isAtLeast(target, '8.0.28') && (value === 'TLSv1' || value === 'TLSv1.1')
}
