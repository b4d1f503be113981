import { hasWords, isWord, readAlterations } from '../../sql/clauses.ts'
import type { Token } from '../../sql/tokens.ts'
import type { HistoryRule } from '../rule.ts'

export const partitionAfterMaxvalue: HistoryRule = {
  code: 'PARTITION_AFTER_MAXVALUE',
  looksAt: 'history',
  severity: 'error',
  family: 'keys',
  title: { en: '`ADD PARTITION` after one with `MAXVALUE`', zh: '在含 `MAXVALUE` 的分区之后 `ADD PARTITION`' },
  why: {
    en: 'Nothing can follow MAXVALUE: the server refuses the statement.',
    zh: 'MAXVALUE 之后不能再有分区：服务器会拒绝该语句。',
  },
  fix: {
    en: 'Split the last partition: REORGANIZE PARTITION pmax INTO (...).',
    zh: '请拆分最后一个分区：REORGANIZE PARTITION pmax INTO (...)。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/alter-table-partition-operations.html',
  fixtures: {
    found: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE COLUMNS (id) (PARTITION o VALUES LESS THAN (9), PARTITION p VALUES LESS THAN (MAXVALUE))',
        sql: 'ALTER TABLE a DROP PARTITION o; ALTER TABLE a ADD PARTITION (PARTITION r VALUES LESS THAN (99))',
        claims: { server: 'refuses', number: 1493 },
      },
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9), PARTITION pmax VALUES LESS THAN MAXVALUE)',
        sql: 'ALTER TABLE a ADD PARTITION (PARTITION q VALUES LESS THAN (99))',
        claims: { server: 'refuses', number: 1481 },
      },
    ],
    clean: [
      {
        setup:
          'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9), PARTITION q VALUES LESS THAN MAXVALUE)',
        sql: 'ALTER TABLE a DROP PARTITION q; ALTER TABLE a ADD PARTITION (PARTITION r VALUES LESS THAN (99))',
        claims: { server: 'accepts' },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p VALUES LESS THAN (9))',
        sql: 'ALTER TABLE a ADD PARTITION (PARTITION q VALUES LESS THAN (99))',
      },
    ],
  },
  find: ({ files, judged }) => {
    /** By table, the partition that has MAXVALUE. */
    const open = new Map<string, string>()
    return files.flatMap((file) =>
      file.up.flatMap(({ statement, tokens }) => {
        const name = statement.objects[0]?.name.toLowerCase() ?? ''
        const adds = readAlterations(tokens).some((clause) => hasWords(clause, 0, 'ADD', 'PARTITION'))
        const found = adds && open.has(name) && judged.has(file.file)
        if (['CREATE TABLE', 'DROP TABLE'].includes(statement.verb)) open.delete(name)
        const last = /^(?:CREATE|ALTER) TABLE$/.test(statement.verb) ? partitionWithMaxvalue(tokens) : null
        if (last !== null) open.set(name, last)
        const dropped = readAlterations(tokens).some(
          (clause) =>
            hasWords(clause, 0, 'REMOVE', 'PARTITIONING') ||
            (hasWords(clause, 0, 'DROP', 'PARTITION') &&
              tokens.some(({ text }) => text.toLowerCase() === open.get(name))),
        )
        if (dropped) open.delete(name)
        const message = {
          en: `\`${name}\` already has a partition with MAXVALUE.`,
          zh: `表 \`${name}\` 已有 MAXVALUE 分区。`,
        }
        return found ? [{ statement, message }] : []
      }),
    )
  },
}

/** The name of the partition `PARTITION name VALUES LESS THAN MAXVALUE`, in lower case; null where there is none. */
function partitionWithMaxvalue(tokens: readonly Token[]): string | null {
  const end = tokens.findIndex((token) => isWord(token, 'MAXVALUE'))
  const start = tokens.slice(0, Math.max(0, end)).findLastIndex((token) => isWord(token, 'PARTITION'))
  return end < 0 ? null : (tokens[start + 1]?.text.toLowerCase() ?? null)
}
