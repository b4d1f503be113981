import type { SuppressionRule } from '../rule.ts'

export const expiredSuppression: SuppressionRule = {
  code: 'EXPIRED_SUPPRESSION',
  looksAt: 'suppressions',
  severity: 'warning',
  family: 'hygiene',
  title: { en: 'A `wwdb:nolint` that has expired', zh: '`wwdb:nolint` 已过期' },
  why: {
    en: 'Its author postponed the decision to a date that has passed. It no longer suppresses anything.',
    zh: '作者把决定推迟到某一天，而那一天已到。它不再覆盖任何问题。',
  },
  fix: {
    en: 'Fix the finding, or give a new date with a reason.',
    zh: '请完成被推迟的事，或写上新的日期和理由。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/comments.html',
  fixtures: {
    found: [
      {
        headers: '-- wwdb:nolint FLOAT_COLUMN rounded on purpose until 2020-01-31',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, price FLOAT)',
      },
      {
        template: 'logs',
        sql: '-- wwdb:nolint TEMPLATE_UNIQUE_KEY codes repeat by intention until 2020-01-31\n-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20) UNIQUE);',
      },
    ],
    clean: [
      {
        headers: '-- wwdb:nolint FLOAT_COLUMN rounded on purpose until 2999-12-31',
        sql: 'CREATE TABLE a (id INT PRIMARY KEY, price FLOAT)',
      },
    ],
  },
  find: ({ suppressions }) =>
    suppressions.flatMap(({ state, header, code, until, line }) =>
      state !== 'expired'
        ? []
        : [
            {
              line,
              message: {
                en: `\`wwdb:${header} ${code}\` was valid until ${until}.`,
                zh: `\`wwdb:${header} ${code}\` 的有效期到 ${until} 为止。`,
              },
            },
          ],
    ),
}
