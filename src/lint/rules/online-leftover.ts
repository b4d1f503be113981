import { describeDuration, describeDurationInChinese } from '../../core/duration.ts'
import { formatSize } from '../../core/size.ts'
import type { FileRule } from '../rule.ts'
import type { LeftOfTable } from '../subjects.ts'

export const onlineLeftover: FileRule = {
  code: 'ONLINE_LEFTOVER',
  looksAt: 'file',
  severity: 'warning',
  family: 'blocking',
  title: {
    en: 'A table is altered of which a tool of online changes left triggers or a copy',
    zh: '更改的表上留有在线变更工具的触发器或副本',
  },
  why: {
    en: 'Triggers that were left write each change to a copy that does not get the new columns, so that writes fail or take twice as long, and the next change by a copy finds its names taken. Asked with `--server` alone.',
    zh: '残留的触发器把每次修改写入没有新列的副本，写入会失败或耗时加倍；下一次以副本方式进行的变更也会发现名称已被占用。仅在使用 `--server` 时检查。',
  },
  fix: {
    en: 'Make sure that no such tool runs, then remove what it left: triggers first, then the copy.',
    zh: '请确认没有此类工具在运行，再删除残留：先删触发器，再删副本。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/drop-trigger.html',
  fixtures: {
    found: [
      {
        sql: 'ALTER TABLE a ADD n INT',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        trial: {
          refusals: [],
          left: null,
          remade: null,
          leftovers: [
            {
              table: 'a',
              tools: ['pt-online-schema-change'],
              triggers: ['pt_osc_app_a_ins'],
              tables: [{ name: '_a_new', bytes: 60_000_000_000, age: 90 * 86_400_000 }],
              remove: ['DROP TRIGGER `app`.`pt_osc_app_a_ins`', 'DROP TABLE `app`.`_a_new`'],
            },
          ],
        },
      },
    ],
    clean: [
      {
        sql: 'ALTER TABLE a ADD n INT',
        setup: 'CREATE TABLE a (id INT PRIMARY KEY)',
        trial: {
          refusals: [],
          left: null,
          remade: null,
          leftovers: [
            {
              table: 'b',
              tools: ['gh-ost'],
              triggers: [],
              tables: [{ name: '_b_gho', bytes: 16_384, age: null }],
              remove: ['DROP TABLE `app`.`_b_gho`'],
            },
          ],
        },
      },
    ],
  },
  find: ({ file, trial }) =>
    (trial?.leftovers ?? []).flatMap((left) => {
      // Once for a table: where it is altered first.
      const read = file.up.find(({ statement: { verb, objects } }) => {
        const isOf = objects.some(({ name }) => name.toLowerCase() === left.table.toLowerCase())
        return isOf && (verb === 'ALTER TABLE' || verb.endsWith('INDEX'))
      })
      return read === undefined ? [] : [{ message: describe(left), statement: read.statement }]
    }),
}

const hour = 3_600_000

function describe({ table, tools, triggers, tables, remove }: LeftOfTable) {
  const names = (ofTrigger: string, between: string, describeAge: (age: number) => string): string =>
    [
      ...triggers.map((name) => `${ofTrigger}\`${name}\``),
      ...tables.map(({ name, bytes, age }) => {
        const rounded = age === null ? 0 : Math.floor(age / hour) * hour
        return `\`${name}\` (${[formatSize(bytes), ...(rounded > 0 ? [describeAge(rounded)] : [])].join(', ')})`
      }),
    ].join(between)
  const [en, zh] = [
    names('the trigger ', ', ', (age) => `${describeDuration(age)} old`),
    names('触发器 ', '、', (age) => `已存在 ${describeDurationInChinese(age)}`),
  ]
  const quoted = remove.map((text) => `\`${text}\``)
  return {
    en: `${tools.join(' or ')} left ${en} of \`${table}\`${quoted.length === 0 ? '' : `; when no such tool runs, remove it in this order: ${quoted.join(', then ')}`}.`,
    zh: `${tools.join(' 或 ')} 在表 \`${table}\` 上留下了${zh}${quoted.length === 0 ? '' : `；确认没有此类工具在运行之后，请依次执行：${quoted.join('，然后 ')}`}。`,
  }
}
