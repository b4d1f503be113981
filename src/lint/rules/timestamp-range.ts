import { columnVerbs, findColumns } from '../find-columns.ts'
import type { StatementRule } from '../rule.ts'

export const timestampRange: StatementRule = {
  code: 'TIMESTAMP_RANGE',
  looksAt: 'statement',
  verbs: columnVerbs,
  severity: 'hint',
  family: 'types',
  title: { en: 'A `TIMESTAMP`, which ends in January 2038', zh: '`TIMESTAMP` 类型，其范围止于 2038 年 1 月' },
  why: {
    en: 'A TIMESTAMP cannot store a time after 2038-01-19 03:14:07 UTC, which expiry dates already reach.',
    zh: 'TIMESTAMP 不能表示 2038-01-19 03:14:07 UTC 之后的时刻：有些到期日期已经超出该范围。',
  },
  fix: { en: 'Use DATETIME in UTC.', zh: '请使用存放 UTC 时间的 DATETIME。' },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/datetime.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (id INT PRIMARY KEY, expires_at TIMESTAMP NULL); INSERT INTO a VALUES (1, '2040-01-01')",
        claims: { server: 'refuses', number: 1292 },
      },
    ],
    clean: [{ sql: 'CREATE TABLE a (id INT PRIMARY KEY, expires_at DATETIME NULL)' }],
  },
  find: (subject) =>
    findColumns(subject, ({ type }) =>
      type?.base === 'timestamp'
        ? { en: 'is a TIMESTAMP, which ends in January 2038', zh: '是 TIMESTAMP：止于 2038 年 1 月' }
        : null,
    ),
}
