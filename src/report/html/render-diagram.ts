import { type Box, type Edge, layOut } from '../diagram/layout.ts'
import { anchor, html, type Markup } from '../markup/html.ts'
import type { ReportDatabase } from '../report.ts'
import type { Words } from '../words.ts'

/** The tables of a database and their keys as a drawing, laid out here: the page needs nothing else to show it. */
export function renderDiagram(database: ReportDatabase, words: Words, known: ReadonlySet<string>): Markup {
  const { width, height, boxes, edges, left } = layOut(database)
  if (boxes.length === 0) return html``
  const name = words.diagram(database.name)
  return html`<figure>
${renderZoom(words)}
<div class="scroll" role="region" tabindex="0" aria-label="${name}">
<svg class="diagram" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="group" aria-label="${name}">
${edges.map(renderEdge)}${boxes.map((box) => renderBox(box, known))}
</svg></div>
<figcaption>${words.diagramKey}${left > 0 ? ` ${words.notDrawn(left)}` : ''}</figcaption>
</figure>`
}

/** The page's script shows it where the drawing is larger than its frame. */
function renderZoom({ zoom }: Words): Markup {
  const button = (way: keyof Words['zoom'], sign: string): Markup =>
    html`<button type="button" data-zoom="${way}" aria-label="${zoom[way]}" title="${zoom[way]}">${sign}</button>`
  return html`<p class="zoom" hidden>${button('out', '−')} ${button('in', '+')} <button type="button" data-zoom="fit">${zoom.fit}</button></p>`
}

function renderEdge({ child, parent, physical, from, to }: Edge): Markup {
  const out = child === parent || from.x >= child.x + child.width ? 1 : -1
  const entry = to.x <= parent.x ? -1 : 1
  const bend = child === parent ? 36 : Math.max(28, Math.abs(from.x - to.x) / 2)
  const curve = `M${from.x} ${from.y}C${from.x + out * bend} ${from.y} ${to.x + entry * bend} ${to.y} ${to.x} ${to.y}`
  const tip = from.x + out * 10
  const foot = `M${tip} ${from.y}L${from.x} ${from.y - 5}M${tip} ${from.y}L${from.x} ${from.y + 5}`
  const bar = `M${to.x + entry * 7} ${to.y - 5}V${to.y + 5}`
  return html`<path class="edge${physical ? '' : ' logical'}" d="${curve}"/><path class="foot" d="${foot}${bar}"/>`
}

function renderBox(box: Box, known: ReadonlySet<string>): Markup {
  const { x, y, width, height, title, rows, own } = box
  const target = anchor(box.database, box.table)
  const body = html`<rect class="box${own ? '' : ' other'}" x="${x}" y="${y}" width="${width}" height="${height}" rx="5"/><text class="name" x="${x + 10}" y="${y + 18}">${title}</text>${rows.map(
    ({ text, mark }, index) =>
      html`<text class="${mark}" x="${x + 10}" y="${y + 43 + index * 18}">${mark === 'primary' ? '◆ ' : mark === 'foreign' ? '→ ' : ''}${text}</text>`,
  )}`
  return known.has(target) ? html`<a href="#${target}">${body}</a>` : html`<g>${body}</g>`
}
