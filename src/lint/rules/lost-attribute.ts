import { type ColumnChange, readColumnChanges } from '../../ddl/column-changes.ts'
import { listNames } from '../../sql/clauses.ts'
import { columnMayHaveData, isFirstTableOccupied } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const lostAttribute: HazardRule = {
  code: 'LOST_ATTRIBUTE',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  severity: 'warning',
  family: 'compatibility',
  title: {
    en: '`MODIFY` or `CHANGE` that does not repeat `AUTO_INCREMENT`, `DEFAULT`, `ON UPDATE`, `NOT NULL` or `COMMENT`, or the expression of a generated column',
    zh: '`MODIFY` 或 `CHANGE` 没有重写 `AUTO_INCREMENT`、`DEFAULT`、`ON UPDATE`、`NOT NULL`、`COMMENT` 或生成列的表达式',
  },
  why: {
    en: 'A definition replaces the whole column: attributes that it does not repeat are dropped silently.',
    zh: '新的定义会替换整个列：没有重写的属性会被无声地去掉。',
  },
  fix: {
    en: 'Write the whole definition, as SHOW CREATE TABLE prints it, with the change.',
    zh: '请写出完整的定义（如 SHOW CREATE TABLE 所示），再加上要改的部分。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table.html',
  fixtures: {
    found: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 5 COMMENT 'count')",
        sql: 'ALTER TABLE a MODIFY n BIGINT NOT NULL',
        claims: {
          server: 'answers',
          query:
            "SELECT COLUMN_DEFAULT IS NULL, COLUMN_COMMENT = '' FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'a' AND COLUMN_NAME = 'n'",
          answer: '1,1',
        },
      },
    ],
    clean: [
      {
        setup: "CREATE TABLE a (id INT PRIMARY KEY, n INT NOT NULL DEFAULT 5 COMMENT 'count')",
        sql: "ALTER TABLE a MODIFY n BIGINT NOT NULL DEFAULT 5 COMMENT 'count'",
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    if (!isFirstTableOccupied(statement, context)) return []
    return readColumnChanges(tokens, statement, context.tables)
      .filter(({ column }) => columnMayHaveData(column, statement, context))
      .flatMap((change) => {
        const lost = listLost(change)
        if (lost.length === 0) return []
        return [
          {
            message: {
              en: `Column \`${change.column}\` loses its ${listNames(lost)}: a definition that does not repeat them drops them.`,
              zh: `列 \`${change.column}\` 会失去 \`${lost.join('`、`')}\`：新定义中没有重写的属性会被去掉。`,
            },
          },
        ]
      })
  },
}

function listLost({ before, attributesBefore, after, attributes, primary }: ColumnChange): readonly string[] {
  if (before === null || attributesBefore === null) return []
  const becomesGenerated = attributes.generated !== null
  const facts: readonly (readonly [name: string, lost: boolean])[] = [
    ['AUTO_INCREMENT', attributesBefore.autoIncrement && !attributes.autoIncrement],
    ['DEFAULT', attributesBefore.default !== null && attributes.default === null && !becomesGenerated],
    ['ON UPDATE', attributesBefore.onUpdate && !attributes.onUpdate],
    ['NOT NULL', !before.nullable && after.nullable && !primary && !becomesGenerated],
    ['COMMENT', attributesBefore.comment !== '' && attributes.comment === ''],
    ['expression', attributesBefore.generated !== null && !becomesGenerated],
  ]
  return facts.flatMap(([name, lost]) => (lost ? [name] : []))
}
