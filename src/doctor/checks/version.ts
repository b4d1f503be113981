import { answering, type Check, perServer } from '../check.ts'
import { endedOn } from '../end-of-life.ts'

/** `9.7` of `9.7.4`. */
function lineOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}

/** The versions of the servers. */
export const versionChecks: readonly Check[] = [
  {
    code: 'server-end-of-life',
    severity: 'warning',
    asks: { en: 'Is the version of every server still maintained?', zh: '每台服务器的版本是否仍在维护？' },
    find: (facts) =>
      perServer(facts, ({ seen }) => {
        const end = endedOn('mysql', seen.version, facts.now)
        return end === null
          ? null
          : {
              what: `MySQL ${seen.version} has not been maintained since ${end}.`,
              why: 'Its security vulnerabilities are no longer fixed.',
              fix: 'Upgrade to a version with long-term support, such as 8.4 or 9.7.',
              zh: {
                what: `MySQL ${seen.version} 自 ${end} 起不再维护。`,
                why: '其安全漏洞不再修复。',
                fix: '请升级到长期支持的版本，例如 8.4 或 9.7。',
              },
            }
      }),
  },
  {
    code: 'server-versions',
    severity: 'warning',
    asks: { en: 'Do all servers have the same version?', zh: '所有服务器的版本是否相同？' },
    find: (facts) => {
      const servers = answering(facts)
      const lines = [...new Set(servers.map(({ seen }) => lineOf(seen.version)))]
      if (lines.length < 2) return []
      const each = servers.map(({ label, seen }) => `${label} has ${seen.version}`)
      return [
        {
          what: `The servers have different versions of MySQL: ${lines.join(', ')}.`,
          where: {},
          why: `${[...new Set(each)].join('; ')}.`,
          fix: 'Upgrade all to the same version: a test on one version proves nothing about another.',
          zh: {
            what: `各服务器的 MySQL 版本不同：${lines.join('、')}。`,
            why: `${[...new Set(servers.map(({ label, seen }) => `${label} 是 ${seen.version}`))].join('；')}。`,
            fix: '请全部升级到同一版本：在一台上试过的，不能证明另一台也可行。',
          },
        },
      ]
    },
  },
]
