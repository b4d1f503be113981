import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const dropPartition: HazardRule = {
  code: 'DROP_PARTITION',
  kind: 'destructive',
  about: {
    severity: 'error',
    family: 'data-loss',
    title: { en: '`ALTER TABLE ... DROP PARTITION`', zh: '`ALTER TABLE ... DROP PARTITION`：删除分区' },
    why: { en: 'The partition goes with all rows in it.', zh: '分区会连同其中的所有行一起删除。' },
    fix: {
      en: 'Exchange the partition with an empty table first, so that its rows can still be read and archived.',
      zh: '请先用 EXCHANGE PARTITION 与一张空表交换，使这些行仍可读取和归档。',
    },
    manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table-partition-operations.html',
    fixtures: {
      found: [
        {
          setup:
            'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11)',
          sql: 'ALTER TABLE a DROP PARTITION p0',
          claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '1' },
        },
      ],
      clean: [
        {
          setup:
            'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11)',
          sql: 'ALTER TABLE a REORGANIZE PARTITION p1 INTO (PARTITION p1 VALUES LESS THAN (20), PARTITION p2 VALUES LESS THAN MAXVALUE)',
          claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '2' },
        },
      ],
    },
  },
  find: (tokens, statement, context) => {
    const drops = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'DROP', 'PARTITION'))
    if (!drops || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        why: 'It removes the partition with all rows in it.',
        zh: '它会删除该分区及其中的所有行。',
        instead: 'Exchange the partition with an empty table first, so that its rows can still be read and archived.',
      },
    ]
  },
}
