import { countOf } from '../../core/plural.ts'
import { nameServer } from '../../core/server-place.ts'
import type { LiveUse } from '../live-use.ts'
import { listRemovedNames, nameRemoved } from '../removed-names.ts'
import type { HazardRule } from '../rule.ts'

const minute = 60_000

export const liveStatements: HazardRule = {
  code: 'LIVE_STATEMENTS',
  looksAt: 'plan',
  kind: 'advisory',
  stops: false,
  stopsProtected: true,
  severity: 'error',
  family: 'compatibility',
  title: {
    en: 'A dropped or renamed table, column or index that live statements name',
    zh: '删除或改名的表、列或索引仍被线上语句引用',
  },
  why: {
    en: 'The server has counted statements that name it within the last seven days: each of them fails as soon as the name is gone.',
    zh: '服务器在最近七天内统计到引用它的语句：名字一消失，这些语句就会失败。',
  },
  fix: {
    en: 'Look at the statements with `wwdb uses`, change the applications first, and drop or rename it when nothing names it any more.',
    zh: '请用 `wwdb uses` 查看这些语句，先修改应用，等到没有语句再引用它时再删除或改名。',
  },
  manual: 'https://dev.mysql.com/doc/refman/9.7/en/performance-schema-statement-summary-tables.html',
  fixtures: {
    found: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); SELECT n FROM a',
        sql: 'ALTER TABLE a DROP COLUMN n; SELECT n FROM a',
        live: [{ name: 'a.n', statements: 2, all: 1, last: { ago: 3 * minute, server: 'b' }, code: [] }],
        claims: { server: 'refuses', number: 1054 },
      },
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT); CREATE VIEW v AS SELECT n FROM a',
        sql: 'RENAME TABLE a TO b; SELECT n FROM v',
        live: [{ name: 'a', statements: 0, all: 0, last: null, code: ['view v'] }],
        claims: { server: 'refuses', number: 1356 },
      },
    ],
    clean: [
      {
        setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT, m INT)',
        sql: 'ALTER TABLE a DROP COLUMN m',
        live: [{ name: 'a.n', statements: 2, all: 0, last: { ago: 3 * minute, server: 'b' }, code: [] }],
      },
      { setup: 'CREATE TABLE a (id INT PRIMARY KEY, n INT)', sql: 'ALTER TABLE a DROP COLUMN n', live: [] },
    ],
  },
  find: ({ statement, context }) => {
    const { live = [] } = context
    if (live.length === 0) return []
    const removed = new Set(listRemovedNames(statement, context).map(nameRemoved))
    return live
      .filter(({ name }) => removed.has(name))
      .map((use) => ({ message: { en: inEnglish(use), zh: inChinese(use) } }))
  },
}

function inEnglish({ name, statements, all, last, code }: LiveUse): string {
  const named = code.map((one) => one.replace(/(\S+)$/, '`$1`')).join(', ')
  if (last === null) return `It is named by stored code, which fails then: ${named} for \`${name}\`.`
  const verb = statements === 1 ? 'names' : 'name'
  const byAll = all === 0 ? '' : `, ${all} of them by all columns`
  const also = code.length === 0 ? '' : `; so does stored code: ${named}`
  return `${countOf(statements, 'live statement')} ${verb} \`${name}\`${byAll}, last seen ${describeAgo(last.ago)} on ${nameServer(last.server)}${also}.`
}

function inChinese({ name, statements, all, last, code }: LiveUse): string {
  const named = code.join('、')
  if (last === null) return `存储的代码引用了 \`${name}\`，之后会失败：${named}。`
  const byAll = all === 0 ? '' : `（其中 ${all} 条取全部列）`
  const also = code.length === 0 ? '' : `；存储的代码也引用了它：${named}`
  const ago = last.ago < minute ? '不到 1 分钟前' : `${Math.round(last.ago / minute)} 分钟前`
  const place =
    last.server === 'primary' ? '主库' : `${last.server.includes(':') ? '组成员' : '从库'} \`${last.server}\``
  return `${statements} 条线上语句引用了 \`${name}\`${byAll}，最后一次在${place}，${ago}${also}。`
}

function describeAgo(ago: number): string {
  if (ago < minute) return 'less than a minute ago'
  if (ago < 120 * minute) return `${countOf(Math.floor(ago / minute), 'minute')} ago`
  const hours = Math.floor(ago / (60 * minute))
  return hours < 48 ? `${hours} hours ago` : `${Math.floor(hours / 24)} days ago`
}
