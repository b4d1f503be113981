import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { newDefaults } from '../upgrade/new-defaults.ts'

export const upgradeNewDefault: ServerRule = {
  code: 'UPGRADE_NEW_DEFAULT',
  looksAt: 'server',
  severity: 'hint',
  family: 'upgrade',
  title: {
    en: 'A setting that is not set, and has another default in the next server',
    zh: '没有设置、而目标服务器默认值不同的系统变量',
  },
  why: {
    en: 'The server behaves differently after the upgrade although no file changed: more writes a second to its disks, another way to open files, more memory.',
    zh: '虽然没有改动任何文件，服务器在升级后的行为也会不同：磁盘写入更多、打开文件的方式不同、占用更多内存。',
  },
  fix: {
    en: 'Write the value that is wanted into the configuration before the upgrade.',
    zh: '请在升级前把想要的值写入配置。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/added-deprecated-removed.html',
  fixtures: {
    found: [
      {
        sql: 'SELECT @@GLOBAL.innodb_io_capacity',
        target: '8.4.0',
        facts: { version: '8.0.36', variables: [{ name: 'innodb_io_capacity', value: '200', isSet: false }] },
      },
    ],
    clean: [
      {
        sql: 'SET GLOBAL innodb_io_capacity = 200',
        target: '8.4.0',
        facts: { version: '8.0.36', variables: [{ name: 'innodb_io_capacity', value: '200', isSet: true }] },
      },
      {
        sql: 'SELECT @@GLOBAL.innodb_io_capacity',
        target: '9.7.0',
        facts: { version: '8.4.3', variables: [{ name: 'innodb_io_capacity', value: '10000', isSet: false }] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.variables ?? []).flatMap(({ name, value, isSet }) => {
      const change = newDefaults.get(name)
      if (isSet || change === undefined || target === null) return []
      if (!isAtLeast(target, change.since) || isAtLeast(facts.version, change.since) || value === change.value)
        return []
      const message = {
        en: `\`${name}\` is not set: it changes from "${value}" to "${change.value}" with MySQL ${change.since}.`,
        zh: `未设置 \`${name}\`：从 MySQL ${change.since} 起它由 "${value}" 变为 "${change.value}"。`,
      }
      return [{ message }]
    }),
}
