import { isAtLeast } from '../../core/version.ts'
import type { ServerRule } from '../rule.ts'

export const upgradeDataPath: ServerRule = {
  code: 'UPGRADE_DATA_PATH',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: { en: 'A data file whose path contains `/../`', zh: '数据文件的路径中含有上级目录' },
  why: {
    en: 'Since 8.0.17 a server refuses `/../` in the path of a data file: it does not find the tablespace after the upgrade.',
    zh: '自 8.0.17 起服务器拒绝数据文件路径中的 `/../`：升级后找不到该表空间。',
  },
  fix: { en: 'Move the tablespace to a plain path before the upgrade.', zh: '请在升级前把表空间移到普通路径。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/general-tablespaces.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLESPACE ts ADD DATAFILE '/data/a/../b/ts.ibd'",
        target: '8.0.40',
        facts: { version: '8.0.12', paths: ['/data/a/../b/ts.ibd'] },
        claims: { server: 'refuses', number: 3121, since: '8.0.17' },
      },
    ],
    clean: [
      {
        sql: "CREATE TABLESPACE ts ADD DATAFILE '../b/ts.ibd'",
        target: '8.0.40',
        facts: { version: '8.0.12', paths: ['../b/ts.ibd', './app/t.ibd'] },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.paths ?? [])
      .filter((path) => /[^./]\/\.\.\//.test(path) && target !== null && isAtLeast(target, '8.0.17'))
      .map((path) => ({
        message: {
          en: `The path of the data file \`${path}\` contains \`/../\`: MySQL ${target} refuses it.`,
          zh: `数据文件 \`${path}\` 的路径含有上级目录：MySQL ${target} 拒绝它。`,
        },
      })),
}
