import { listNames } from '../../sql/clauses.ts'
import { tablesWithData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const truncateTable: HazardRule = {
  code: 'TRUNCATE_TABLE',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`TRUNCATE` of a table that existed before the run', zh: '`TRUNCATE`：清空运行前就存在的表' },
  why: {
    en: 'It removes every row at once, fires no trigger, and cannot be rolled back.',
    zh: '所有行会立即消失，不触发触发器，且无法回滚。',
  },
  fix: {
    en: 'Use DELETE with a WHERE, or keep the rows in a renamed table first.',
    zh: '请使用带 WHERE 的 DELETE，或先把这些行保留在改名后的表中。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/truncate-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'TRUNCATE TABLE a',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '0' },
      },
    ],
    clean: [{ sql: 'CREATE TABLE b (id INT PRIMARY KEY); TRUNCATE TABLE b' }],
  },
  find: ({ statement, context }) => {
    const tables = statement.verb === 'TRUNCATE TABLE' ? tablesWithData(statement, context) : []
    if (tables.length === 0) return []
    return [
      {
        message: {
          en: `It removes every row of ${listNames(tables)} at once and cannot be rolled back.`,
          zh: `它会立即删除 \`${tables.join('`、`')}\` 的所有行，且无法回滚。`,
        },
      },
    ]
  },
}
