import { ToolError } from '../../core/tool-error.ts'
import type { Asker, Row } from '../../mysql/connection.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { PresentRow, SeedMatch, StagedTable } from '../ports.ts'
import { columnOf, literalOf, textExpression, toText } from './shape.ts'

/** Rows that are looked up by one query: it compares each row that it finds with each key. */
const atOnce = 100

/** A row of a file by its position, and the condition that finds it in a table; null where its key is not known. */
interface Wanted {
  readonly row: number
  readonly condition: string | null
}

/**
 * The rows of a table that the conditions find, each with the positions of the rows that it is. The server compares: names are equal as the collation of their column has it.
 * @param alias that of the table in the conditions
 */
async function findByKey(
  connection: Asker,
  { table, alias, selected, locks }: { table: string; alias: string; selected: readonly string[]; locks: string },
  wanted: readonly Wanted[],
): Promise<readonly (readonly [number, Row])[]> {
  const found: (readonly [number, Row])[] = []
  const known = wanted.flatMap(({ row, condition }) => (condition === null ? [] : [{ row, condition }]))
  for (let at = 0; at < known.length; at += atOnce) {
    const batch = known.slice(at, at + atOnce)
    const which = batch.map(({ row, condition }) => `IF(${condition},${row},NULL)`).join(',')
    const where = batch.map(({ condition }) => `(${condition})`).join(' OR ')
    const { rows } = await connection.ask(
      `SELECT CONCAT_WS(',',${which}),${selected.join(',')} FROM ${quoteName(table)} ${alias} WHERE ${where}${locks}`,
    )
    for (const [list, ...cells] of rows)
      for (const position of String(list).split(',')) found.push([Number(position), cells])
  }
  return found
}

const keyed = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([column, literal]) => `${column}=${literal}`).join(' AND ')

/** The value of each reference of each row: a row of another table may be on another shard, so they are looked up by themselves. */
async function resolveReferences(
  connection: Asker,
  table: StagedTable,
  rows: readonly number[],
  locks: string,
): Promise<ReadonlyMap<number, readonly (string | null)[]>> {
  const resolved = new Map(rows.map((row) => [row, table.references.map((): string | null => null)]))
  for (const [index, { table: parent, key, value }] of table.references.entries()) {
    const wanted = rows.map((row): Wanted => {
      const texts = table.rows[row]?.references[index] ?? null
      if (texts === null) return { row, condition: null }
      const pairs = key.map(
        (name, part) =>
          [
            `p.${quoteName(name)}`,
            literalOf(texts[part] ?? { type: 'null' }, { kind: 'text', type: 'varchar' }),
          ] as const,
      )
      return { row, condition: keyed(pairs) }
    })
    const selected = [`CAST(p.${quoteName(value)} AS CHAR CHARACTER SET utf8mb4)`]
    for (const [row, [text]] of await findByKey(connection, { table: parent, alias: 'p', selected, locks }, wanted)) {
      const own = resolved.get(row)
      if (own !== undefined) own[index] = toText(text)
    }
  }
  return resolved
}

/** The condition on the natural key of a row; null where a reference in it names nothing. */
function conditionOf(
  { shape, keyColumns, keyReferences, references, rows }: StagedTable,
  row: number,
  resolved: readonly (string | null)[],
): string | null {
  if (keyReferences.some((index) => (resolved[index] ?? null) === null)) return null
  return keyed([
    ...keyColumns.map(
      (name) =>
        [
          `t.${quoteName(name)}`,
          literalOf(rows[row]?.cells.get(name) ?? { type: 'null' }, columnOf(shape, name)),
        ] as const,
    ),
    ...keyReferences.map((index) => {
      const column = references[index]?.column ?? ''
      const value = { type: 'stored', text: resolved[index] ?? null } as const
      return [`t.${quoteName(column)}`, literalOf(value, columnOf(shape, column))] as const
    }),
  ])
}

/**
 * Looks up rows of files by their keys, with plain queries of one table each, as a sharded keyspace has no temporary tables to join with. Throws ToolError `SEEDS_INVALID` where several rows have one
 * key: each shard has its own unique keys.
 */
export async function matchByKey(
  connection: Asker,
  table: StagedTable,
  rows: readonly number[],
  locks: string,
): Promise<readonly SeedMatch[]> {
  const { shape } = table
  const resolved = await resolveReferences(connection, table, rows, locks)
  const values = shape.columns.filter(({ generated }) => !generated)
  const own = [...shape.identity.map((name) => columnOf(shape, name)), ...values]
  const selected = own.map((column) => textExpression('t', column))
  const wanted = rows.map((row): Wanted => ({ row, condition: conditionOf(table, row, resolved.get(row) ?? []) }))
  const present = new Map<number, PresentRow>()
  for (const [row, cells] of await findByKey(connection, { table: table.table, alias: 't', selected, locks }, wanted)) {
    if (present.has(row)) throw foundTwice(table)
    present.set(row, {
      identity: cells.slice(0, shape.identity.length).map((cell) => String(cell)),
      values: new Map(values.map(({ name }, index) => [name, toText(cells[shape.identity.length + index])])),
    })
  }
  return rows.map((row) => ({ row, references: resolved.get(row) ?? [], present: present.get(row) ?? null }))
}

const foundTwice = ({ table, keyColumns }: StagedTable): ToolError =>
  new ToolError('SEEDS_INVALID', {
    what: `The key ${keyColumns.map((name) => `\`${name}\``).join(', ')} of a seed finds several rows of \`${table}\`.`,
    why: 'A unique key holds in one shard of a keyspace: another shard has a row with the same values.',
    next: 'Remove one of the rows, or choose a key with the columns of the primary vindex.',
  })
