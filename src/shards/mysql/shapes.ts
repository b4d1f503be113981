import { createHash } from 'node:crypto'
import { groupBy } from '../../core/group-by.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { TableShape } from '../ports.ts'
import { streamRows } from './row-text.ts'
import { neutralizeRow, type ShapeRequest, selectPartitions, selectShapes } from './shape-questions.ts'

/** Shapes of a schema's tables, in one query; a second one only where there are partitions. */
export async function readShapes(
  connection: Connection,
  request: ShapeRequest,
  keepLines: boolean,
): Promise<ReadonlyMap<string, TableShape>> {
  const wanted = request.names === null ? null : new Set(request.names)
  const facts = new FactPool()
  const tables = new Map<string, number[]>()
  const present: string[] = []
  const partitioned: string[] = []
  const take = (row: Row): void => {
    const name = String(row[1])
    if (wanted !== null && !wanted.has(name)) return
    const own = tables.get(name) ?? []
    if (own.length === 0) tables.set(name, own)
    const isWhole = request.whole?.has(name) === true
    own.push(facts.keep(neutralizeRow(name, isWhole ? withoutPartitions(row) : row, request.namesChecks)))
    // Views have columns, too.
    if (row[0] === 't') present.push(name)
    if (row[0] === 't' && !isWhole && String(row[5]).includes('partitioned')) partitioned.push(name)
  }
  await streamRows(connection, selectShapes(request), take)
  if (partitioned.length > 0) await streamRows(connection, selectPartitions(request, partitioned), take)
  const shapes = new ShapePool(facts, keepLines)
  return new Map(present.map((name) => [name, shapes.shapeOf(tables.get(name) ?? [])]))
}

/** The row of a table as it would be without partitions. */
function withoutPartitions(row: Row): Row {
  if (row[0] !== 't') return row
  const options = String(row[5] ?? '').replace(/\s*\bpartitioned\b/, '')
  return row.with(5, options.trim())
}

/** Equal rows of different tables are stored once, under a number: a family's tables consist of the same rows. */
class FactPool {
  readonly #numbers = new Map<string, number>()
  readonly #rows: Row[] = []

  keep(row: Row): number {
    const key = row.map((cell) => cell ?? '\u0001').join('\u0000')
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    const number = this.#rows.push(row) - 1
    this.#numbers.set(key, number)
    return number
  }

  rowsOf(numbers: readonly number[]): readonly Row[] {
    return numbers.flatMap((number) => {
      const row = this.#rows[number]
      return row === undefined ? [] : [row]
    })
  }
}

/** Every distinct set of facts is turned into a shape once. */
class ShapePool {
  readonly #facts: FactPool
  readonly #keepLines: boolean
  readonly #shapes = new Map<string, TableShape>()

  constructor(facts: FactPool, keepLines: boolean) {
    this.#facts = facts
    this.#keepLines = keepLines
  }

  shapeOf(numbers: readonly number[]): TableShape {
    const sorted = numbers.toSorted((a, b) => a - b)
    const key = sorted.join()
    const shape = this.#shapes.get(key) ?? this.#make(sorted)
    this.#shapes.set(key, shape)
    return shape
  }

  #make(numbers: readonly number[]): TableShape {
    const collector = new ShapeCollector()
    for (const row of this.#facts.rowsOf(numbers)) adders[String(row[0])]?.(collector, row.slice(2))
    return collector.finish(this.#keepLines)
  }
}

/** What to do with a row, by its first letter. */
const adders: Readonly<Record<string, (collector: ShapeCollector, cells: Row) => void>> = {
  t: (collector, cells) => collector.addTable(cells),
  c: (collector, cells) => collector.addColumn(cells),
  i: (collector, cells) => collector.addIndexColumn(cells),
  k: (collector, cells) => collector.addKey(cells),
  u: (collector, cells) => collector.addKeyColumn(cells),
  h: (collector, cells) => collector.addCheck(cells),
  p: (collector, cells) => collector.addPartition(cells),
}

interface Part {
  /** The index, key or check that it belongs to; empty for columns. */
  readonly name: string
  readonly position: number
  readonly text: string
}

/**
 * Collects what information_schema says of one table, names made neutral (neutral-names.ts), and renders it in lines that
 * are the same for every table of a family.
 */
class ShapeCollector {
  readonly #lines: string[] = []
  readonly #columns: Part[] = []
  readonly #indexes: Part[] = []
  readonly #keyColumns: Part[] = []
  readonly #keys = new Map<string, string>()

  /** ENGINE, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT. */
  addTable([engine, rowFormat, collation, options, comment]: Row): void {
    this.#lines.push(
      `option ENGINE=${text(engine)}`,
      `option ROW_FORMAT=${text(rowFormat)}`,
      `option COLLATE=${text(collation)}`,
    )
    if (text(options) !== '') this.#lines.push(`option ${text(options)}`)
    if (text(comment) !== '') this.#lines.push(`option COMMENT=${quoted(text(comment))}`)
  }

  /** COLUMN_NAME, ORDINAL_POSITION, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME, COLUMN_COMMENT, GENERATION_EXPRESSION, SRS_ID. */
  addColumn(row: Row): void {
    const [name, position, type, nullable, preset, extra, collation, comment, expression, srs] = row
    const words = [
      `column ${quoteName(text(name))} ${text(type)}`,
      text(collation) === '' ? '' : `COLLATE ${text(collation)}`,
      nullable === 'YES' ? 'NULL' : 'NOT NULL',
      preset === null || preset === undefined ? '' : `DEFAULT ${quoted(text(preset))}`,
      text(expression) === '' ? '' : `AS (${text(expression)})`,
      text(extra),
      text(srs) === '' ? '' : `SRID ${text(srs)}`,
      text(comment) === '' ? '' : `COMMENT ${quoted(text(comment))}`,
    ]
    const line = words.filter((word) => word !== '').join(' ')
    this.#lines.push(line)
    this.#columns.push({ name: '', position: Number(position), text: quoteName(text(name)) })
  }

  /** INDEX_NAME, SEQ_IN_INDEX, NON_UNIQUE, COLUMN_NAME, SUB_PART, COLLATION, INDEX_TYPE, IS_VISIBLE, INDEX_COMMENT, EXPRESSION. */
  addIndexColumn(row: Row): void {
    const [name, position, nonUnique, column, prefix, order, type, visible, comment, expression] = row
    const kind = Number(nonUnique) === 0 ? 'unique ' : ''
    const trailer = `${visible === 'YES' ? '' : ' INVISIBLE'}${text(comment) === '' ? '' : ` COMMENT ${quoted(text(comment))}`}`
    const part = text(expression) === '' ? quoteName(text(column)) : `(${text(expression)})`
    this.#indexes.push({
      name: `index ${quoteName(text(name))} ${kind}${text(type)}${trailer}`,
      position: Number(position),
      text: `${part}${text(prefix) === '' ? '' : `(${text(prefix)})`}${order === 'D' ? ' DESC' : ''}`,
    })
  }

  /** CONSTRAINT_NAME, schema of the parent (null for the table's own), REFERENCED_TABLE_NAME, UPDATE_RULE, DELETE_RULE. */
  addKey([name, schema, parent, onUpdate, onDelete]: Row): void {
    const place = quoteQualified(schema === null || schema === undefined ? null : text(schema), text(parent))
    this.#keys.set(text(name), `${place} ON UPDATE ${text(onUpdate)} ON DELETE ${text(onDelete)}`)
  }

  /** CONSTRAINT_NAME, ORDINAL_POSITION, COLUMN_NAME, REFERENCED_COLUMN_NAME. */
  addKeyColumn([name, position, column, parentColumn]: Row): void {
    const pair = `${quoteName(text(column))}=${quoteName(text(parentColumn))}`
    this.#keyColumns.push({ name: text(name), position: Number(position), text: pair })
  }

  /** CONSTRAINT_NAME, CHECK_CLAUSE, ENFORCED. */
  addCheck([name, clause, enforced]: Row): void {
    const unenforced = enforced === 'NO' ? ' NOT ENFORCED' : ''
    this.#lines.push(`check ${quoteName(text(name))} ${text(clause)}${unenforced}`)
  }

  /** What information_schema.PARTITIONS says about a partition, without statistics. */
  addPartition(row: Row): void {
    this.#lines.push(`partition ${row.map(text).join(' ')}`)
  }

  finish(keepLines: boolean): TableShape {
    const lines = [...this.#lines, ...this.#renderOrder(), ...this.#renderIndexes(), ...this.#renderKeys()].sort()
    const fingerprint = createHash('sha256').update(lines.join('\n')).digest('hex')
    return { fingerprint, lines: keepLines ? lines : null }
  }

  /** One line for the order of all columns: where one is missing, only one line differs, not all that follow. */
  #renderOrder(): readonly string[] {
    const sorted = this.#columns.toSorted((a, b) => a.position - b.position)
    return sorted.length === 0 ? [] : [`order ${sorted.map((column) => column.text).join(',')}`]
  }

  #renderIndexes(): readonly string[] {
    return [...groupByName(this.#indexes)].map(([name, columns]) => `${name} ${list(columns)}`)
  }

  #renderKeys(): readonly string[] {
    const columns = groupByName(this.#keyColumns)
    return [...this.#keys].map(
      ([name, parent]) => `key ${quoteName(name)} ${list(columns.get(name))} REFERENCES ${parent}`,
    )
  }
}

function text(cell: Row[number] | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "''")}'`
}

/** The columns of each index or key, in their order. */
function groupByName(parts: readonly Part[]): ReadonlyMap<string, readonly Part[]> {
  return groupBy(
    parts.toSorted((a, b) => a.position - b.position),
    ({ name }) => name,
  )
}

function list(columns: readonly Part[] = []): string {
  return `(${columns.map((column) => column.text).join(',')})`
}
