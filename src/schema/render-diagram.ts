import type { ColumnSnapshot, ForeignKeySnapshot, SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'

/** The parts of a table that a diagram shows. */
export interface DrawnTable {
  readonly type: 'table'
  readonly name: string
  readonly columns: readonly Pick<ColumnSnapshot, 'name' | 'type' | 'nullable' | 'comment'>[]
  readonly indexes: readonly Pick<TableSnapshot['indexes'][number], 'name' | 'columns' | 'unique'>[]
  readonly foreignKeys: readonly Pick<ForeignKeySnapshot, 'columns' | 'parentDatabase' | 'parent'>[]
}

/** The parts of a schema that a diagram shows; only tables are included. */
interface DrawnSchema<Table extends DrawnTable> {
  readonly database: string
  readonly objects: readonly (Table | { readonly type: Exclude<SchemaSnapshot['objects'][number]['type'], 'table'> })[]
}

function tablesOf<Table extends DrawnTable>(
  schemas: readonly DrawnSchema<Table>[],
): readonly { readonly database: string; readonly table: Table }[] {
  return schemas.flatMap(({ database, objects }) =>
    objects.flatMap((object) => (object.type === 'table' ? [{ database, table: object }] : [])),
  )
}

/** Whether a row of the parent has at most one child, or a child may have no parent. */
function describeKey(
  table: DrawnTable,
  key: Pick<ForeignKeySnapshot, 'columns'>,
): { readonly isOne: boolean; readonly isOptional: boolean } {
  const same = (columns: readonly string[]): boolean =>
    columns.length === key.columns.length && columns.every((name) => key.columns.includes(name))
  return {
    isOne: table.indexes.some(({ unique, columns }) => unique && same(columns)),
    isOptional: table.columns.some(({ name, nullable }) => nullable && key.columns.includes(name)),
  }
}

/**
 * An entity relationship diagram for Mermaid (`erDiagram`), of one or several databases. Mermaid accepts letters, digits and `_` in types: other
 * characters are left out.
 */
export function renderMermaid(schemas: readonly DrawnSchema<DrawnTable>[]): string {
  const isSeveral = schemas.length > 1
  const entity = (database: string, table: string): string =>
    `"${(isSeveral ? `${database}.${table}` : table).replaceAll('"', "'")}"`
  const lines = tablesOf(schemas).flatMap(({ database, table }) => [
    `  ${entity(database, table.name)} {`,
    ...table.columns.map(
      (column) =>
        `    ${word(column.type)} ${word(column.name)}${keysOf(table, column.name)}${column.comment === '' ? '' : ` "${oneLine(column.comment)}"`}`,
    ),
    '  }',
    ...table.foreignKeys.map((key) => {
      const { isOne, isOptional } = describeKey(table, key)
      const parent = entity(key.parentDatabase ?? database, key.parent)
      return `  ${parent} ${isOptional ? '|o' : '||'}--${isOne ? 'o|' : 'o{'} ${entity(database, table.name)} : "${oneLine(key.columns.join(', '))}"`
    }),
  ])
  return `${['erDiagram', ...lines].join('\n')}\n`
}

function word(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}_]+/gu, '_').replaceAll(/^_+|_+$/g, '') || '_'
}

function oneLine(text: string): string {
  return text.replaceAll('"', "'").replaceAll(/\s+/g, ' ')
}

function keysOf(table: DrawnTable, column: string): string {
  const isPrimary = table.indexes.some(({ name, columns }) => name === 'PRIMARY' && columns.includes(column))
  const isForeign = table.foreignKeys.some(({ columns }) => columns.includes(column))
  const isUnique = table.indexes.some(
    ({ name, unique, columns }) => name !== 'PRIMARY' && unique && columns.length === 1 && columns[0] === column,
  )
  const marks = [...(isPrimary ? ['PK'] : []), ...(isForeign ? ['FK'] : []), ...(isUnique ? ['UK'] : [])]
  return marks.length === 0 ? '' : ` ${marks.join(', ')}`
}

/** The tables in DBML, the language of dbdiagram.io and dbdocs. */
export function renderDbml(snapshots: readonly SchemaSnapshot[]): string {
  const isSeveral = snapshots.length > 1
  const name = (database: string, table: string): string =>
    isSeveral ? `${quote(database)}.${quote(table)}` : quote(table)
  const all = tablesOf<TableSnapshot>(snapshots)
  const tables = all.map(({ database, table }) => renderDbmlTable(name(database, table.name), table))
  const references = all.flatMap(({ database, table }) =>
    table.foreignKeys.map((key) => {
      const columns = (list: readonly string[]): string =>
        list.length === 1 ? quote(list[0] ?? '') : `(${list.map(quote).join(', ')})`
      const { isOne } = describeKey(table, key)
      const child = `${name(database, table.name)}.${columns(key.columns)}`
      return `Ref ${quote(key.name)}: ${child} ${isOne ? '-' : '>'} ${name(key.parentDatabase ?? database, key.parent)}.${columns(key.parentColumns)}`
    }),
  )
  return `${[...tables, ...references].join('\n\n')}\n`
}

function quote(text: string): string {
  return /^[A-Za-z_]\w*$/.test(text) ? text : `"${text.replaceAll('"', "'")}"`
}

function renderDbmlTable(name: string, table: TableSnapshot): string {
  const primary = table.indexes.find((index) => index.name === 'PRIMARY')?.columns ?? []
  const columns = table.columns.map((column) => {
    const settings = [
      ...(primary.length === 1 && primary[0] === column.name ? ['pk'] : []),
      ...(column.autoIncrement ? ['increment'] : []),
      ...(column.nullable ? [] : ['not null']),
      ...(column.default === null ? [] : [`default: ${dbmlDefault(column.default)}`]),
      ...(column.comment === '' ? [] : [`note: ${dbmlText(column.comment)}`]),
    ]
    return `  ${quote(column.name)} ${/^[\w(),]+$/.test(column.type) ? column.type : `"${column.type.replaceAll('"', "'")}"`}${settings.length === 0 ? '' : ` [${settings.join(', ')}]`}`
  })
  const indexes = table.indexes
    .filter((index) => index.name !== 'PRIMARY' || index.columns.length > 1)
    .map(
      (index) =>
        `    (${index.columns.map((one) => (one.startsWith('(') ? `\`${one.slice(1, -1)}\`` : quote(one))).join(', ')}) [${index.name === 'PRIMARY' ? 'pk' : [`name: ${dbmlText(index.name)}`, ...(index.unique ? ['unique'] : [])].join(', ')}]`,
    )
  const comment = /^'(.*)'$/s.exec(table.options['COMMENT'] ?? '')?.[1]?.replaceAll("''", "'")
  return [
    `Table ${name} {`,
    ...columns,
    ...(indexes.length === 0 ? [] : ['  indexes {', ...indexes, '  }']),
    ...(comment === undefined ? [] : [`  Note: ${dbmlText(comment)}`]),
    '}',
  ].join('\n')
}

function dbmlText(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll(/\s+/g, ' ')}'`
}

/** A number or a string as is, anything else as an expression. */
function dbmlDefault(text: string): string {
  const literal = /^'(-?\d+(?:\.\d+)?)'$/.exec(text)?.[1] ?? (/^-?\d+(\.\d+)?$/.test(text) ? text : undefined)
  if (literal !== undefined) return literal
  const words = /^'(.*)'$/s.exec(text)?.[1]
  return words === undefined ? `\`${text}\`` : dbmlText(words.replaceAll("''", "'"))
}
