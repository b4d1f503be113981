import type { ServerRule } from '../rule.ts'
import { procedureFact } from '../upgrade/procedure-fact.ts'
import { becomesReserved } from '../upgrade/reserved-words.ts'

export const upgradeReservedName: ServerRule = {
  code: 'UPGRADE_RESERVED_NAME',
  looksAt: 'server',
  severity: 'warning',
  family: 'upgrade',
  title: {
    en: 'A name in the live schema that is a reserved word of the next version',
    zh: '现有库中的名称是目标服务器的保留字',
  },
  why: {
    en: 'An application query or report that uses it without backticks is a syntax error after the upgrade. The schema itself is not affected.',
    zh: '在应用或报表中不加反引号使用它，升级后会得到语法错误。库本身不受影响。',
  },
  fix: { en: 'Search the code for it, and quote it there, or rename it.', zh: '请在代码中查找并加反引号，或重命名。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/keywords.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE manual (qualify INT PRIMARY KEY)',
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          objects: [procedureFact('qualify', 'CREATE PROCEDURE `qualify` () SELECT 1')],
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE PROCEDURE work () SELECT 1',
        target: '9.7.0',
        facts: {
          version: '8.0.36',
          objects: [procedureFact('work', 'CREATE PROCEDURE `work` () SELECT 1')],
        },
      },
      {
        sql: 'CREATE PROCEDURE `qualify` () SELECT 1',
        target: '9.7.0',
        facts: {
          version: '8.4.3',
          objects: [procedureFact('qualify', 'CREATE PROCEDURE `qualify` () SELECT 1')],
        },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.objects ?? []).flatMap((object) => {
      const own = [{ what: object.type, name: object.name, of: '' }]
      const columns =
        object.type === 'table' ? object.columns.map(({ name }) => ({ what: 'column', name, of: object.name })) : []
      return [...own, ...columns]
        .filter(({ name }) => becomesReserved(name, facts.version, target))
        .map(({ what, name, of }) => ({
          message: {
            en: `The ${what} \`${name}\`${of === '' ? '' : ` of \`${of}\``} has a name that MySQL ${target} reserves.`,
            zh: `${of === '' ? '' : `\`${of}\` 的 `}${what} \`${name}\` 的名称是 MySQL ${target} 的保留字。`,
          },
        }))
    }),
}
