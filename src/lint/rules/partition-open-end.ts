import { hasWords, isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const partitionOpenEnd: StatementRule = {
  code: 'PARTITION_OPEN_END',
  looksAt: 'statement',
  verbs: ['CREATE TABLE'],
  severity: 'hint',
  family: 'keys',
  title: { en: 'Range partitions without a partition for later values', zh: '范围分区没有容纳更大值的分区' },
  why: {
    en: 'A row beyond the last range is refused: if no later partition is added in time, every INSERT fails.',
    zh: '超出最后范围的行会被拒绝：一旦没有及时添加分区，所有 INSERT 都会失败。',
  },
  fix: {
    en: 'Add a partition with MAXVALUE, or make sure that a job adds partitions in time.',
    zh: '请增加 MAXVALUE 分区，或确保有任务按时添加分区。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-range.html',
  fixtures: {
    found: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9)); INSERT INTO a VALUES (10)',
        claims: { server: 'refuses', number: 1526 },
      },
    ],
    clean: [
      {
        sql: 'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9), PARTITION q VALUES LESS THAN MAXVALUE)',
      },
      { sql: 'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 4' },
    ],
  },
  find: ({ tokens, statement }) => {
    const at = tokens.findIndex((_, index) => hasWords(tokens, index, 'PARTITION', 'BY', 'RANGE'))
    const by = tokens[at]
    if (by === undefined || tokens.some((token) => isWord(token, 'MAXVALUE'))) return []
    const table = statement.objects[0]?.name ?? ''
    return [
      {
        at: by,
        message: {
          en: `\`${table}\` has no partition for later values.`,
          zh: `表 \`${table}\` 没有容纳更大值的分区。`,
        },
      },
    ]
  },
}
