import { isAtLeast } from '../../core/version.ts'
import type { TableSnapshot } from '../../ddl/snapshot.ts'
import type { ServerRule } from '../rule.ts'

/** A table with an index on a CAST. */
const castIndex: TableSnapshot = {
  type: 'table',
  name: 't',
  columns: [],
  indexes: [{ name: 'by_age', text: 'KEY `by_age` ((cast(`age` as unsigned)))', columns: [], unique: false }],
  foreignKeys: [],
  checks: [],
  options: {},
  partitioning: null,
}

export const upgradeChangedCast: ServerRule = {
  code: 'UPGRADE_CHANGED_CAST',
  looksAt: 'server',
  severity: 'warning',
  family: 'upgrade',
  title: {
    en: 'An index on an expression with CAST, whose results changed in 8.0.28',
    zh: '索引的表达式使用了 CAST，其结果在 8.0.28 中有变化',
  },
  why: {
    en: 'CAST and CONVERT interpret some strings differently since 8.0.28. The index contains values computed by the old server: queries that use it miss rows.',
    zh: '自 8.0.28 起 CAST 和 CONVERT 对某些文本的解析不同。索引中的值来自旧服务器：使用该索引的查询会漏掉行。',
  },
  fix: {
    en: 'Drop the index before the upgrade and create it again afterwards.',
    zh: '请在升级前删除该索引，升级后重新创建。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/cast-functions.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE INDEX by_age ON t ((CAST(age AS UNSIGNED)))',
        target: '8.4.0',
        facts: {
          version: '8.0.26',
          objects: [castIndex],
        },
      },
    ],
    clean: [
      {
        sql: 'CREATE INDEX by_age ON t ((age + 1))',
        target: '8.4.0',
        facts: {
          version: '8.0.26',
          objects: [
            {
              ...castIndex,
              indexes: [{ name: 'by_age', text: 'KEY `by_age` ((`age` + 1))', columns: [], unique: false }],
            },
          ],
        },
      },
      {
        sql: 'CREATE INDEX by_age ON t ((CAST(age AS UNSIGNED)))',
        target: '8.4.0',
        facts: {
          version: '8.0.36',
          objects: [castIndex],
        },
      },
    ],
  },
  find: ({ facts, target }) => {
    if (target === null || !isAtLeast(target, '8.0.28') || isAtLeast(facts.version, '8.0.28')) return []
    return (facts.objects ?? []).flatMap((object) =>
      object.type === 'table'
        ? listCasts(object).map((index) => ({
            message: {
              en: `The index \`${index}\` of \`${object.name}\` is on an expression with CAST or CONVERT.`,
              zh: `\`${object.name}\` 的索引 \`${index}\` 的表达式使用了 CAST 或 CONVERT。`,
            },
          }))
        : [],
    )
  },
}

/** Indexes on such an expression, or on a generated column that has one. */
function listCasts({ columns, indexes }: TableSnapshot): readonly string[] {
  const isCast = (text: string): boolean => /\b(?:cast|convert)\s*\(/i.test(text)
  const generated = new Set(
    columns
      .filter((column) => column.generated !== null && isCast(column.generated.expression))
      .map(({ name }) => name),
  )
  return indexes
    .filter((index) => isCast(index.text) || index.columns.some((column) => generated.has(column)))
    .map(({ name }) => name)
}
