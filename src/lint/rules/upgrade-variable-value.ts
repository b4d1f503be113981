import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { allowedCiphers, ciphersSince } from '../upgrade/allowed-ciphers.ts'

export const upgradeVariableValue: ServerRule = {
  code: 'UPGRADE_VARIABLE_VALUE',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A server setting with a value that the next version refuses',
    zh: '服务器设置的值会被目标服务器拒绝',
  },
  why: {
    en: 'The server does not start with it. TLS 1.0 and 1.1 were removed in 8.0.28; 8.4 accepts only AES in GCM or CCM mode and ChaCha20 as ciphers. Clients that support nothing else cannot connect.',
    zh: '服务器会因该值无法启动。TLS 1.0 和 1.1 自 8.0.28 起移除；8.4 的加密套件只接受 GCM 或 CCM 模式的 AES 以及 ChaCha20。只支持其他方式的客户端会被拒绝。',
  },
  fix: { en: 'Change the value before the upgrade.', zh: '请在升级前更改该值。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/encrypted-connection-protocols-ciphers.html',
  fixtures: {
    found: [
      {
        sql: "SET GLOBAL tls_version = 'TLSv1.1,TLSv1.2'",
        target: '8.4.0',
        facts: { version: '8.0.26', variables: [{ name: 'tls_version', value: 'TLSv1.1,TLSv1.2', isSet: true }] },
        claims: { server: 'refuses', number: 1231, since: '8.0.28' },
      },
      {
        sql: "SET GLOBAL ssl_cipher = 'AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256'",
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          variables: [{ name: 'ssl_cipher', value: 'AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256', isSet: true }],
        },
        claims: { server: 'refuses', number: 1231, since: '8.4.0' },
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
      {
        sql: "SET GLOBAL ssl_cipher = 'ECDHE-RSA-AES128-GCM-SHA256:!aNULL'",
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          variables: [{ name: 'ssl_cipher', value: 'ECDHE-RSA-AES128-GCM-SHA256:!aNULL', isSet: true }],
        },
        alone: true,
        claims: { server: 'accepts', since: '8.4.0' },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.variables ?? []).flatMap(({ name, value, isSet }) => {
      const gone = isSet && target !== null ? findRefused(name, value, target) : []
      if (gone.length === 0) return []
      const message = {
        en: `The server sets \`${name}\` to "${value}", of which MySQL ${target} does not accept ${gone.join(', ')}.`,
        zh: `服务器将 \`${name}\` 设为 "${value}"，其中 MySQL ${target} 不接受 ${gone.join('、')}。`,
      }
      return [{ message }]
    }),
}

/** The parts of a list that the target refuses. */
function findRefused(variable: string, value: string, target: string): readonly string[] {
  if (variable === 'tls_version' || variable === 'admin_tls_version')
    return isAtLeast(target, '8.0.28') ? split(value, ',').filter((part) => part === 'TLSv1' || part === 'TLSv1.1') : []
  const allowed = isAtLeast(target, ciphersSince) ? allowedCiphers.get(variable) : undefined
  // What `!` or `-` excludes is not used, whether the target knows it or not.
  return allowed === undefined ? [] : split(value, ':').filter((part) => !/^[!-]/.test(part) && !allowed.has(part))
}

function split(value: string, separator: string): readonly string[] {
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
