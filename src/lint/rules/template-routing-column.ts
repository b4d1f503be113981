import { typeOf } from '../../ddl/read-parts.ts'
import { readTable } from '../../ddl/read-table.ts'
import type { TemplateRule } from '../rule.ts'

export const templateRoutingColumn: TemplateRule = {
  code: 'TEMPLATE_ROUTING_COLUMN',
  looksAt: 'template',
  severity: 'warning',
  family: 'shards',
  title: {
    en: 'A template partitioned by period without a column that determines the period of a row',
    zh: '按时间分表的模板没有能说明一行属于哪个时间段的列',
  },
  why: {
    en: 'Without a time in every row, nothing can check whether a row is in the right shard, and a query for a time range must read all shards.',
    zh: '没有每一行都有的时间列，事后就无法判断一行是否在正确的分表中，按时间范围的查询也必须读取所有分表。',
  },
  fix: {
    en: 'Add the time that routes a row as a NOT NULL column of type DATETIME, DATE or TIMESTAMP, or as a whole number that is named `..._at` or `..._time`.',
    zh: '请把决定分表的时间写成 NOT NULL 的 DATETIME、DATE 或 TIMESTAMP 列，或名为 `..._at`、`..._time` 的整数列。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/datetime.html',
  fixtures: {
    found: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, body TEXT);',
        template: 'logs',
      },
      {
        sql: '-- wwdb:period month\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, sent_at DATETIME NULL);',
        template: 'logs',
      },
    ],
    clean: [
      {
        sql: '-- wwdb:period month\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, sent_at DATETIME NOT NULL);',
        template: 'logs',
      },
      {
        sql: '-- wwdb:period month\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, created_at BIGINT UNSIGNED NOT NULL);',
        template: 'logs',
      },
      {
        sql: '-- wwdb:keys app.accounts(id)\nCREATE TABLE {{table}} (id BIGINT PRIMARY KEY, body TEXT);',
        template: 'logs',
      },
    ],
  },
  find: ({ template: { headers, statement, tokens, family } }) => {
    if (!headers.has('period')) return []
    const times = readTable(statement, tokens).columns.filter((column) => holdsTime(column.name, typeOf(column)?.base))
    if (times.some(({ nullable }) => !nullable)) return []
    const [nullable] = times
    const message =
      nullable === undefined
        ? { en: `No column of \`${family}\` contains a time.`, zh: `\`${family}\` 没有保存时间的列。` }
        : {
            en: `\`${nullable.name}\` of \`${family}\` may be NULL: such a row belongs to no period.`,
            zh: `\`${family}\` 的 \`${nullable.name}\` 可以为 NULL：这样的行不属于任何时间段。`,
          }
    return [{ statement, message }]
  },
}

/** A whole number with such a name contains seconds or milliseconds. */
function holdsTime(name: string, base: string | undefined): boolean {
  if (base === 'datetime' || base === 'timestamp' || base === 'date') return true
  return (base === 'bigint' || base === 'int') && /(?:_at|time|_ts|date)$/i.test(name)
}
