import { findForeignKeys, parentOf } from '../find-keys.ts'
import type { StatementRule } from '../rule.ts'

export const partitionForeignKey: StatementRule = {
  code: 'PARTITION_FOREIGN_KEY',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'keys',
  title: { en: 'A foreign key in or to a partitioned table', zh: '分区表上的外键，或引用分区表的外键' },
  why: {
    en: 'Partitioned InnoDB tables do not support foreign keys: the server refuses the statement.',
    zh: '分区的 InnoDB 表不支持外键：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Leave the key out and check references with `wwdb check references`, or leave the partitions out.',
    zh: '请去掉外键并用 `wwdb check references` 检查引用，或不使用分区。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/partitioning-limitations.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id)) PARTITION BY HASH (id) PARTITIONS 4',
        claims: { server: 'refuses', number: 1506 },
      },
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
        claims: [
          { server: 'refuses', number: 1506, since: '8.0.14' },
          { server: 'refuses', number: 1215, before: '8.0.14' },
        ],
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE p (id INT PRIMARY KEY)',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, p_id INT, KEY i (p_id), FOREIGN KEY (p_id) REFERENCES p (id))',
      },
    ],
  },
  find: (subject) =>
    findForeignKeys(subject, (key, table) => {
      if (table.partitioning !== null) return { en: 'is in a partitioned table', zh: '位于分区表中' }
      const parent = parentOf(key, subject)
      return parent === null || parent.partitioning === null
        ? null
        : { en: `refers to the partitioned table \`${parent.name}\``, zh: `引用了分区表 \`${parent.name}\`` }
    }),
}
