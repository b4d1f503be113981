import { groupBy } from '../../../core/group-by.ts'
import { groupDigits } from '../../../core/plural.ts'
import { anchor, html, type Markup, raw } from '../../markup/html.ts'
import type { ReportFamily, ReportShard, ShardLook } from '../../report.ts'
import { shardLooks } from '../../report.ts'
import type { Words } from '../../words.ts'

/** A letter for each look: a page with ten thousand shards repeats it for each of them. */
export const lookClasses: Readonly<Record<ShardLook, string>> = {
  past: 'p',
  live: 'l',
  premade: 'n',
  held: 'h',
  archived: 'a',
  dropped: 'd',
  missing: 'm',
}

/** A shard at its place in its year. */
interface Cell {
  readonly at: number
  readonly look: ShardLook
}

/** How many shards that need attention are named in full. */
const mostNamed = 100

/**
 * The family with its calendar: a square per shard, a row per year, as in a contribution calendar.
 * @param areShardsRead whether all shards of all families were read
 */
export function renderFamily(family: ReportFamily, areShardsRead: boolean, words: Words): Markup {
  const { name, database, pattern, period, zone, template, shards } = family
  const label = words.calendar(name)
  const facts = [words.perPeriod[period], ...(zone === null || zone === 'UTC' ? [] : [zone])].join(' · ')
  return html`<section class="family" id="${anchor('family', name)}"><h3>${name}</h3>
<p class="facts"><a href="#${anchor(database, pattern)}">${database}.${pattern}</a> · ${facts} · ${words.template} <code>${template}</code></p>
${
  shards.length === 0
    ? html`<p>${areShardsRead ? words.none.shards : words.notRead}</p>`
    : html`${renderLegend(shards, words)}
<div class="calendar ${period}" role="group" tabindex="0" aria-label="${label}. ${words.calendarKeys}" data-family="${name}" data-x="${stepsOf(period).x}" data-y="${stepsOf(period).y}">${renderYears(family)}</div>
<output class="shard" aria-live="polite"></output>`
}
${renderNamed(shards, words)}
</section>`
}

function stepsOf(period: ReportFamily['period']): { readonly x: number; readonly y: number } {
  if (period === 'day') return { x: 7, y: 1 }
  return { x: 1, y: { week: 53, month: 12, quarter: 4, year: 1, key: 10 }[period] }
}

/** How many there are of each look: the calendar in words. */
function renderLegend(shards: readonly ReportShard[], words: Words): Markup {
  const counts = groupBy(shards, ({ look }) => look)
  return html`<ul class="legend">${shardLooks.map((look) => {
    const count = counts.get(look)?.length ?? 0
    return count === 0 && look === 'dropped'
      ? null
      : html`<li><i class="${lookClasses[look]}"></i> ${groupDigits(count)} ${words.looks[look]}</li>`
  })}</ul>`
}

function renderYears({ period, shards }: ReportFamily): Markup {
  if (period === 'key')
    return html`<div class="row keys">${raw(
      cellsOf(
        shards.map(({ look }, at) => ({ at, look })),
        0,
      ),
    )}</div>`
  const years = groupBy(shards, ({ key }) => key.slice(0, 4))
  return html`${renderHead(period)}${[...years].map(([label, own]): Markup => {
    const cells = own.map(({ key, look }): Cell => ({ at: placeOf(key, period), look }))
    return html`${period === 'day' ? renderMonths(label) : null}<div class="line"><span class="label" aria-hidden="true">${label}</span><div class="row">${raw(cellsOf(cells, lengthOf(label, period)))}</div></div>`
  })}`
}

/** A week is too narrow for its number: only every fourth is labeled. */
const weeksOfLabel = 4

/** The numbers of weeks, months and quarters above their columns. */
function renderHead(period: PeriodKind): Markup {
  if (period === 'year' || period === 'day') return html``
  const every = period === 'week' ? weeksOfLabel : 1
  const numbers = Array.from({ length: lengthOf('', period) }, (_, index) => labelOf(index % every === 0, index + 1))
  return html`<div class="line" aria-hidden="true"><span class="label"></span><div class="row months">${numbers}</div></div>`
}

/** Months above the weeks in which they begin, which differ from year to year. */
function renderMonths(year: string): Markup {
  const starts = new Map(
    Array.from({ length: 12 }, (_, index) => {
      const key = `${year}-${String(index + 1).padStart(2, '0')}-01`
      return [Math.floor(placeOf(key, 'day') / 7), index + 1]
    }),
  )
  const columns = Math.ceil(lengthOf(year, 'day') / 7)
  const labels = Array.from({ length: columns }, (_, column) => labelOf(starts.has(column), starts.get(column) ?? 0))
  return html`<div class="line" aria-hidden="true"><span class="label"></span><div class="row months">${labels}</div></div>`
}

function labelOf(shown: boolean, label: number): Markup {
  return shown ? html`<span>${label}</span>` : html`<span></span>`
}

type PeriodKind = Exclude<ReportFamily['period'], 'key'>

const dayLength = 86_400_000

/** The weekday of 1 January, counted from Monday. */
function weekdayOf(year: string): number {
  return (new Date(`${year}-01-01T00:00Z`).getUTCDay() + 6) % 7
}

/** The place of a period in its year, from 0. For days, columns are weeks, and the first row is Monday. */
function placeOf(key: string, period: PeriodKind): number {
  const year = key.slice(0, 4)
  switch (period) {
    case 'day':
      return (
        weekdayOf(year) + Math.round((Date.parse(`${key}T00:00Z`) - Date.parse(`${year}-01-01T00:00Z`)) / dayLength)
      )
    case 'week':
      return Number(key.slice(6)) - 1
    case 'month':
      return Number(key.slice(5)) - 1
    case 'quarter':
      return Number(key.slice(6)) - 1
    case 'year':
      return 0
  }
}

/** How many places a year has; always 53 for weeks, so that the years align. */
function lengthOf(year: string, period: PeriodKind): number {
  if (period !== 'day') return { week: 53, month: 12, quarter: 4, year: 1 }[period]
  return placeOf(`${year}-12-31`, 'day') + 1
}

/** Written as briefly as HTML allows. Places without a shard are empty cells, so that months align. */
function cellsOf(cells: readonly Cell[], length: number): string {
  let text = ''
  let next = 0
  for (const { at, look } of cells) {
    text += `${empty.repeat(Math.max(0, at - next))}<i class=${lookClasses[look]}></i>`
    next = at + 1
  }
  return text + empty.repeat(Math.max(0, length - next))
}

const empty = '<i></i>'

/** Shards that need attention, by name: missing ones first. */
function renderNamed(shards: readonly ReportShard[], words: Words): Markup {
  const named = [...shards.filter(({ look }) => look === 'missing'), ...shards.filter(needsWords)]
  if (named.length === 0) return html``
  const shown = named.slice(0, mostNamed)
  const rest = named.length - shown.length
  return html`<details><summary>${words.toKnow} (${named.length})</summary><ul>${shown.map(
    ({ table, look, note }) =>
      html`<li><code>${table}</code> ${words.looks[look]}${note === '' ? '' : `, ${note}`}</li>`,
  )}${rest > 0 ? html`<li>${words.more(rest)}</li>` : null}</ul></details>`
}

function needsWords({ look, note }: ReportShard): boolean {
  return look === 'held' || (look !== 'missing' && /protected|registry/.test(note))
}

/**
 * What the page's script says about a shard: names without their common part, and notes by place. In the order of the
 * cells.
 */
export function shardNames({
  shards,
}: ReportFamily): readonly [start: string, rest: readonly string[], notes: Readonly<Record<number, string>>] {
  const names = shards.map(({ table }) => table)
  const start = sharedStart(names)
  const notes = shards.flatMap(({ note }, index) => (note === '' ? [] : [[index, note] as const]))
  return [start, names.map((name) => name.slice(start.length)), Object.fromEntries(notes)]
}

function sharedStart(names: readonly string[]): string {
  const [first = ''] = names
  let length = first.length
  for (const name of names) while (!name.startsWith(first.slice(0, length))) length -= 1
  return first.slice(0, length)
}
