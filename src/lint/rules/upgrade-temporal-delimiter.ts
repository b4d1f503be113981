import { isAtLeast } from '../../core/version.ts'
import { isWord } from '../../sql/clauses.ts'
import type { StatementRule } from '../rule.ts'

export const upgradeTemporalDelimiter: StatementRule = {
  code: 'UPGRADE_TEMPORAL_DELIMITER',
  looksAt: 'statement',
  verbs: ['CREATE TABLE', 'ALTER TABLE'],
  severity: 'error',
  family: 'upgrade',
  title: {
    en: 'A partition bound with a date that uses delimiters other than - and :',
    zh: '分区边界的日期使用了 - 和 : 以外的分隔符',
  },
  why: {
    en: 'Such dates have been deprecated since 8.0.29, and are refused as partition bounds: the statement fails.',
    zh: '此类日期自 8.0.29 起弃用，不能再作为分区边界：语句会失败。',
  },
  fix: { en: "Write it as '2026-01-31 00:00:00'.", zh: "请写成 '2026-01-31 00:00:00'。" },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/date-and-time-literals.html',
  fixtures: {
    found: [
      {
        sql: "CREATE TABLE a (d DATE NOT NULL) PARTITION BY RANGE COLUMNS (d) (PARTITION p VALUES LESS THAN ('2026/01/31'))",
        target: '8.4.0',
        claims: [
          { server: 'refuses', number: 1654, since: '8.0.29' },
          { server: 'accepts', before: '8.0.29' },
        ],
      },
    ],
    clean: [
      {
        sql: "CREATE TABLE a (d DATE NOT NULL) PARTITION BY RANGE COLUMNS (d) (PARTITION p VALUES LESS THAN ('2026-01-31'))",
        target: '8.4.0',
        claims: { server: 'accepts' },
      },
      {
        sql: "CREATE TABLE a (name VARCHAR(20) NOT NULL) PARTITION BY RANGE COLUMNS (name) (PARTITION p VALUES LESS THAN ('m/n'))",
        target: '8.4.0',
        claims: { server: 'accepts' },
      },
    ],
  },
  find: ({ tokens, target }) =>
    tokens.flatMap((token, at) => {
      const isBound = token.type === 'string' && tokens.slice(0, at).some((before) => isWord(before, 'VALUES'))
      if (!isBound || target === null || !isAtLeast(target, '8.0.29') || !oddDate.test(token.text)) return []
      const message = {
        en: `The bound "${token.text}" is a date with deprecated delimiters.`,
        zh: `边界 "${token.text}" 是使用已弃用分隔符的日期。`,
      }
      return [{ at: token, message }]
    }),
}

/** Four digits, two, two, with separators of which one is not a hyphen; a time after it is ignored. */
const oddDate = /^\d{4}(?:[^\d\w\s-]\d{1,2}[^\d\w\s]|-\d{1,2}[^\d\w\s-])\d{1,2}(?:\D.*)?$/
