import { hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const exchangePartition: HazardRule = {
  code: 'EXCHANGE_PARTITION',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: { en: '`ALTER TABLE ... EXCHANGE PARTITION`', zh: '`ALTER TABLE ... EXCHANGE PARTITION`：交换分区' },
  why: {
    en: 'It moves the rows of the partition out of the table and replaces them with those of another table.',
    zh: '它把分区中的行移出该表，并换成另一张表的行。',
  },
  fix: {
    en: 'Document where the rows should be afterwards; a second exchange moves them back.',
    zh: '请写明这些行之后应在何处；再交换一次即可移回。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-management-exchange.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11); CREATE TABLE b (id INT PRIMARY KEY)',
        sql: 'ALTER TABLE a EXCHANGE PARTITION p0 WITH TABLE b',
        claims: { server: 'answers', query: 'SELECT COUNT(*) FROM a', answer: '1' },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE); INSERT INTO a (id) VALUES (1), (11)',
        sql: 'ALTER TABLE a ANALYZE PARTITION p0',
      },
    ],
  },
  find: ({ tokens, statement, context }) => {
    const exchanges = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'EXCHANGE', 'PARTITION'))
    if (!exchanges || !firstTableMayHaveData(statement, context)) return []
    return [
      {
        message: {
          en: 'It moves the rows of the partition out of the table and replaces them with those of another table.',
          zh: '它把分区中的行移出该表，并换成另一张表的行。',
        },
      },
    ]
  },
}
