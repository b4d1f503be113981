import { listNames } from '../../sql/clauses.ts'
import { findDropped } from '../dropped-keys.ts'
import type { HazardRule } from '../rule.ts'

export const dropIndex: HazardRule = {
  code: 'DROP_INDEX',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'keys',
  title: {
    en: '`DROP INDEX`, `DROP KEY` or `DROP PRIMARY KEY` that no other index replaces',
    zh: '删除没有其他索引可以替代的索引或主键',
  },
  why: {
    en: 'Queries that use it will scan the whole table, and if it is unique, duplicates can be stored.',
    zh: '使用它的查询将扫描整张表；若是唯一索引，还可能写入重复值。',
  },
  fix: {
    en: 'Make the index INVISIBLE for a while, and drop it if no query becomes slow.',
    zh: '请先把索引设为 INVISIBLE 一段时间，确认没有查询变慢后再删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/invisible-indexes.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP KEY by_n; SELECT id FROM a FORCE INDEX (by_n) WHERE n = 1',
        claims: { server: 'refuses', number: 1176 },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))', sql: 'DROP INDEX by_n ON a' },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a DROP KEY by_n, ADD KEY by_n (n, id)',
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, KEY by_n (n))',
        sql: 'ALTER TABLE a ALTER INDEX by_n INVISIBLE',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const names = findDropped(tokens, statement, context, ['INDEX', 'PRIMARY'])
    if (names.length === 0) return []
    return [
      {
        message: {
          en: `Queries that use ${listNames(names)} will scan the whole table, and if it is unique, duplicates can be stored.`,
          zh: `使用 \`${names.join('`、`')}\` 的查询将扫描整张表；若它是唯一索引，还可能写入重复值。`,
        },
      },
    ]
  },
}
