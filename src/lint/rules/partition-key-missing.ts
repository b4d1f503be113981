import { partitionColumns, partsOf } from '../../ddl/read-parts.ts'
import { findIndexes, indexVerbs } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const partitionKeyMissing: StatementRule = {
  code: 'PARTITION_KEY_MISSING',
  looksAt: 'statement',
  verbs: indexVerbs,
  severity: 'error',
  family: 'keys',
  title: {
    en: 'A unique key of a partitioned table without the columns that partition it',
    zh: '分区表的唯一键不包含分区列',
  },
  why: {
    en: 'Every unique key must contain all columns of the partitioning: the server refuses the statement.',
    zh: '每个唯一键都必须包含所有分区列：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Add the columns to the key, or partition by columns of the primary key.',
    zh: '请把这些列加入键中，或按主键的列分区。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-limitations-partitioning-keys-unique-keys.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, day DATE NOT NULL) PARTITION BY RANGE COLUMNS (day) (PARTITION p VALUES LESS THAN (MAXVALUE))',
        claims: { server: 'refuses', number: 1503 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT, day DATE NOT NULL, n INT, PRIMARY KEY (id, day), KEY i (n)) PARTITION BY RANGE COLUMNS (day) (PARTITION p VALUES LESS THAN (MAXVALUE))',
      },
    ],
  },
  find: (subject) =>
    findIndexes(subject, (index, table) => {
      const partitionedBy = partitionColumns(table)
      if (!index.unique || partitionedBy === null) return null
      const names = partsOf(index).map(({ column }) => column?.toLowerCase())
      const missing = partitionedBy.find((column) => !names.includes(column.toLowerCase()))
      return missing === undefined
        ? null
        : {
            en: `does not contain \`${missing}\`, by which the table is partitioned`,
            zh: `不包含分区列 \`${missing}\``,
          }
    }),
}
