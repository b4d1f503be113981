import { type ColumnChange, readColumnChanges } from '../../ddl/column-changes.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

/**
 * Only one direction loses values: a stored generated column that becomes a plain one keeps its values, another expression
 * computes from columns that stay, and the server refuses to change VIRTUAL to any other kind or back (measured on 8.0.12 and 9.7).
 */
export const overwriteColumn: HazardRule = {
  code: 'OVERWRITE_COLUMN',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`MODIFY` or `CHANGE` of a plain column to `GENERATED ALWAYS AS ...`, which replaces every value',
    zh: '把普通列改为 `GENERATED ALWAYS AS ...`，所有值都会被替换',
  },
  why: { en: 'The expression replaces the value of every row.', zh: '表达式的结果会替换每一行原有的值。' },
  fix: {
    en: 'Add the generated column under a new name, compare both, and drop the old one in a later migration.',
    zh: '请以新名字添加生成列，比较两列之后，再在之后的迁移中删除旧列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-table-generated-columns.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a (id, n) VALUES (1, 5), (2, 6)',
        sql: 'ALTER TABLE a MODIFY n INT GENERATED ALWAYS AS (id * 2) STORED',
        claims: { server: 'answers', query: 'SELECT n FROM a ORDER BY id', answer: '2;4' },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)',
        sql: 'ALTER TABLE a ADD COLUMN twice INT GENERATED ALWAYS AS (n * 2) STORED',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!firstTableMayHaveData(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables)
      .filter((change) => !change.made && becomesGenerated(change))
      .map(({ column }) => ({
        message: {
          en: `It overwrites the values of \`${column}\` in every row with the result of the expression.`,
          zh: `它会用表达式的结果覆盖每一行中 \`${column}\` 的值。`,
        },
      }))
  },
}

/** A column that was not read may be a plain one. */
function becomesGenerated({ attributesBefore, attributes }: ColumnChange): boolean {
  return attributes.generated !== null && (attributesBefore === null || attributesBefore.generated === null)
}
