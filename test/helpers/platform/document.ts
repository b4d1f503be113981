import { readFileSync } from 'node:fs'
import { loginLogs, placements, restOfAlertRecords } from './decisions.ts'
import {
  byName,
  type ColumnShape,
  type ForeignKeyShape,
  type IndexShape,
  type TableShape,
  withoutDisplayWidth,
} from './table-shape.ts'

const document = new URL('../../fixtures/platform/wework-database-design.md', import.meta.url)

/** A CREATE TABLE of the document: its text as it stands there, and what that text asks for. */
export interface DocumentedTable {
  readonly name: string
  readonly sql: string
  /** What the note under it says (`-- 分表: messages_YYYYMM`), or null. */
  readonly shardPattern: string | null
  readonly shape: TableShape
}

/** The SQL blocks of the document, verbatim. The last one has no end: the document breaks off inside it. */
export function readDocumentBlocks(): readonly string[] {
  const text = readFileSync(document, 'utf8')
  return [...text.matchAll(/^```sql\n([\s\S]*?)(?:^```$|(?![\s\S]))/gm)].map((match) => match[1] ?? '')
}

/** Every table of the document, in its order, `alert_records` finished and `login_logs` added as decided. */
export function readDocumentedTables(): readonly DocumentedTable[] {
  const blocks = readDocumentBlocks()
  return [...blocks.slice(0, -1), `${blocks.at(-1)}${restOfAlertRecords}`, loginLogs].map(parseTable)
}

/** Reads one CREATE TABLE in the document's own layout: one column or key a line. Anything else is an error. */
export function parseTable(block: string): DocumentedTable {
  const part = match(block, tablePattern)
  const name = part('name')
  const collation = part('collation')
  const lines = part('body')
    .split('\n')
    .map((line) => line.trim().replace(/,$/, ''))
  const indexes = lines.filter((line) => indexStart.test(line))
  const foreignKeys = lines.filter((line) => line.startsWith('FOREIGN KEY'))
  const columns = lines.filter((line) => line !== '' && !indexes.includes(line) && !foreignKeys.includes(line))
  return {
    name,
    sql: part('sql'),
    shardPattern: /^-- 分表: (.*)$/m.exec(block)?.[1] ?? null,
    shape: {
      name,
      engine: part('engine'),
      collation,
      comment: part('comment'),
      columns: columns.map((line) => parseColumn(line, collation)),
      indexes: indexes.map(parseIndex).sort(byName),
      foreignKeys: foreignKeys.map((line) => parseForeignKey(line, name)).sort(byName),
    },
  }
}

const tablePattern =
  /^(?<sql>CREATE TABLE (?<name>\w+) \(\n(?<body>[\s\S]*?)\n\) ENGINE=(?<engine>\w+) DEFAULT CHARSET=utf8mb4 COLLATE=(?<collation>\w+) COMMENT='(?<comment>.*)';)$/m
const columnPattern =
  /^(?<name>\w+) (?<type>[A-Z]+(?:\([\d,]+\))?(?: UNSIGNED)?)(?<required> NOT NULL)?(?<increments> AUTO_INCREMENT)?(?: DEFAULT (?<value>NULL|CURRENT_TIMESTAMP|'[^']*'|\d+))?(?<onUpdate> ON UPDATE CURRENT_TIMESTAMP)? COMMENT '(?<comment>[^']*)'$/
const indexStart = /^(?:PRIMARY KEY|UNIQUE KEY|KEY)\b/
const indexPattern = /^(?<kind>PRIMARY KEY|UNIQUE KEY|KEY) ?(?<name>\w*) \((?<columns>\w+(?:, \w+)*)\)$/
const foreignKeyPattern =
  /^FOREIGN KEY \((?<column>\w+)\) REFERENCES (?<parent>\w+)\((?<parentColumn>\w+)\)(?: ON DELETE (?<onDelete>CASCADE|SET NULL))?$/

function parseColumn(line: string, tableCollation: string): ColumnShape {
  const part = match(line, columnPattern)
  return {
    name: part('name'),
    type: withoutDisplayWidth(part('type').toLowerCase()),
    nullable: part('required') === '',
    default: defaultAsStored(part('value'), part('type')),
    extra: `${part('increments')}${part('onUpdate').replace('ON UPDATE', 'on update')}`
      .trim()
      .replace('AUTO_INCREMENT', 'auto_increment'),
    collation: /^(?:VARCHAR|TEXT)/.test(part('type')) ? tableCollation : null,
    comment: part('comment'),
  }
}

/** The server keeps a default in the column's own form: 0 for DECIMAL(5,2) is 0.00. */
function defaultAsStored(value: string, type: string): string | null {
  if (value === '' || value === 'NULL') return null
  const scale = /^DECIMAL\(\d+,(\d+)\)/.exec(type)?.[1]
  return scale === undefined ? value.replace(/^'(.*)'$/, '$1') : Number(value).toFixed(Number(scale))
}

function parseIndex(line: string): IndexShape {
  const part = match(line, indexPattern)
  return {
    name: part('kind') === 'PRIMARY KEY' ? 'PRIMARY' : part('name'),
    unique: part('kind') !== 'KEY',
    columns: part('columns').split(', '),
  }
}

/** The document names no foreign key; ours are called after their table and column. */
function parseForeignKey(line: string, table: string): ForeignKeyShape {
  const part = match(line, foreignKeyPattern)
  const database = placements[part('parent')]?.database
  if (database === undefined) throw new Error(`no decision says which database holds ${part('parent')}`)
  return {
    name: `fk_${table}_${part('column')}`,
    columns: [part('column')],
    database,
    table: part('parent'),
    parentColumns: [part('parentColumn')],
    onDelete: part('onDelete') || 'NO ACTION',
    onUpdate: 'NO ACTION',
  }
}

/** Gives the named groups of a match, '' for those that took no part; throws where the text is of another form. */
function match(text: string, pattern: RegExp): (group: string) => string {
  const groups = pattern.exec(text)?.groups
  if (groups === undefined) throw new Error(`the parser of the document does not know this form: ${text.slice(0, 200)}`)
  return (group) => groups[group] ?? ''
}
