import { groupBy } from '../../../core/group-by.ts'
import { anchor, html, type Markup } from '../../markup/html.ts'
import {
  isWhole,
  type Report,
  type ReportColumn,
  type ReportDatabase,
  type ReportKey,
  type ReportOrigin,
  type ReportTable,
} from '../../report.ts'
import type { Words } from '../../words.ts'
import { renderDiagram } from '../render-diagram.ts'

/** The link from a key to a table. */
interface Referrer {
  readonly database: string
  readonly table: string
  readonly key: ReportKey
}

/** The dictionary: every database with its diagram and its tables. */
export function renderDatabases(report: Report, words: Words): Markup {
  const { databases, families } = report
  const known = new Set(databases.flatMap(({ name, tables }) => tables.map((table) => anchor(name, table.name))))
  const referrers = groupBy(
    databases.flatMap(({ name, tables }) =>
      tables.flatMap((table) => table.keys.map((key): Referrer => ({ database: name, table: table.name, key }))),
    ),
    ({ key }) => anchor(key.database ?? '', key.table),
  )
  const counts = new Map(families.map(({ database, pattern, shards }) => [anchor(database, pattern), shards.length]))
  const links: Links = { known, referrers, counts, areTablesRead: isWhole(report, 'tables') }
  return html`<section id="databases"><h2>${words.databases}</h2>
${databases.map((database) => renderDatabase(database, words, links))}
</section>`
}

interface Links {
  /** Anchors of tables that the page has. */
  readonly known: ReadonlySet<string>
  readonly referrers: ReadonlyMap<string, readonly Referrer[]>
  /** Shards of the table that stands for a family. */
  readonly counts: ReadonlyMap<string, number>
  readonly areTablesRead: boolean
}

function renderDatabase(database: ReportDatabase, words: Words, links: Links): Markup {
  const { name, schema, server, serverVersion, source, tables, leftOut, others, migrations } = database
  const facts = [
    schema === name ? server : `${schema} @ ${server}`,
    ...(serverVersion === null ? [] : [`MySQL ${serverVersion}`]),
    ...(migrations === null ? [] : [words.migrations(migrations.applied, migrations.pending)]),
  ].join(' · ')
  return html`<section id="${anchor('db', name)}" class="database"><h3>${name}</h3>
<p class="facts">${facts}</p>
${source === 'files' ? html`<p class="note">${words.fromFiles}</p>` : null}
${leftOut === 0 ? null : html`<p class="note">${words.leftOut(leftOut)}</p>`}
${renderDiagram(database, words, links.known)}
${tables.length === 0 ? html`<p>${links.areTablesRead ? words.none.tables : words.notRead}</p>` : html`<ul class="index">${tables.map((table) => html`<li><a href="#${anchor(name, table.name)}">${table.name}</a></li>`)}</ul>`}
${tables.map((table) => renderTable(name, table, words, links))}
${others.length === 0 ? null : html`<h4>${words.others}</h4><ul>${others.map((other) => html`<li>${other.type} <code>${other.name}</code></li>`)}</ul>`}
</section>`
}

function renderTable(database: string, table: ReportTable, words: Words, links: Links): Markup {
  const id = anchor(database, table.name)
  const { name, family, comment, made, columns, keys, indexes } = table
  const from = links.referrers.get(id) ?? []
  return html`<section class="table" id="${id}"><h4><a href="#${id}">${name}</a>${comment === '' ? null : html` <small>${comment}</small>`}</h4>
<p class="facts">${family === null ? null : html`<a href="#${anchor('family', family)}">${words.familyOf(links.counts.get(id) ?? 0)}</a> · `}${made === null ? null : html`${words.madeByFile} ${renderOrigin(made, words)}`}</p>
<table><thead><tr><th scope="col">${words.column}</th><th scope="col">${words.type}</th><th scope="col">${words.default}</th><th scope="col">${words.comment}</th><th scope="col">${words.madeBy}</th></tr></thead>
<tbody>${columns.map((column) => renderColumn(column, words))}</tbody></table>
${renderLists(words, [
  [words.refersTo, keys.map((key) => renderReference(key, words, links))],
  [words.referredFrom, from.map((referrer) => renderReferrer(referrer, links))],
  [
    words.indexes,
    indexes.map(
      (index) =>
        html`<code>${index.name}</code> (${index.columns.join(', ')})${index.unique ? `, ${words.uniqueIndex}` : ''}`,
    ),
  ],
])}</section>
`
}

function renderLists(words: Words, lists: readonly (readonly [string, readonly Markup[]])[]): Markup {
  const filled = lists.filter(([, items]) => items.length > 0)
  if (filled.length === 0) return html``
  return html`<dl class="lists" lang="${words.language}">${filled.map(([name, items]) => html`<div><dt>${name}</dt>${items.map((item) => html`<dd>${item}</dd>`)}</div>`)}</dl>`
}

function renderColumn(
  { name, type, nullable, default: value, comment, key, made, changed }: ReportColumn,
  words: Words,
): Markup {
  return html`<tr><th scope="row"><code>${name}</code>${key === null || key === 'index' ? null : html` <span class="tag">${words.keys[key]}</span>`}</th><td><code>${type}</code>${nullable ? html` <span class="null">${words.optional}</span>` : null}</td><td>${value === null ? null : html`<code>${value}</code>`}</td><td>${comment}</td><td>${made === null ? null : renderVersion(made)}${changed === null ? null : html`, ${words.changedBy} ${renderVersion(changed)}`}</td></tr>
`
}

/** Only the version, because the same file created most columns of a table; the file is its title. */
function renderVersion({ file, version, name }: ReportOrigin): Markup {
  return html`<span class="version" title="${file}">${version === null ? name : version}</span>`
}

function renderOrigin({ file, applied }: ReportOrigin, words: Words): Markup {
  return html`<code>${file}</code>${applied === null ? null : `, ${words.applied(applied.slice(0, 10))}`}`
}

function renderReference(
  { columns, database, table, parentColumns, physical }: ReportKey,
  words: Words,
  links: Links,
): Markup {
  const parent = parentColumns.length === 0 ? '' : ` (${parentColumns.join(', ')})`
  return html`${columns.join(', ')} → ${renderLink(database, table, links)}${parent}${physical ? null : html` <span class="tag">${words.logical}</span>`}`
}

function renderReferrer({ database, table, key }: Referrer, links: Links): Markup {
  return html`${renderLink(database, table, links)} (${key.columns.join(', ')})`
}

function renderLink(database: string | null, table: string, { known }: Links): Markup {
  const id = anchor(database ?? '', table)
  const name = database === null ? table : `${database}.${table}`
  return known.has(id) ? html`<a href="#${id}">${name}</a>` : html`<code>${name}</code>`
}
