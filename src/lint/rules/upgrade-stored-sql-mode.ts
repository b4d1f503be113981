import type { ServerRule } from '../rule.ts'
import { procedureFact } from '../upgrade/procedure-fact.ts'
import { removedModes } from '../upgrade/removed-names.ts'

export const upgradeStoredSqlMode: ServerRule = {
  code: 'UPGRADE_STORED_SQL_MODE',
  looksAt: 'server',
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A routine, trigger or event that is stored with an `sql_mode` of MySQL 5.7',
    zh: '存储例程、触发器或事件保存了 MySQL 5.7 的 `sql_mode`',
  },
  why: {
    en: 'It runs under the modes that it was made under. MySQL 8 has no NO_AUTO_CREATE_USER and none of the modes of other databases: a dump of it cannot be loaded.',
    zh: '它以创建时的 sql_mode 运行。MySQL 8 没有 NO_AUTO_CREATE_USER 和其他数据库的模式：它的转储无法导入。',
  },
  fix: { en: 'Make it again under the present `sql_mode`.', zh: '请在当前 `sql_mode` 下重新创建它。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/sql-mode.html',
  fixtures: {
    found: [
      {
        sql: "SET sql_mode = 'NO_AUTO_CREATE_USER'; CREATE PROCEDURE work () SELECT 1",
        target: '8.4.0',
        facts: {
          version: '8.0.12',
          objects: [
            procedureFact('work', 'CREATE PROCEDURE `work` () SELECT 1', 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER'),
          ],
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE PROCEDURE work () SELECT 1',
        target: '8.4.0',
        facts: {
          version: '8.0.12',
          objects: [procedureFact('work', 'CREATE PROCEDURE `work` () SELECT 1', 'STRICT_TRANS_TABLES')],
        },
      },
    ],
  },
  find: ({ facts, target }) =>
    (facts.objects ?? []).flatMap((object) => {
      if (object.type === 'table' || target === null) return []
      const gone = (object.sqlMode ?? '').split(',').filter((mode) => removedModes.has(mode))
      if (gone.length === 0) return []
      const message = {
        en: `The ${object.type} \`${object.name}\` is stored with ${gone.join(', ')}, which MySQL ${target} does not have.`,
        zh: `${object.type} \`${object.name}\` 保存了 MySQL ${target} 没有的 ${gone.join('、')}。`,
      }
      return [{ message }]
    }),
}
