import { readDroppedColumn } from '../../ddl/read-alterations.ts'
import { listNames, readAlterations } from '../../sql/clauses.ts'
import { columnMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const dropColumn: HazardRule = {
  code: 'DROP_COLUMN',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`ALTER TABLE ... DROP [COLUMN]`', zh: '`ALTER TABLE ... DROP [COLUMN]`：删除列' },
  why: {
    en: 'The values of the column are lost for every row, and running code that still uses it fails immediately.',
    zh: '该列在每一行中的值都会丢失，仍引用该列的运行中代码会立即失败。',
  },
  fix: {
    en: 'Stop using the column, make it INVISIBLE for a while, and drop it in a later migration.',
    zh: '请先停止使用该列，将其设为 INVISIBLE 一段时间，再在之后的迁移中删除。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a DROP COLUMN n; SELECT n FROM a WHERE id = 1',
        claims: { server: 'refuses', number: 1054 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN m INT; ALTER TABLE a DROP COLUMN m',
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a ALTER COLUMN n DROP DEFAULT' },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const dropped = readAlterations(tokens).flatMap((clause) => readDroppedColumn(clause) ?? [])
    const columns = dropped.filter((column) => columnMayHaveData(column, statement, context))
    if (columns.length === 0) return []
    return [
      {
        message: {
          en: `It removes ${listNames(columns)} with the values of every row.`,
          zh: `它会删除 \`${columns.join('`、`')}\` 以及每一行中的值。`,
        },
      },
    ]
  },
}
