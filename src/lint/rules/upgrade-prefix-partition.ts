import { isAtLeast } from '../../core/version.ts'
import { partitionColumns, partsOf } from '../../ddl/read-parts.ts'
import { hasWords } from '../../sql/clauses.ts'
import { tableAfter } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const upgradePrefixPartition: StatementRule = {
  code: 'UPGRADE_PREFIX_PARTITION',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'error',
  family: 'upgrade',
  title: {
    en: '`PARTITION BY KEY` on a column of which only a prefix is indexed',
    zh: '`PARTITION BY KEY` 的列只索引了前缀',
  },
  why: {
    en: 'Servers before 8.4 leave the column out of the partitioning without an error; 8.4 refuses the statement.',
    zh: '8.4 之前的服务器会默默把该列排除在分区之外；8.4 会拒绝该语句。',
  },
  fix: { en: 'Index the whole column, or partition by other columns.', zh: '请索引整列，或按其他列分区。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-limitations.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (c VARCHAR(50) NOT NULL, d VARCHAR(50) NOT NULL, PRIMARY KEY (c(10), d)) PARTITION BY KEY () PARTITIONS 2',
        target: '8.4.0',
        claims: { server: 'refuses', number: 6123, since: '8.4.0' },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (c VARCHAR(50) NOT NULL, d VARCHAR(50) NOT NULL, PRIMARY KEY (c, d)) PARTITION BY KEY () PARTITIONS 2',
        target: '8.4.0',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: (subject) => {
    const { tokens, target } = subject
    const table = tableAfter(subject)
    const byKey = tokens.some(
      (_, at) => hasWords(tokens, at, 'BY', 'KEY') || hasWords(tokens, at, 'BY', 'LINEAR', 'KEY'),
    )
    if (target === null || !isAtLeast(target, '8.4.0') || table === null || table.partitioning === null || !byKey)
      return []
    const primary = table.indexes.flatMap((index) => (index.name === 'PRIMARY' ? partsOf(index) : []))
    // KEY () means the columns of the primary key.
    const names = partitionColumns(table)?.map((name) => name.toLowerCase()) ?? []
    const isUsed = (name: string | null): boolean => names.length === 0 || names.includes(name?.toLowerCase() ?? '')
    const column = primary.find((part) => part.length !== null && isUsed(part.column))?.column ?? undefined
    return column === undefined
      ? []
      : [
          {
            message: {
              en: `\`${table.name}\` is partitioned by \`${column}\`, of which only a prefix is indexed.`,
              zh: `表 \`${table.name}\` 按 \`${column}\` 分区，而它只索引了前缀。`,
            },
          },
        ]
  },
}
