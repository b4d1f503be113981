import { kindOf, partsOf, typeOf } from '../../ddl/read-parts.ts'
import { readTable } from '../../ddl/read-table.ts'
import type { TemplateRule } from '../rule.ts'

export const templateUniqueKey: TemplateRule = {
  code: 'TEMPLATE_UNIQUE_KEY',
  looksAt: 'template',
  severity: 'hint',
  family: 'shards',
  title: {
    en: 'A unique key without the time column in a template partitioned by period: it is unique only within one shard',
    zh: '按时间分表模板中的唯一键不含时间列，只在单个分表内唯一',
  },
  why: {
    en: 'The same value may be in the shards of two periods: MySQL does not compare rows of two tables.',
    zh: '同一个值可能出现在两个时间段的分表中：服务器不会比较两张表的行。',
  },
  fix: {
    en: 'Use values that are unique by themselves, such as a UUID, or add the time that routes a row to the key.',
    zh: '请使用本身就唯一的值（例如 UUID），或把决定分表的时间列放进该键。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/create-index.html',
  fixtures: {
    found: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20) UNIQUE);',
        template: 'logs',
      },
      {
        sql: '-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20), UNIQUE KEY uk_code (code));',
        template: 'logs',
      },
    ],
    clean: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE logs (id BIGINT PRIMARY KEY, code VARCHAR(20), at DATETIME NOT NULL, UNIQUE (code, at));',
        template: 'logs',
      },
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
  find: ({ template: { tokens, headers, statement } }) => {
    if (!headers.has('period')) return []
    const { columns, indexes } = readTable(statement, tokens)
    const times = columns.filter((column) => ['datetime', 'timestamp', 'date'].includes(typeOf(column)?.base ?? ''))
    return indexes.flatMap((index) => {
      const names = partsOf(index).flatMap(({ column }) => column ?? [])
      // A value that is combined with its time can be in one period only.
      const isBound = names.some((name) => times.some((time) => time.name.toLowerCase() === name.toLowerCase()))
      if (kindOf(index) !== 'UNIQUE' || isBound || names.some((name) => /uuid|guid|hash/i.test(name))) return []
      const shown = names.join(', ')
      const message = {
        en: `\`${shown}\` is unique only within one period.`,
        zh: `\`${shown}\` 只在一个时间段内唯一。`,
      }
      return [{ statement, message }]
    })
  },
}
