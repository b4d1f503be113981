import { createHash } from 'node:crypto'
import type { TableShape } from '../../../engine/shards/ports.ts'
import type { Row } from '../connection.ts'
import { quoteName } from '../literals.ts'

const ownName = '{{table}}'
const siblingKey = '{{key}}'

interface Part {
  /** The index, key or check that it belongs to; empty for columns. */
  readonly name: string
  readonly position: number
  readonly text: string
}

/**
 * Collects what information_schema says of one table, and renders it in lines that are the same for every table of a
 * family: the table's own name is a placeholder wherever it occurs in names and comments, and so is the shard key at the
 * end of the names of siblings that its foreign keys refer to.
 */
export class ShapeCollector {
  readonly #table: string
  readonly #lines: string[] = []
  readonly #columns: Part[] = []
  readonly #indexes: Part[] = []
  readonly #keyColumns: Part[] = []
  readonly #keys = new Map<string, string>()

  constructor(table: string) {
    this.#table = table
  }

  /** ENGINE, ROW_FORMAT, TABLE_COLLATION, CREATE_OPTIONS, TABLE_COMMENT. */
  addTable([engine, rowFormat, collation, options, comment]: Row): void {
    this.#lines.push(
      `option ENGINE=${text(engine)}`,
      `option ROW_FORMAT=${text(rowFormat)}`,
      `option COLLATE=${text(collation)}`,
    )
    if (text(options) !== '') this.#lines.push(`option ${text(options)}`)
    if (text(comment) !== '') this.#lines.push(`option COMMENT=${quoted(this.#withoutOwnName(text(comment)))}`)
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
      text(comment) === '' ? '' : `COMMENT ${quoted(this.#withoutOwnName(text(comment)))}`,
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
      name: `index ${quoteName(this.#withoutOwnName(text(name)))} ${kind}${text(type)}${trailer}`,
      position: Number(position),
      text: `${part}${text(prefix) === '' ? '' : `(${text(prefix)})`}${order === 'D' ? ' DESC' : ''}`,
    })
  }

  /** CONSTRAINT_NAME, schema of the parent (null for the table's own), REFERENCED_TABLE_NAME, UPDATE_RULE, DELETE_RULE. */
  addKey([name, schema, parent, onUpdate, onDelete]: Row): void {
    const place =
      schema === null || schema === undefined
        ? quoteName(nameSibling(this.#table, text(parent)))
        : `${quoteName(text(schema))}.${quoteName(text(parent))}`
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
    this.#lines.push(`check ${quoteName(this.#withoutOwnName(text(name)))} ${text(clause)}${unenforced}`)
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
      ([name, parent]) =>
        `key ${quoteName(this.#withoutOwnName(name))} (${(columns.get(name) ?? []).join(',')}) REFERENCES ${parent}`,
    )
  }

  #withoutOwnName(words: string): string {
    return words.replaceAll(this.#table, ownName)
  }
}

/**
 * The name of another table of the same schema that a foreign key refers to, as all shards of the family have it: what
 * ends both names alike, from a digit on, is the key they share (`group_members_42` to `groups_42`, `a_2026w49` to
 * `b_2026w49`). A name with the key elsewhere has it replaced where the whole run of digits is one of the table's own.
 */
export function nameSibling(own: string, parent: string): string {
  if (own === parent) return ownName
  let shared = 0
  while (shared < Math.min(own.length, parent.length) && own.at(-1 - shared) === parent.at(-1 - shared)) shared += 1
  const rest = parent.slice(parent.length - shared)
  // A number that is cut in two (142 and 42) is not shared.
  const cut = /\d$/.test(own.slice(0, own.length - shared)) || /\d$/.test(parent.slice(0, parent.length - shared))
  const key = (cut ? rest.replace(/^\d+/, '') : rest).replace(/^\D+/, '')
  if (key !== '') return parent.slice(0, parent.length - key.length) + siblingKey
  const runs = new Set(own.match(/\d+/g))
  return parent.replace(/\d+/g, (run) => (runs.has(run) ? siblingKey : run))
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
