import { createHash } from 'node:crypto'

/** What the tests' server understands of a CREATE TABLE: enough to compare, rename and refuse. */
export interface TableText {
  readonly name: string
  /** One line a column, index, key and option, in the order of the text; names of tables as written. */
  readonly items: readonly string[]
  readonly columns: readonly string[]
  /** Tables of the same schema that foreign keys refer to. */
  readonly references: readonly string[]
}

const head = /^\s*CREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?`((?:[^`]|``)+)`\s*\(/i
const reference = /REFERENCES\s+`([^`]+)`(?!\s*\.)/gi

/** Throws for what is no CREATE TABLE with a quoted name. */
export function parseTable(text: string): TableText {
  const opening = head.exec(text)
  const name = opening?.[1]
  if (opening === null || name === undefined) throw new Error(`no CREATE TABLE: ${text}`)
  const { items, rest } = splitItems(text.slice(opening[0].length))
  const lines = items.map(toLine)
  const option = rest
    .replace(/AUTO_INCREMENT\s*=?\s*\d+/i, '')
    .replace(/\s+/g, ' ')
    .trim()
  return {
    name: name.replaceAll('``', '`'),
    items: [...lines, ...(option === '' ? [] : [`option ${option}`])],
    columns: items.flatMap((item) => /^`([^`]+)`/.exec(item)?.[1] ?? []),
    references: items.flatMap((item) => [...item.matchAll(reference)].flatMap((match) => match[1] ?? [])),
  }
}

/** As SHOW CREATE TABLE prints it: the inverse of parsing, but for blanks. */
export function printTable({ name, items }: TableText): string {
  const options = items.filter((item) => item.startsWith('option ')).map(withoutKind)
  const elements = items.filter((item) => !item.startsWith('option ')).map(withoutKind)
  return `CREATE TABLE \`${name.replaceAll('`', '``')}\` (\n  ${elements.join(',\n  ')}\n) ${options.join(' ')}`
}

function withoutKind(item: string): string {
  return item.slice(item.indexOf(' ') + 1)
}

/** A column that the text may give as `name type ...`. */
function toLine(item: string): string {
  if (item.startsWith('`')) return `column ${item}`
  return `${/FOREIGN\s+KEY|CONSTRAINT/i.test(item) ? 'key' : 'index'} ${item}`
}

/** Splits at the commas outside parentheses and quotes, as far as the closing parenthesis. */
function splitItems(text: string): { readonly items: readonly string[]; readonly rest: string } {
  const items: string[] = []
  let depth = 0
  let from = 0
  for (const match of text.matchAll(/'(?:[^'\\]|\\.|'')*'|`[^`]*`|[(),]/g)) {
    const [token] = match
    if (token === '(') depth += 1
    if (depth === 0 && (token === ',' || token === ')')) {
      items.push(text.slice(from, match.index).replace(/\s+/g, ' ').trim())
      from = match.index + 1
      if (token === ')') return { items, rest: text.slice(from) }
    }
    if (token === ')') depth -= 1
  }
  throw new Error(`the parenthesis of a CREATE TABLE stays open: ${text}`)
}

/** As the driver does it: the table's own name, and the key that ends it in the names of siblings, left out. */
export function fingerprintOf(table: TableText): { readonly fingerprint: string; readonly lines: readonly string[] } {
  const lines = table.items
    .map((item) => item.replaceAll(table.name, '{{table}}'))
    .map((item) =>
      item.replace(reference, (text, parent: string) => text.replace(parent, withoutKey(table.name, parent))),
    )
    .sort()
  return { fingerprint: createHash('sha256').update(lines.join('\n')).digest('hex'), lines }
}

function withoutKey(own: string, parent: string): string {
  const key = /[^_]*$/.exec(own)?.[0] ?? ''
  return key !== '' && parent.endsWith(`_${key}`) ? `${parent.slice(0, -key.length)}{{key}}` : parent
}
