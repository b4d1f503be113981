import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { renderHtml } from '../../../src/report/html/render-html.ts'
import { anchor } from '../../../src/report/markup/html.ts'
import type { Report } from '../../../src/report/report.ts'
import { dailyFamily, sampleColumn, sampleReport, sampleTable } from '../../helpers/report/report-sample.ts'

const page = renderHtml(sampleReport, 'en')

/** What an attacker writes where a name, a comment or an error is shown. */
const hostile = `</script><script>alert(1)</script><img src=x onerror=alert(1)>"'&\`x\` ]]> \u2028 {{x}}`

/** The same report with that text wherever a server or a file brings a text. */
function poison<Value>(value: Value, key = ''): Value {
  const kept = ['at', 'startedAt', 'look', 'period', 'state', 'outcome', 'severity', 'part', 'key', 'source', 'applied']
  if (Array.isArray(value)) return value.map((item) => poison(item, key)) as Value
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, poison(inner, name)])) as Value
  }
  return (typeof value === 'string' && !kept.includes(key) ? `${value}${hostile}` : value) as Value
}

describe('the page of a report', () => {
  test('is the same for the same report, in both languages', () => {
    expect(renderHtml(sampleReport, 'en')).toBe(page)
    expect(renderHtml(sampleReport, 'zh')).toContain('<html lang="zh-CN">')
  })

  test('its policy knows its one style and its one script, and allows nothing else', () => {
    const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)?.[1] ?? ''
    const script = /<script>([\s\S]*?)<\/script>/.exec(page)?.[1] ?? ''
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]
    expect(policy?.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`,
    )
    expect(page).not.toMatch(/ style=|https?:\/\/|url\(/)
  })

  test('hostile names and comments make no element and end no attribute', () => {
    const report: Report = poison(sampleReport)
    const text = renderHtml(report, 'en')
    expect(text).toContain('alert(1)')
    expect(text.match(/<script/g)).toHaveLength(2)
    expect(text.match(/<\/script/g)).toHaveLength(2)
    expect(text).not.toContain('<img')
    const attributes = [...text.matchAll(/ (?:id|href|title|aria-label|data-family)="([^"]*)"/g)].map(
      ([, value]) => value,
    )
    expect(attributes.filter((value) => /[<>]/.test(value ?? ''))).toEqual([])
    const data = /<script type="application\/json" id="data">(.*)<\/script>/.exec(text)?.[1] ?? ''
    expect(Object.keys(JSON.parse(data).shards)).toEqual([`messages${hostile}`])
  })

  test('every link within it has its target', () => {
    const targets = new Set([...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))
    const links = [...page.matchAll(/ href="#([^"]*)"/g)].map(([, id]) => id)
    expect(links.length).toBeGreaterThan(20)
    expect(links.filter((id) => !targets.has(id))).toEqual([])
    expect(targets.size).toBe([...page.matchAll(/ id="/g)].length)
  })

  test('no two names share an anchor, and none needs to be escaped', () => {
    const names = ['a.b', 'a_b', 'a b', 'a~b', 'a%20b', '消息', 'messages_{YYYYMM}', 'é', 'e\u0301']
    const anchors = names.map((name) => anchor('db', name))
    expect(new Set(anchors).size).toBe(names.length)
    for (const one of anchors) expect(encodeURIComponent(one)).toBe(one)
    expect(anchor('a', 'b.c')).not.toBe(anchor('a.b', 'c'))
  })

  test('a column names the migration that made it and the one that changed it', () => {
    expect(page).toContain(
      'title="migrations/user_db/1_users.sql">1</span>, changed by <span class="version" title="migrations/user_db/2_mail.sql">2</span>',
    )
    expect(page).toContain('applied 2026-11-26')
  })

  test('what was not read is named with its reason, and its tables are those of the files', () => {
    expect(page).toContain('Cannot connect to MySQL at 127.0.0.1:3307.')
    expect(page).toContain('this is what the migration files define')
    expect(page).toContain('Cannot connect to MongoDB: nothing listens there.')
  })

  test('what says the same of several places is said once, with all of them', () => {
    const finding = { severity: 'warning', code: 'sum-missing', what: 'No sum.', why: null, next: null } as const
    const doctor = ['a', 'b'].map((place) => ({ ...finding, place }))
    const text = renderHtml({ ...sampleReport, doctor: [...doctor, { ...finding, place: '', what: 'Another.' }] }, 'en')
    expect(text.match(/sum-missing/g)).toHaveLength(2)
    expect(text).toContain('<span class="place">a, b</span>')
  })

  test('begins with what is wrong and where, without hints, which are folded', () => {
    const hint = { severity: 'hint', code: 'INDEX_ORDER', place: 'a.sql:1', what: 'x.', why: null, next: null } as const
    const page = renderHtml({ ...sampleReport, lint: [hint, { ...hint, place: 'b.sql:1' }] }, 'en')
    const main = page.slice(page.indexOf('<main'))
    expect(main).toMatch(/^<main[^>]*>\n<section id="verdict" class="verdict bad"><h2>1 error and 1 warning<\/h2>/)
    expect(main).toContain(
      '<li><a href="#drift">Drift</a>: 1 warning</li><li><a href="#doctor">Health</a>: 1 error</li>',
    )
    expect(main).toContain('<details class="hints"><summary>2 hints</summary>')
    const zh = renderHtml({ ...sampleReport, lint: [hint] }, 'zh')
    expect(zh).toContain('<h2>1 个错误，1 个警告</h2>')
  })

  test.each([
    ['all was read', { gaps: [], stores: [] }, 'verdict good"><h2>No errors and no warnings<'],
    ['a store was not read', { gaps: [] }, 'verdict warn"><h2>No errors and no warnings in what was read<'],
  ])('says that nothing is wrong where %s no further than that', (_, more, expected) => {
    expect(renderHtml({ ...sampleReport, drift: [], doctor: [], ...more }, 'en')).toContain(expected)
  })

  test('every fourth week of a calendar has its number, and months stand above the week in which they begin', () => {
    const weekly = { ...(sampleReport.families[0] ?? dailyFamily(1)), period: 'week' as const }
    const shards = ['2026-W01', '2026-W05'].map((key) => ({ key, table: key, look: 'past' as const, note: '' }))
    const page = renderHtml({ ...sampleReport, families: [{ ...weekly, shards }] }, 'en')
    const labels = /<div class="row months">(.*?)<\/div>/.exec(page)?.[1] ?? ''
    const weeks = [...labels.matchAll(/<span>(\d*)<\/span>/g)].map(([, number]) => number)
    expect(weeks).toHaveLength(53)
    expect(weeks.flatMap((number, at) => (number === '' ? [] : [[at + 1, number]]))).toEqual(
      [1, 5, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53].map((week) => [week, String(week)]),
    )
    const days = renderHtml({ ...sampleReport, families: [dailyFamily(400)] }, 'en')
    const [, first = ''] = /<div class="row months">(.*?)<\/div>/.exec(days) ?? []
    const months = [...first.matchAll(/<span>(\d*)<\/span>/g)].map(([, number]) => number)
    // The first of January 2000 was a Saturday: February began in the sixth week that starts on Monday.
    expect([months[0], months[1], months[5]]).toEqual(['1', '', '2'])
    expect(months.filter((month) => month !== '')).toHaveLength(12)
  })

  test('a calendar has a cell for each shard, at its place in the year', () => {
    const row = /data-family="messages"[^>]*>.*?<div class="row">(.*?)<\/div>/s.exec(page)?.[1]
    expect(row).toBe(
      '<i></i>'.repeat(5) + ['d', 'a', 'h', 'm', 'p', 'l', 'n'].map((look) => `<i class=${look}></i>`).join(''),
    )
    expect(page).toContain('1 missing')
  })

  test('days stand below their weekday: a week is a column from Monday', () => {
    const [first] =
      /<div class="row">(?:<i[^>]*><\/i>)+/.exec(renderHtml({ ...sampleReport, families: [dailyFamily(366)] }, 'en')) ??
      []
    // The first of January 2000 was a Saturday.
    expect(first?.startsWith(`<div class="row">${'<i></i>'.repeat(5)}<i class=p>`)).toBe(true)
    expect(first?.match(/<i/g)).toHaveLength(5 + 366)
  })

  test('10,000 shards stay below a megabyte', () => {
    const families = [dailyFamily(10_000)]
    const text = renderHtml({ ...sampleReport, families }, 'en')
    expect(text.match(/<i class=[plnm]><\/i>/g)).toHaveLength(10_000)
    expect(Buffer.byteLength(text)).toBeLessThan(1_000_000)
  })

  test('1,300 tables with keys are drawn and listed, and tables without keys are counted where they are many', () => {
    const tables = Array.from({ length: 1300 }, (_, index) =>
      sampleTable(`t${index}`, {
        columns: Array.from({ length: 20 }, (_, at) => sampleColumn(`c${at}`, { comment: 'what it is' })),
        keys:
          index > 1000
            ? [{ columns: ['c1'], database: 'big', table: `t${index - 1}`, parentColumns: ['c0'], physical: true }]
            : [],
      }),
    )
    const [database] = sampleReport.databases
    const databases = database === undefined ? [] : [{ ...database, name: 'big', tables }]
    const text = renderHtml({ ...sampleReport, databases }, 'en')
    expect(text.match(/<section class="table"/g)).toHaveLength(1300)
    expect(text.match(/class="edge"/g)).toHaveLength(299)
    expect(text.includes('1,000 tables without foreign keys are not drawn.')).toBe(true)
  })
})
