import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const truncatePartition: HazardRule = {
  code: 'TRUNCATE_PARTITION',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`ALTER TABLE ... TRUNCATE PARTITION`', zh: '`ALTER TABLE ... TRUNCATE PARTITION`：清空分区' },
  why: {
    en: 'It removes every row of the partition at once and cannot be rolled back.',
    zh: '分区中的所有行会立即消失，且无法回滚。',
  },
  fix: {
    en: 'Exchange the partition with an empty table, so that its rows can still be read and archived.',
    zh: '请与一张空表交换该分区，使这些行仍可读取和归档。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table-partition-operations.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11)',
        sql: 'ALTER TABLE a TRUNCATE PARTITION p0',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '1' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11)',
        sql: 'ALTER TABLE a CHECK PARTITION p0',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const truncates = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'TRUNCATE', 'PARTITION'))
    if (!truncates || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        message: {
          en: 'It removes every row of the partition at once and cannot be rolled back.',
          zh: '它会立即删除该分区的所有行，且无法回滚。',
        },
      },
    ]
  },
}
