/** Plain text on one line: characters that Markdown or HTML would interpret are escaped. */
export function words(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_[\]|~#]/g, '\\$&')
    .trim()
}

/** A name as code: between more backticks than it contains. A vertical bar would end a table cell, even in code. */
export function code(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')
  if (oneLine.trim() === '') return ''
  const longest = Math.max(0, ...[...oneLine.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = '`'.repeat(longest + 1)
  const gap = longest > 0 ? ' ' : ''
  return `${fence}${gap}${oneLine}${gap}${fence}`
}

/** A sentence of the tool: what is in backticks is code. */
export function paragraph(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? code(part) : spaced(part)))
    .join('')
}

/** Escaped, keeping the blanks at its ends, which separate it from code. */
function spaced(part: string): string {
  return `${/^\s/.test(part) ? ' ' : ''}${words(part)}${/\s$/.test(part) && part.trim() !== '' ? ' ' : ''}`
}

export function row(...cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

export function table(head: readonly string[], rows: readonly string[]): string {
  return [row(...head), row(...head.map(() => '---')), ...rows].join('\n')
}
