import { hasWords, isWord } from '../../sql/clauses.ts'
import type { TemplateRule } from '../rule.ts'

export const templateUniqueKey: TemplateRule = {
  code: 'TEMPLATE_UNIQUE_KEY',
  looksAt: 'template',
  severity: 'hint',
  family: 'shards',
  title: {
    en: 'A unique key of a template by period, which is unique within one shard only',
    zh: '按时间分片模板中的唯一键，只在单个分片内唯一',
  },
  why: {
    en: 'The same value may be in the shards of two periods: no server compares rows of two tables.',
    zh: '同一个值可能出现在两个时间段的分片中：服务器不会比较两张表的行。',
  },
  fix: {
    en: 'Use values that are unique by themselves, such as a UUID.',
    zh: '请使用本身就唯一的值，例如 UUID。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20), UNIQUE KEY uk_code (code));',
        template: 'logs',
      },
    ],
    clean: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, uuid CHAR(36), UNIQUE KEY uk_uuid (uuid));',
        template: 'logs',
      },
      {
        sql: '-- wwdb:keys app.accounts(id)\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20), UNIQUE KEY uk_code (code));',
        template: 'logs',
      },
    ],
  },
  find: ({ template: { tokens, headers, statement } }) =>
    tokens.flatMap((token, at) => {
      if (!headers.has('period') || !hasWords(tokens, at, 'UNIQUE') || !isWord(tokens[at + 1], 'KEY', 'INDEX'))
        return []
      const end = tokens.findIndex(({ text }, index) => index > at && text === ')')
      const names = tokens.slice(at + 2, end).map(({ text }) => text)
      if (names.some((name) => /uuid|guid|hash/i.test(name))) return []
      const message = {
        en: `\`${names[0]}\` is unique within one period only.`,
        zh: `\`${names[0]}\` 只在一个时间段内唯一。`,
      }
      return [{ statement, at: token, message }]
    }),
}
