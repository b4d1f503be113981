import { listNames } from '../../sql/clauses.ts'
import { tablesWithData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/** Temporary tables do not belong to the schema: DROP TEMPORARY TABLE is another verb. */
export const dropTable: HazardRule = {
  code: 'DROP_TABLE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`DROP TABLE` of a table that existed before the run', zh: '`DROP TABLE`：删除运行前就存在的表' },
  why: {
    en: 'The table is dropped with all rows; only a backup can restore them.',
    zh: '表会连同所有行一起删除，只能从备份恢复。',
  },
  fix: {
    en: 'Rename the table first, and drop it in a later migration if no application has failed.',
    zh: '请先给表改名，确认没有应用受影响后，再在之后的迁移中删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'DROP TABLE a; SELECT id FROM a WHERE id = 1',
        claims: { server: 'refuses', number: 1146 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'DROP TABLE IF EXISTS a; CREATE TABLE a (id INT PRIMARY KEY)',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
      { sql: 'DROP TABLE IF EXISTS a' },
    ],
    clean: [
      { sql: 'CREATE TABLE b (id INT PRIMARY KEY); DROP TABLE b' },
      { sql: 'DROP TABLE IF EXISTS b; CREATE TABLE b (id INT PRIMARY KEY)' },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'DROP TEMPORARY TABLE IF EXISTS a' },
    ],
  },
  find: ({ statement, context }) => {
    const tables = statement.verb === 'DROP TABLE' ? tablesWithData(statement, context) : []
    if (tables.length === 0) return []
    return [
      {
        message: {
          en: `It removes ${listNames(tables)} with all rows; only a backup can restore them.`,
          zh: `它会删除 \`${tables.join('`、`')}\` 及其所有行，只能从备份恢复。`,
        },
      },
    ]
  },
}
