import { printType } from '../ddl/column-type.ts'
import type { ColumnSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import type { Column, Table } from '../ddl/table.ts'
import { defaultOf } from '../lint/written-default.ts'
import { type Clause, findWords, isMark, isWord } from '../sql/clauses.ts'
import type { Token } from '../sql/tokens.ts'
import type { Origins } from './origins.ts'
import type { ReportColumn, ReportKey, ReportOrigin, ReportTable } from './report.ts'

/** A key that the files declare; the server may not know of it. */
export interface DeclaredKeyOfTable extends Omit<ReportKey, 'physical'> {
  readonly child: string
}

/** A table as its server has it, with what the files say of it. */
export function describeTable(
  database: string,
  table: TableSnapshot,
  origins: Origins,
  declared: readonly DeclaredKeyOfTable[],
): ReportTable {
  const held = table.foreignKeys.map(
    ({ columns, parentDatabase, parent, parentColumns }): ReportKey => ({
      columns,
      database: parentDatabase ?? database,
      table: parent,
      parentColumns,
      physical: true,
    }),
  )
  const identities = new Set(held.map(identify))
  const logical = declared.filter((key) => key.child === table.name && !identities.has(identify(key)))
  return {
    name: table.name,
    family: null,
    comment: unquote(table.options['COMMENT'] ?? ''),
    made: origins.ofTable(table.name),
    columns: table.columns.map((column) => describeColumn(table, column, origins)),
    indexes: table.indexes.map(({ name, columns, unique }) => ({ name, columns, unique })),
    keys: [...held, ...logical.map((key) => toKey(key, false))],
  }
}

/** The ends of a key, which is the same key under any name. */
function identify({ columns, database, table }: Pick<ReportKey, 'columns' | 'database' | 'table'>): string {
  return JSON.stringify([columns, database, table])
}

function toKey({ columns, database, table, parentColumns }: Omit<ReportKey, 'physical'>, physical: boolean): ReportKey {
  return { columns, database, table, parentColumns, physical }
}

function describeColumn(table: TableSnapshot, column: ColumnSnapshot, origins: Origins): ReportColumn {
  const { made = null, changed = null } = origins.ofColumn(table.name, column.name) ?? {}
  return {
    name: column.name,
    type: column.type,
    nullable: column.nullable,
    default: column.autoIncrement ? 'AUTO_INCREMENT' : (column.generated?.expression ?? plainNumber(column)),
    comment: column.comment,
    key: keyOf(
      table.indexes.map(({ name, unique, columns }) => ({ isPrimary: name === 'PRIMARY', unique, columns })),
      column.name,
    ),
    made,
    changed,
  }
}

/** Servers quote numbers, too: what is a number is shown as one. */
function plainNumber({ type, default: value }: ColumnSnapshot): string | null {
  const number = /^'(-?\d+(?:\.\d+)?)'$/.exec(value ?? '')?.[1]
  return number !== undefined && /int|decimal|float|double/.test(type) ? number : value
}

interface IndexOfColumn {
  readonly isPrimary: boolean
  readonly unique: boolean
  readonly columns: readonly string[]
}

function keyOf(indexes: readonly IndexOfColumn[], column: string): ReportColumn['key'] {
  const own = indexes.filter(({ columns }) => columns.includes(column))
  if (own.some(({ isPrimary }) => isPrimary)) return 'primary'
  if (own.some(({ unique, columns }) => unique && columns.length === 1)) return 'unique'
  return own.some(({ columns }) => columns[0] === column) ? 'index' : null
}

/** What stands for a table of which only the definition in a file is known. */
interface WrittenTable {
  /** As it is shown; a family's is the pattern of its shards. */
  readonly name: string
  readonly family: string | null
  /** The statement that the tokens are from, by the file of a definition; for texts as they are written. */
  readonly madeBy: (column: string | null) => {
    readonly made: ReportOrigin | null
    readonly changed: ReportOrigin | null
  }
  readonly keys: readonly ReportKey[]
}

/** A table as the files define it: of a database whose server was not read, or of a shard family. */
export function describeWritten(table: Table, { name, family, madeBy, keys }: WrittenTable): ReportTable {
  const indexes = table.indexes.map((index) => ({
    name: index.name,
    columns: index.parts.flatMap(({ column }) => column ?? []),
    unique: index.kind === 'PRIMARY' || index.kind === 'UNIQUE',
  }))
  return {
    name,
    family,
    comment: unquote(table.options.get('COMMENT') ?? ''),
    made: madeBy(null).made,
    columns: table.columns.map((column) => ({
      ...describeDefinition(column),
      key: keyOf(
        indexes.map((index) => ({ ...index, isPrimary: index.name === 'PRIMARY' })),
        column.name,
      ),
      ...madeBy(column.name),
    })),
    indexes,
    keys,
  }
}

function describeDefinition(column: Column): Omit<ReportColumn, 'key' | 'made' | 'changed'> {
  const { name, type, attributes, definition } = column
  return {
    name,
    type: type === null ? '' : printType({ ...type, charset: null, nullable: true }),
    nullable: type?.nullable ?? !attributes.primary,
    default: attributes.autoIncrement ? 'AUTO_INCREMENT' : writtenDefault(definition),
    comment: commentOf(definition),
  }
}

function commentOf(definition: Clause): string {
  const at = findWords(definition, 'COMMENT')
  const text = at < 0 ? undefined : definition[at + 1]
  return text?.type === 'string' ? text.text : ''
}

/** The value of DEFAULT as it is written, up to the next attribute; null for none and for NULL. */
function writtenDefault(definition: Clause): string | null {
  const value = defaultOf(definition)
  const [first, second] = value ?? []
  if (value === null || first === undefined || isWord(first, 'NULL')) return null
  if (isMark(first, '-') && second !== undefined) return `-${second.text}`
  if (first.type === 'string') return `'${first.text.replaceAll("'", "''")}'`
  if (!isMark(first, '(') && !isMark(second, '(')) return first.text
  return toText(value.slice(0, closing(value)))
}

/** The end of the first parentheses. */
function closing(tokens: Clause): number {
  let depth = 0
  for (const [at, token] of tokens.entries()) {
    if (isMark(token, '(')) depth += 1
    if (isMark(token, ')')) depth -= 1
    if (depth === 0 && at > 0 && isMark(token, ')')) return at + 1
  }
  return tokens.length
}

function toText(tokens: readonly Token[]): string {
  const quoted = ({ type, text }: Token): string => (type === 'string' ? `'${text.replaceAll("'", "''")}'` : text)
  return tokens
    .map(quoted)
    .join(' ')
    .replaceAll(/ ?([(),]) ?/g, '$1')
}

/** A comment as SQL has it in quotes; `as it is` without them. */
function unquote(text: string): string {
  const inside = /^'(.*)'$/s.exec(text)?.[1]
  return inside === undefined ? text : inside.replaceAll("''", "'")
}
