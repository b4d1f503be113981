import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { removedVariables } from '../upgrade/removed-names.ts'

export const upgradeServerVariable: ServerRule = {
  code: 'UPGRADE_SERVER_VARIABLE',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A server setting that does not exist in the next version', zh: '服务器设置了目标服务器没有的系统变量' },
  why: {
    en: 'A server does not start with an unknown option in its files, on its command line or among persisted variables.',
    zh: '服务器在配置文件、命令行或持久化变量中发现未知选项时不会启动。',
  },
  fix: {
    en: 'Remove it from the configuration before the upgrade (RESET PERSIST if it was persisted), or set its replacement.',
    zh: '请在升级前从配置中去掉它（持久化的用 RESET PERSIST），或改用替代变量。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/added-deprecated-removed.html',
  fixtures: {
    found: [
      {
        sql: 'SET GLOBAL expire_logs_days = 7',
        target: '8.4.0',
        facts: { version: '8.0.36', variables: [{ name: 'expire_logs_days', value: '7', isSet: true }] },
        claims: { server: 'refuses', number: 1193, since: '8.2.0' },
      },
    ],
    clean: [
      {
        sql: 'SET GLOBAL binlog_expire_logs_seconds = 604800',
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          variables: [
            { name: 'binlog_expire_logs_seconds', value: '604800', isSet: true },
            { name: 'expire_logs_days', value: '0', isSet: false },
          ],
        },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.variables ?? []).flatMap(({ name, value, isSet }) => {
      const since = removedVariables.get(name)
      if (!isSet || since === undefined || target === null || !isAtLeast(target, since)) return []
      const message = {
        en: `The server sets \`${name}\` to "${value}", which MySQL ${target} does not have.`,
        zh: `服务器将 \`${name}\` 设为 "${value}"，而 MySQL ${target} 没有该变量。`,
      }
      return [{ message }]
    }),
}
