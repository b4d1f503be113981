import { nothingKnown, stateOfTable, tableKey } from '../../ddl/schema.ts'
import { listNames } from '../../sql/clauses.ts'
import type { ObjectName } from '../../sql/statement.ts'
import { printName } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const moveTable: HazardRule = {
  code: 'MOVE_TABLE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`RENAME TABLE` or `ALTER TABLE ... RENAME` to another schema of a table that existed before the run',
    zh: '用 `RENAME TABLE` 或 `ALTER TABLE ... RENAME` 把已有的表移到另一个 schema',
  },
  why: {
    en: 'The table leaves its database with all rows: backups, drift checks and privileges of this database do not cover it there.',
    zh: '表会连同所有行离开其数据库：该数据库的备份、漂移检查和权限不再涵盖它。',
  },
  fix: {
    en: 'Copy the rows into a table of the other schema, and drop the old table in a later migration.',
    zh: '请把行复制到另一个 schema 的表中，再在之后的迁移中删除旧表。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/rename-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1)',
        sql: 'RENAME TABLE a TO archive.a',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'ALTER TABLE a RENAME TO archive.a' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY)', sql: 'RENAME TABLE a TO b' },
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY); RENAME TABLE b TO archive.b' },
    ],
  },
  find: ({ statement: { verb, objects, text }, context: { tables = nothingKnown } }) => {
    if (verb !== 'RENAME TABLE' && !(verb === 'ALTER TABLE' && /\brename\b/i.test(text))) return []
    const schemaOf = (schema: string | null): string => (schema ?? tables.schema ?? '').toLowerCase()
    // Pairs take effect in order: an earlier pair may have given a table its name.
    const renamed = new Map<string, ObjectName>()
    const moved = objects.flatMap((from, index) => {
      const to = objects[index + 1]
      if (index % 2 === 1 || to === undefined) return []
      const first = renamed.get(tableKey(tables, from)) ?? from
      renamed.set(tableKey(tables, to), first)
      if (schemaOf(from.schema) === schemaOf(to.schema)) return []
      return ['new', 'absent', 'view'].includes(stateOfTable(tables, first).type) ? [] : [first]
    })
    if (moved.length === 0) return []
    const names = moved.map(printName)
    return [
      {
        message: {
          en: `${listNames(names)} ${names.length === 1 ? 'leaves its' : 'leave their'} database with all rows: backups, drift checks and privileges of this database do not cover it there.`,
          zh: `\`${names.join('`、`')}\` 会连同所有行离开其数据库：该数据库的备份、漂移检查和权限不再涵盖它。`,
        },
      },
    ]
  },
}
