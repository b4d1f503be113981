import type { Statement } from '../../sql/statement.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HazardContext, HazardFinding, HazardRule } from '../rule.ts'
import { isUnprovenQuery } from '../selection.ts'
import { describeTaken, risksOldRows } from '../taken-rows.ts'
import { readUpsert } from '../upserts.ts'

export const updateAllRows: HazardRule = {
  code: 'UPDATE_ALL_ROWS',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`UPDATE` without `WHERE`, or with a condition that is true for every row or is not known to exclude any, on tables or through a view (`LIMIT` and `JOIN ... ON` do not count as conditions)',
    zh: '没有 `WHERE`、`WHERE` 对每一行都成立或无法证明会排除某一行的 `UPDATE`',
  },
  why: {
    en: 'It overwrites values in every row, and the old values cannot be restored from any log.',
    zh: '它会覆盖每一行中的值，旧值没有可供人工找回的记录。',
  },
  fix: {
    en: 'Add a WHERE that selects the rows to update, for example those in which the new column IS NULL.',
    zh: '请加上能选出待更新行的 WHERE，例如新列 IS NULL 的行。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/update.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'UPDATE a SET n = 0',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a WHERE n = 0', answer: '2' },
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 0 WHERE id IS NOT NULL' },
    ],
    clean: [
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'UPDATE a SET n = 0 WHERE id = 1' },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN m INT; UPDATE a SET m = n',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (statement.verb === 'INSERT') return findUpsert(tokens, statement, context)
    if (statement.verb !== 'UPDATE') return []
    const taken = describeTaken(tokens, 'UPDATE', statement, context)
    if (taken === null || !risksOldRows(tokens, statement, 'UPDATE', context)) return []
    return [
      {
        message: { en: `${taken.en} overwrites values in all rows.`, zh: `${taken.zh}覆盖所有行中的值。` },
      },
    ]
  },
}

/** Rows from the table itself find themselves; for rows from other tables, the server was asked. */
function findUpsert(tokens: readonly Token[], statement: Statement, context: HazardContext): readonly HazardFinding[] {
  const upsert = readUpsert(tokens, statement, context)
  const own = context.taken?.own
  if (upsert === null || own === 'some') return []
  const name = upsert.table.name.toLowerCase()
  const isOwn = upsert.query.some(({ text }) => text.toLowerCase() === name)
  if (own === undefined && !(isOwn && isUnprovenQuery(upsert.query, new Set([name])))) return []
  const isAll = own === 'all'
  return [
    {
      message: {
        en: isAll
          ? 'Its query returns a row for every row in the table now, so ON DUPLICATE KEY UPDATE overwrites values in all rows.'
          : 'Its query may return a row for every row of the table, so ON DUPLICATE KEY UPDATE overwrites values in all rows.',
        zh: isAll
          ? '其查询对表中现有的每一行都有一行，因此 ON DUPLICATE KEY UPDATE 会覆盖所有行中的值。'
          : '其查询可能对该表的每一行都返回一行，因此 ON DUPLICATE KEY UPDATE 会覆盖所有行中的值。',
      },
    },
  ]
}
