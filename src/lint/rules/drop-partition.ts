import { findWords, hasWords, readAlterations } from '../../sql/clauses.ts'
import { firstTableMayHaveData } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const dropPartition: HazardRule = {
  code: 'DROP_PARTITION',
  looksAt: 'plan',
  kind: 'destructive',
  stops: true,
  severity: 'error',
  family: 'data-loss',
  title: {
    en: '`ALTER TABLE ... DROP PARTITION`, and `REORGANIZE PARTITION` of lists',
    zh: '`ALTER TABLE ... DROP PARTITION`：删除分区，以及 LIST 分区的 `REORGANIZE PARTITION`',
  },
  why: {
    en: 'The partition is dropped with all its rows. When lists are reorganized, rows with a value that is in no new list are deleted without an error.',
    zh: '分区会连同其中的所有行一起删除。重组 LIST 分区时，新列表未包含的值所对应的行会被删除，且不报错。',
  },
  fix: {
    en: 'Exchange the partition with an empty table first, so that its rows can still be read and archived. On a keyspace of Vitess, copy its rows with INSERT ... SELECT instead, and DELETE them where it is not a partition by RANGE.',
    zh: '请先用 EXCHANGE PARTITION 与一张空表交换，使这些行仍可读取和归档。在 Vitess 的 keyspace 上，请改用 INSERT ... SELECT 复制这些行；不是 RANGE 分区时，还要先用 DELETE 删除它们。',
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
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY LIST (id) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3)); INSERT INTO a (id) VALUES (1), (3)',
        sql: 'ALTER TABLE a REORGANIZE PARTITION p0 INTO (PARTITION p0 VALUES IN (2))',
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
  find: ({ tokens, statement, context }) => {
    const clauses = readAlterations(tokens)
    const drops = clauses.some((clause) => hasWords(clause, 0, 'DROP', 'PARTITION'))
    // The server refuses to leave a range out, but not a value of a list.
    const reorganizes =
      findWords(tokens, 'REORGANIZE', 'PARTITION') >= 0 && tokens.some((_, at) => hasWords(tokens, at, 'VALUES', 'IN'))
    if ((!drops && !reorganizes) || !firstTableMayHaveData(statement, context)) return []
    if (drops)
      return [
        {
          message: { en: 'It removes the partition with all rows in it.', zh: '它会删除该分区及其中的所有行。' },
        },
      ]
    return [
      {
        message: {
          en: 'It removes rows with a value that is in none of the new lists, without an error.',
          zh: '新列表未包含的值所对应的行会被删除，且不报错。',
        },
        fix: {
          en: 'Check that the new lists contain every value of the old ones, then allow it.',
          zh: '请先确认新列表包含旧列表的每个值，再允许它。',
        },
      },
    ]
  },
}
