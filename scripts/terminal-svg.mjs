// A screen of text as SVG, readable on light and on dark: the colors follow the reader's theme.

const lineHeight = 20
const characterWidth = 8.4
const padding = 16

/** Contrast of at least 4.5 to 1 on either background. */
const style = `
text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; white-space: pre; fill: #1f2328 }
.frame { fill: #f6f8fa; stroke: #d0d7de }
.strong { font-weight: 700 } .faint { fill: #59636e } .red { fill: #b3151d } .green { fill: #116329 }
.yellow { fill: #7d4e00 } .blue { fill: #0550ae } .magenta { fill: #6639ba } .cyan { fill: #0a5d70 }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .frame { fill: #0d1117; stroke: #30363d }
.faint { fill: #9198a1 } .red { fill: #ff7b72 } .green { fill: #56d364 }
.yellow { fill: #e3b341 } .blue { fill: #79c0ff } .magenta { fill: #d2a8ff } .cyan { fill: #76e3ea }
}`

/** @param lines of `{ text, tone }` */
export function drawScreen(lines, columns, title) {
  const width = Math.ceil(columns * characterWidth + 2 * padding)
  const height = lines.length * lineHeight + 2 * padding
  const drawn = lines.map((line, index) => drawLine(line, padding + lineHeight * (index + 0.75)))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve" role="img" aria-label="${title}">
<title>${title}</title>
<style>${style}
</style>
<rect class="frame" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>
${drawn.filter((line) => line !== '').join('\n')}
</svg>
`
}

/** Each span is put where its column is, so that a font of another width moves nothing out of its place. */
function drawLine(line, y) {
  let column = 0
  const spans = line.map(({ text, tone }) => {
    const x = (padding + column * characterWidth).toFixed(1)
    column += [...text].length
    const length = ([...text].length * characterWidth).toFixed(1)
    const classes = tone === '' ? '' : ` class="${tone}"`
    return `<tspan x="${x}" textLength="${length}"${classes}>${escapeText(text)}</tspan>`
  })
  return spans.length === 0 ? '' : `<text y="${y}">${spans.join('')}</text>`
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The lines of a picture as text. */
export function textOfPicture(svg) {
  return [...svg.matchAll(/<text [^>]*>(.*?)<\/text>/g)].map(([, spans = '']) =>
    spans
      .replaceAll(/<[^>]*>/g, '')
      .replaceAll('&lt;', '<')
      .replaceAll('&gt;', '>')
      .replaceAll('&amp;', '&'),
  )
}
