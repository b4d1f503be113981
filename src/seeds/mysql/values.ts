import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { SeedColumn, SeedTableShape, WrittenValue } from '../ports.ts'

/** A column's value as a text that differs wherever the values do; in a session whose time zone is UTC. */
export function textExpression(alias: string, { name, type, kind }: SeedColumn, as = name): string {
  const column = `${alias}.${quoteName(as)}`
  if (kind === 'bytes') return `CONCAT('0x',HEX(${column}))`
  switch (type) {
    // As JSON they keep every digit, where text has six.
    case 'float':
    case 'double':
      return `CAST(CAST(${column} AS JSON) AS CHAR)`
    // Read once more from its text: what SQL computed into it may be a decimal, and what comes from a file is none.
    case 'json':
      return `CAST(CAST(CAST(${column} AS CHAR) AS JSON) AS CHAR)`
    case 'bit':
      return `CAST(${column}+0 AS CHAR)`
    default:
      return `CAST(${column} AS CHAR CHARACTER SET utf8mb4)`
  }
}

const plainNumber = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/

/** A value as SQL. Text in a number's place is left to the server, which says what is wrong with it. */
export function literalOf(value: WrittenValue, { kind, type }: Pick<SeedColumn, 'kind' | 'type'>): string {
  if (value.type === 'null' || value.text === null) return 'NULL'
  const { text } = value
  if (kind === 'number' && type !== 'float' && type !== 'double' && plainNumber.test(text)) return text
  if (kind === 'bytes' && value.type === 'stored') return `X'${text.slice(2)}'`
  return quoteString(text)
}

export function columnOf({ columns }: SeedTableShape, name: string): SeedColumn {
  const column = columns.find((one) => one.name === name)
  if (column === undefined) throw new Error(`no column ${name}: the shapes should have been checked`)
  return column
}

/** A condition that finds the rows of some identities. */
export function areRows(alias: string, shape: SeedTableShape, identities: readonly (readonly string[])[]): string {
  return identities.length === 0 ? 'FALSE' : identities.map((one) => `(${isRow(alias, shape, one)})`).join(' OR ')
}

/** A condition that finds the one row of an identity. */
export function isRow(alias: string, shape: SeedTableShape, identity: readonly string[]): string {
  return shape.identity
    .map((name, index) => {
      const value = { type: 'stored', text: identity[index] ?? null } as const
      return `${alias}${quoteName(name)}=${literalOf(value, columnOf(shape, name))}`
    })
    .join(' AND ')
}
