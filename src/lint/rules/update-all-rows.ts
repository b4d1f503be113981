import { describeMissingChoice, findConditionTables, touchesEveryRow } from '../chosen-rows.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'
import { writesOwnColumnsOnly } from '../written-tables.ts'

export const updateAllRows: HazardRule = {
  code: 'UPDATE_ALL_ROWS',
  kind: 'destructive',
  about: {
    severity: 'error',
    family: 'data-loss',
    title: {
      en: '`UPDATE` without `WHERE` or with one that is true for every row, of tables or through a view (`LIMIT` and `JOIN ... ON` do not count as conditions)',
      zh: '没有 `WHERE`、或 `WHERE` 对每一行都成立的 `UPDATE`',
    },
    why: {
      en: 'It overwrites values in every row, and the old ones are in no log that a person can read back.',
      zh: '它会覆盖每一行中的值，旧值没有可供人工找回的记录。',
    },
    fix: {
      en: 'Add a WHERE that selects the rows to update, for example those where the new column IS NULL.',
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
  },
  find: (tokens, statement, context) => {
    if (statement.verb !== 'UPDATE') return []
    if (!touchesEveryRow(tokens, 'UPDATE', findConditionTables(tokens, 'UPDATE', context.tables))) return []
    if (!firstTableMayHaveData(statement, context) || writesOwnColumnsOnly(tokens, context.tables)) return []
    return [
      {
        why: `${describeMissingChoice(tokens, 'UPDATE')}, so it overwrites values in all rows.`,
        zh: '没有能选择行的 WHERE，因此会覆盖所有行中的值。',
        instead: 'Add a WHERE that selects the rows to update, for example those where the new column IS NULL.',
      },
    ]
  },
}
