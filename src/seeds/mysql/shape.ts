import { groupBy } from '../../core/group-by.ts'
import type { Asking } from '../../mysql/asking.ts'
import type { Row } from '../../mysql/connection.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { SeedColumn, SeedTableShape, WrittenValue } from '../ports.ts'

const numbers = new Set([
  'tinyint',
  'smallint',
  'mediumint',
  'int',
  'bigint',
  'decimal',
  'float',
  'double',
  'year',
  'bit',
])
const bytes = new Set(['binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'geometry'])

function toColumn([, name, type, nullable, fallback, extra, expression]: Row): SeedColumn {
  const dataType = String(type).toLowerCase()
  const generated = String(expression ?? '') !== ''
  const fills = /auto_increment|DEFAULT_GENERATED/i.test(String(extra))
  return {
    name: String(name),
    type: dataType,
    kind: numbers.has(dataType) ? 'number' : bytes.has(dataType) ? 'bytes' : 'text',
    required: nullable === 'NO' && fallback === null && !fills && !generated,
    generated,
    following: /\bon update\b/i.test(String(extra)),
    computedDefault:
      /\bDEFAULT_GENERATED\b/i.test(String(extra)) && !/^(?:CURRENT_TIMESTAMP|now)\b/i.test(String(fallback)),
  }
}

interface Index {
  readonly table: string
  readonly name: string
  readonly columns: (string | null)[]
  whole: boolean
}

function toIndexes(rows: readonly Row[]): readonly Index[] {
  const indexes = new Map<string, Index>()
  for (const [table, name, column, part] of rows) {
    const key = `${table}\n${name}`
    const index = indexes.get(key) ?? { table: String(table), name: String(name), columns: [], whole: true }
    indexes.set(key, index)
    // A prefix of a column, or an expression, does not identify rows.
    index.whole &&= column !== null && part === null
    index.columns.push(toText(column))
  }
  return [...indexes.values()]
}

/** The tables as the server has them; missing tables and views are absent. */
export async function describeShapes(
  asking: Asking,
  tables: readonly string[],
): Promise<ReadonlyMap<string, SeedTableShape>> {
  if (tables.length === 0) return new Map()
  const where = `TABLE_SCHEMA=DATABASE() AND TABLE_NAME IN (${tables.map((name) => quoteString(name)).join(',')})`
  const { answers, error } = await asking.askEach([
    `SELECT TABLE_NAME,COLUMN_NAME,DATA_TYPE,IS_NULLABLE,COLUMN_DEFAULT,EXTRA,GENERATION_EXPRESSION FROM information_schema.COLUMNS WHERE ${where} ORDER BY TABLE_NAME,ORDINAL_POSITION`,
    `SELECT TABLE_NAME,INDEX_NAME,COLUMN_NAME,SUB_PART FROM information_schema.STATISTICS WHERE ${where} AND NON_UNIQUE=0 ORDER BY TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX`,
    'COMMIT',
  ])
  if (error !== null) throw error
  const columns = groupBy(answers[0]?.rows ?? [], ([table]) => String(table))
  const indexes = toIndexes(answers[1]?.rows ?? [])
  // A server that ignores the case of names finds `Users`, and reports it as `users`.
  const others = new Map(
    [...columns.keys()].filter((name) => !tables.includes(name)).map((name) => [name.toLowerCase(), name]),
  )
  return new Map(
    tables.flatMap((table): readonly (readonly [string, SeedTableShape])[] => {
      const present = columns.has(table) ? table : others.get(table.toLowerCase())
      const rows = present === undefined ? undefined : columns.get(present)
      if (rows === undefined) return []
      const own = indexes.filter((index) => index.table === present)
      const whole = own.flatMap(({ name, columns: all, whole: isWhole }) =>
        isWhole ? [{ name, columns: all.filter((column) => column !== null) }] : [],
      )
      const primary = whole.find(({ name }) => name === 'PRIMARY') ?? whole[0]
      const uniqueKeys = whole.map((index) => index.columns)
      const looseKeys = own.filter((index) => !index.whole)
      return [[table, { columns: rows.map(toColumn), identity: primary?.columns ?? [], uniqueKeys, looseKeys }]]
    }),
  )
}

/** A column's value as a text that differs wherever the values differ, in a session whose time zone is UTC. */
export function textExpression(alias: string, { name, type, kind }: SeedColumn, as = name): string {
  const column = `${alias}.${quoteName(as)}`
  if (kind === 'bytes') return `CONCAT('0x',HEX(${column}))`
  switch (type) {
    // As JSON they keep every digit; text has only six.
    case 'float':
    case 'double':
      return `CAST(CAST(${column} AS JSON) AS CHAR)`
    // Parsed again from its text: SQL may have computed a decimal into it, and values from a file are not decimals.
    case 'json':
      return `CAST(CAST(CAST(${column} AS CHAR) AS JSON) AS CHAR)`
    case 'bit':
      return `CAST(${column}+0 AS CHAR)`
    default:
      return `CAST(${column} AS CHAR CHARACTER SET utf8mb4)`
  }
}

const plainNumber = /^[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?$/

/** A value as SQL. Text in place of a number is left to the server, which says what is wrong with it. */
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

export const toText = (cell: unknown): string | null => (cell === null || cell === undefined ? null : String(cell))

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
