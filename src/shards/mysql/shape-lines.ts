import { createHash } from 'node:crypto'
import type { Row } from '../../mysql/connection.ts'
import { quoteName, quoteQualified } from '../../sql/quote-name.ts'
import type { TableShape } from '../ports.ts'

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
export class ShapeCollector {
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

  /** What information_schema.PARTITIONS says of one that is no statistic. */
  addPartition(row: Row): void {
    this.#lines.push(`partition ${row.map(text).join(' ')}`)
  }

  finish(keepLines: boolean): TableShape {
    const lines = [...this.#lines, ...this.#renderOrder(), ...join(this.#indexes), ...this.#renderKeys()].sort()
    const fingerprint = createHash('sha256').update(lines.join('\n')).digest('hex')
    return { fingerprint, lines: keepLines ? lines : null }
  }

  /** One line for the order of all columns: where one is missing, it is one line that differs, not all that follow. */
  #renderOrder(): readonly string[] {
    const sorted = this.#columns.toSorted((a, b) => a.position - b.position)
    return sorted.length === 0 ? [] : [`order ${sorted.map((column) => column.text).join(',')}`]
  }

  #renderKeys(): readonly string[] {
    const columns = group(this.#keyColumns)
    return [...this.#keys].map(
      ([name, parent]) => `key ${quoteName(name)} (${(columns.get(name) ?? []).join(',')}) REFERENCES ${parent}`,
    )
  }
}

function text(cell: Row[number] | undefined): string {
  return cell === null || cell === undefined ? '' : String(cell)
}

function quoted(words: string): string {
  return `'${words.replaceAll("'", "''")}'`
}

function group(parts: readonly Part[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const { name, text: part } of parts.toSorted((a, b) => a.position - b.position)) {
    const members = groups.get(name)
    if (members === undefined) groups.set(name, [part])
    else members.push(part)
  }
  return groups
}

function join(parts: readonly Part[]): readonly string[] {
  return [...group(parts)].map(([name, columns]) => `${name} (${columns.join(',')})`)
}
