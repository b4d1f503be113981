import { ToolError } from '../../core/tool-error.ts'
import type { CopyColumn } from '../../operate/online/checksum/columns.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { SplitPlace } from './cut-over.ts'
import type { SplitRecord } from './record.ts'
import type { Refusal } from './refuse-shape.ts'
import { findColumn, listOf, placeOf, readPieceKey } from './split-keys.ts'

/** How the rows that a split brought to its pieces are found in the table again. */
export interface Copies {
  /** By the name of a piece, the condition that the table has a row of it. */
  readonly likes: ReadonlyMap<string, string>
  /** Whether the table has each column as the pieces have it: a trigger that names another one fails each write of the application. */
  readonly isUnchanged: boolean
  /** Why they are not found; null where they are. */
  readonly refused: ToolError | null
}

interface Described {
  readonly name: string
  readonly columns: readonly CopyColumn[]
}

/** Looks how copies are found by the key of the pieces, whatever key the table has by now. Changes nothing, and does not throw for what it finds. */
export async function findCopies(place: SplitPlace, record: SplitRecord): Promise<Copies> {
  const { server, store } = place
  const { table } = record
  const own = await server.readColumns(table)
  const there = await server.findTables(record.pieces.map((piece) => piece.table))
  const pieces: Described[] = []
  for (const [name, type] of there) if (type === 'table') pieces.push({ name, columns: await server.readColumns(name) })
  const isUnchanged = pieces.every(({ columns }) =>
    columns.every((column) => column.generated || isEqual(findColumn(own, column.name), column)),
  )
  const key = (await readPieceKey(place, record))?.columns ?? (await readPrimary(place, table))
  const refusal =
    refuseColumns({ name: table, columns: own }, pieces, key) ?? (await refuseWithoutIndex(place, table, key ?? []))
  if (key === null || refusal !== null)
    return { likes: new Map(), isUnchanged, refused: refusal === null ? null : toError(place, record, refusal) }
  const { schema } = store.target
  const likes = new Map(
    pieces.map(({ name, columns }) => {
      const piece = quoteQualified(schema, name)
      const same = key.map((column) => equals(findColumn(own, column), findColumn(columns, column), piece))
      return [name, `EXISTS (SELECT 1 FROM ${quoteQualified(schema, table)} t WHERE ${same.join(' AND ')})`]
    }),
  )
  return { likes, isUnchanged, refused: null }
}

async function readPrimary({ server }: SplitPlace, table: string): Promise<readonly string[] | null> {
  const [key] = await server.readUniqueKeys(table)
  return key?.name === 'PRIMARY' ? key.columns : null
}

const isEqual = (own: CopyColumn | undefined, { fullType, collation, nullable }: CopyColumn): boolean =>
  own !== undefined && own.fullType === fullType && own.collation === collation && own.nullable === nullable

/** By the collation of the table, whose index has it. */
function equals(own: CopyColumn | undefined, other: CopyColumn | undefined, piece: string): string {
  const [left, right] = [`t.${quoteName(own?.name ?? '')}`, `${piece}.${quoteName(other?.name ?? '')}`]
  const isOther = own !== undefined && own.charset !== null && own.collation !== other?.collation
  return isOther ? `${left}=CONVERT(${right} USING ${own.charset}) COLLATE ${own.collation}` : `${left}=${right}`
}

const orEmpty = 'or empty the shards where nothing else wrote to them; then run the command again.'

/** The table, or a piece, has no column of the key, or one of another kind, for which no index is read. */
function refuseColumns(table: Described, pieces: readonly Described[], key: readonly string[] | null): Refusal | null {
  if (key === null)
    return {
      why: `They are found by the primary key, and neither \`${table.name}\` nor its shards have one any more.`,
      next: `Give \`${table.name}\` its primary key again, ${orEmpty}`,
    }
  for (const { name, columns } of [table, ...pieces]) {
    const missing = key.filter((column) => findColumn(columns, column) === undefined)
    if (missing.length > 0)
      return {
        why: `They are found by the primary key (${listOf(key)}), and \`${name}\` has no ${listOf(missing)} any more.`,
        next: `Give \`${name}\` this column again, under its old name, ${orEmpty}`,
      }
    for (const column of key) {
      const [is, other] = [findColumn(table.columns, column), findColumn(columns, column)]
      if (is === undefined || other === undefined || kindOf(is) === kindOf(other)) continue
      return {
        why: `They are found by the primary key, and ${quoteName(column)} is \`${is.fullType}\` in \`${table.name}\` and \`${other.fullType}\` in \`${name}\`.`,
        next: `Give the column one type in both, ${orEmpty}`,
      }
    }
  }
  return null
}

const times = new Set(['date', 'datetime', 'timestamp', 'time'])

function kindOf({ type, charset }: CopyColumn): string {
  if (charset !== null) return 'text'
  if (/binary|blob/.test(type)) return 'bytes'
  return times.has(type) ? 'time' : 'number'
}

/** Each row would be looked for in the whole table: the optimizer reads no index that is invisible, and a FULLTEXT index finds words. */
async function refuseWithoutIndex(
  { server, store }: SplitPlace,
  table: string,
  key: readonly string[],
): Promise<Refusal | null> {
  const [first = ''] = key
  const [found] = await server.ask(
    `SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(store.target.schema)} AND TABLE_NAME=${quoteString(table)} AND SEQ_IN_INDEX=1 AND COLUMN_NAME=${quoteString(first)} AND IS_VISIBLE='YES' AND INDEX_TYPE='BTREE' LIMIT 1`,
  )
  if (found !== undefined) return null
  return {
    why: `\`${table}\` has no visible index that begins with ${quoteName(first)}, by which they are found.`,
    next: `Add one, then run the command again: \`ALTER TABLE ${quoteName(table)} ADD KEY (${listOf(key)});\`.`,
  }
}

const toError = (place: SplitPlace, { table }: SplitRecord, { why, next }: Refusal): ToolError =>
  new ToolError('SPLIT_REFUSED', {
    what: `The split of \`${table}\` cannot be taken back yet: copies of its rows are left in the shards.`,
    where: placeOf(place),
    why: `Its triggers are dropped, and \`${table}\` is written to as before the split. ${why}`,
    next,
  })
