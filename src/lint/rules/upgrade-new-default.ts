import type { InBoth } from '../../core/in-both.ts'
import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'
import { computedDefaults, defaultOn } from '../upgrade/new-defaults.ts'

export const upgradeNewDefault: ServerRule = {
  code: 'UPGRADE_NEW_DEFAULT',
  looksAt: 'server',
  severity: 'hint',
  family: 'upgrade',
  title: {
    en: 'A setting that is not set and has a different default in the next version',
    zh: '没有设置、而目标服务器默认值不同的系统变量',
  },
  why: {
    en: 'The server behaves differently after the upgrade although no file changed: more disk writes per second, more memory, or GTIDs that are suddenly on.',
    zh: '虽然没有改动任何文件，服务器在升级后的行为也会不同：磁盘写入更多、占用更多内存，或突然启用 GTID。',
  },
  fix: {
    en: 'Set the desired value in the configuration before the upgrade.',
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
      {
        sql: 'SELECT @@GLOBAL.innodb_purge_threads',
        target: '8.4.0',
        facts: { version: '8.0.36', variables: [{ name: 'innodb_purge_threads', value: '4', isSet: false }] },
      },
      {
        sql: 'SELECT @@GLOBAL.gtid_mode',
        target: '9.7.0',
        facts: { version: '8.4.3', variables: [{ name: 'gtid_mode', value: 'OFF', isSet: false }] },
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
      {
        sql: 'SELECT @@GLOBAL.innodb_change_buffering',
        target: '9.7.0',
        facts: { version: '8.0.36', variables: [{ name: 'innodb_change_buffering', value: 'all', isSet: false }] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.variables ?? []).flatMap(({ name, value, isSet }) => {
      const message = isSet || target === null ? null : describeChange({ name, value }, facts.version, target)
      return message === null ? [] : [{ message }]
    }),
}

/** The change of a default between two versions; null where it stays. */
function describeChange(
  { name, value }: { readonly name: string; readonly value: string },
  version: string,
  target: string,
): InBoth | null {
  const computed = computedDefaults.get(name)
  if (computed !== undefined) {
    const { since, rule } = computed
    if (!isAtLeast(target, since) || isAtLeast(version, since)) return null
    return {
      en: `\`${name}\` is not set: it is "${value}", and from MySQL ${since} on ${rule.en}.`,
      zh: `未设置 \`${name}\`：现为 "${value}"，从 MySQL ${since} 起为${rule.zh}。`,
    }
  }
  const next = defaultOn(name, target)
  if (next === undefined || next.value === value || isAtLeast(version, next.since)) return null
  return {
    en: `\`${name}\` is not set: it changes from "${value}" to "${next.value}" with MySQL ${next.since}.`,
    zh: `未设置 \`${name}\`：从 MySQL ${next.since} 起它由 "${value}" 变为 "${next.value}"。`,
  }
}
