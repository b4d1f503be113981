import { createHash } from 'node:crypto'
import type { Language } from '../../core/language.ts'
import { groupDigits } from '../../core/plural.ts'
import { anchor, html, type Markup, raw } from '../markup/html.ts'
import { countReportFindings, countTables, isWhole, knownCount, type Report, type ReportGap } from '../report.ts'
import { type Words, wordsOf } from '../words.ts'
import { script } from './page/script.ts'
import { style } from './page/style.ts'
import { lookClasses, renderFamily, shardNames } from './sections/render-calendar.ts'
import { renderFindings, renderGaps, renderRuns, renderStores, renderVerdict } from './sections/render-lists.ts'
import { renderDatabases } from './sections/render-tables.ts'

/**
 * The report as one page. It contains everything that it needs, and its policy forbids it to load anything else. Pure: the same report gives the
 * same bytes.
 */
export function renderHtml(report: Report, language: Language): string {
  const words = wordsOf(language)
  const title = `${words.title}${report.environment === null ? '' : `, ${words.environment(report.environment)}`}`
  const areShardsRead = isWhole(report, 'shards')
  const page = html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="wwdb ${report.toolVersion}">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header><h1>${title}</h1><p class="facts">${words.made(report.at.slice(0, 16).replace('T', ' '), report.toolVersion)}</p>
${renderSearch(words)}
<button type="button" id="theme" data-texts="${JSON.stringify(words.theme)}" hidden>${words.theme.auto}</button></header>
<nav aria-label="${words.contents}">${renderContents(report, words)}</nav>
<main id="main" tabindex="-1">
${renderVerdict(report, words)}
${renderGaps(report, words)}
${renderOverview(report, words)}
${renderDatabases(report, words)}
<section id="shards"><h2>${words.shards}</h2>
${report.families.length === 0 ? html`<p>${areShardsRead ? words.none.families : words.notRead}</p>` : report.families.map((family) => renderFamily(family, areShardsRead, words))}
</section>
${renderRuns(report, words)}
${renderFindings('drift', report, words)}
${renderFindings('lint', report, words)}
${renderFindings('doctor', report, words)}
${renderStores(report, words)}
</main>
<script type="application/json" id="data">${toJson(pageData(report, words))}${endOfScript}
<script>${raw(script)}${endOfScript}
</body>
</html>
`
  return page.text
}

/** Not in the template: a bundler rewrites a template that ends a script. */
const endOfScript = raw(`<${'/script'}>`)

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

/** Only the page's own style and script are allowed, and nothing is fetched. */
const policy = `default-src 'none'; style-src ${hashOf(style)}; script-src ${hashOf(script)}; base-uri 'none'; form-action 'none'`

function renderSearch(words: Words): Markup {
  return html`<search hidden><input type="search" id="search" role="combobox" autocomplete="off" spellcheck="false" aria-label="${words.search}" aria-controls="hits" aria-expanded="false" aria-autocomplete="list" aria-describedby="search-keys" placeholder="${words.searchHint}"><span id="search-keys" class="hidden">${words.searchKeys}</span>
<ul id="hits" role="listbox" aria-label="${words.search}" hidden></ul><p id="count" class="hidden" role="status"></p></search>`
}

function renderContents(report: Report, words: Words): Markup {
  const known = (found: number, part: ReportGap['part']): number | null => knownCount(report, found, part)
  const item = (id: string, name: string, count: number | null = null): Markup =>
    html`<li><a href="#${id}">${name}</a>${count === null ? null : html` <span class="count">${groupDigits(count)}</span>`}</li>`
  return html`<ul>
${item('overview', words.overview)}
<li><a href="#databases">${words.databases}</a><ul>${report.databases.map((one) => item(anchor('db', one.name), one.name, known(countTables({ databases: [one] }), 'tables')))}</ul></li>
<li><a href="#shards">${words.shards}</a><ul>${report.families.map(({ name, shards }) => item(anchor('family', name), name, known(shards.length, 'shards')))}</ul></li>
${item('runs', words.runs, known(report.runs.length, 'runs'))}
${item('drift', words.drift, known(report.drift.length, 'drift'))}
${item('lint', words.lint, known(report.lint.length, 'lint'))}
${item('doctor', words.doctor, known(report.doctor.length, 'doctor'))}
${item('stores', words.stores, known(report.stores.length, 'stores'))}
</ul>`
}

/** The counts that a person looks for first. */
function renderOverview(report: Report, words: Words): Markup {
  const { databases, families, runs, stores } = report
  const tables = databases.flatMap((database) => database.tables)
  const leftOut = countTables(report) - tables.length
  const shards = families.flatMap((family) => family.shards)
  const missing = shards.filter(({ look }) => look === 'missing').length
  const tile = (name: string, count: number | null, href: string, more = '', tone = ''): Markup =>
    html`<li class="tile ${tone}"><a href="#${href}"><strong>${count === null ? '?' : groupDigits(count)}</strong> ${name}</a>${more === '' ? null : html`<span>${more}</span>`}</li>`
  const findings = knownCount(report, countReportFindings(report), 'drift', 'lint', 'doctor', 'stores')
  return html`<section id="overview"><h2>${words.overview}</h2><ul class="tiles">
${tile(words.databases, databases.length, 'databases')}
${tile(words.tables, knownCount(report, countTables(report), 'tables'), 'databases', leftOut === 0 ? '' : words.leftOut(leftOut))}
${tile(
  words.columns,
  knownCount(
    report,
    tables.reduce((sum, { columns }) => sum + columns.length, 0),
    'tables',
  ),
  'databases',
)}
${tile(words.shards, knownCount(report, shards.length, 'shards'), 'shards', missing === 0 ? '' : `${missing} ${words.looks.missing}`, missing === 0 ? '' : 'bad')}
${tile(words.runs, knownCount(report, runs.length, 'runs'), 'runs')}
${tile(words.findings, findings, 'verdict', '', findings === 0 ? 'good' : 'warn')}
${tile(words.stores, knownCount(report, stores.length, 'stores'), 'stores')}
</ul></section>`
}

/** The data that the script needs besides the page itself. */
function pageData({ families }: Report, words: Words): unknown {
  const looks = Object.fromEntries(
    Object.entries(lookClasses).map(([look, letter]) => [letter, words.looks[look as keyof typeof lookClasses]]),
  )
  const shards = Object.fromEntries(families.map((family) => [family.name, shardNames(family)]))
  return { looks, shards, hits: words.hits, none: words.noHits }
}

/** JSON that cannot end an element. */
function toJson(value: unknown): Markup {
  return raw(
    JSON.stringify(value).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029'),
  )
}
