/** Text that is already HTML. Only `html` and `raw` create it, so that everything else is escaped. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Markup | null | readonly Value[]

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Text for between tags and for quoted attributes. What no document may contain, such as NUL, becomes the replacement character. */
function escapeHtml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what HTML does not allow.
      .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
      .replaceAll(/[&<>"']/g, (character) => escapes[character] ?? character)
  )
}

/** A template whose values are escaped, unless they are markup. Attributes are in double quotes. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  let text = parts[0] ?? ''
  for (const [index, value] of values.entries()) text += toText(value) + (parts[index + 1] ?? '')
  return new Markup(text)
}

function toText(value: Value): string {
  if (value === null) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'object') return value.map(toText).join('')
  return escapeHtml(String(value))
}

/** Text of this program, which needs no escaping. */
export function raw(text: string): Markup {
  return new Markup(text)
}

/** A sentence of the tool: what is in backticks is code. */
export function prose(text: string): Markup {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`
}

/**
 * A name as part of an address within the page: the same name always gives the same address, and different names never
 * do.
 */
export function anchor(...names: readonly string[]): string {
  return names
    .map((name) => name.replaceAll(/[^\w-]/gu, (character) => `~${character.codePointAt(0)?.toString(16)}~`))
    .join('.')
}
