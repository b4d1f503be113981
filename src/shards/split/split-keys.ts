import { ToolError } from '../../core/tool-error.ts'
import { type CopyColumn, pairColumns } from '../../operate/online/checksum/columns.ts'
import { chooseKey } from '../../operate/online/checksum/key.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SplitPlace } from './cut-over.ts'
import type { SplitRecord } from './record.ts'
import type { Refusal } from './refuse-shape.ts'

interface PieceKey {
  /** A piece that has it. */
  readonly piece: string
  readonly columns: readonly string[]
}

/** The primary key of the pieces, which was that of the table when the split began; null where none of them has one. */
export async function readPieceKey(
  { server }: SplitPlace,
  { pieces }: Pick<SplitRecord, 'pieces'>,
): Promise<PieceKey | null> {
  const there = await server.findTables(pieces.map(({ table }) => table))
  for (const { table } of pieces) {
    const [key] = there.get(table) === 'table' ? await server.readUniqueKeys(table) : []
    if (key?.name === 'PRIMARY') return { piece: table, columns: key.columns }
  }
  return null
}

export const listOf = (columns: readonly string[]): string => columns.map(quoteName).join(', ')

export const placeOf = ({ store: { target } }: SplitPlace) => ({ database: target.database, server: target.server })

export const findColumn = (columns: readonly CopyColumn[], name: string): CopyColumn | undefined =>
  columns.find((one) => one.name.toLowerCase() === name.toLowerCase())

/** Throws ToolError `SPLIT_REFUSED` where the table has another primary key than its pieces: its checkpoint and its triggers are of the one that it had. */
export async function requireOwnKey(
  place: SplitPlace,
  record: Pick<SplitRecord, 'table' | 'family' | 'pieces'>,
): Promise<void> {
  const { server } = place
  const key = await readPieceKey(place, record)
  if (key === null) return
  const [own] = await server.readUniqueKeys(record.table)
  const isOwn = own?.name === 'PRIMARY' && own.columns.join('\0') === key.columns.join('\0')
  const other = isOwn ? await findOtherCollation(place, record.table, key) : null
  if (isOwn && other === null) return
  throw new ToolError('SPLIT_REFUSED', {
    what: `The primary key of \`${record.table}\` is no longer that of its shards.`,
    where: placeOf(place),
    why: other ?? `It was changed since the split began; the shards have (${listOf(key.columns)}).`,
    next: `Take the split back: \`wwdb shards split ${record.table} --into ${record.family} --undo\`.`,
  })
}

/** Two collations in one comparison are an error of the server (1267). A sentence; null where they are the same. */
async function findOtherCollation(
  { server }: SplitPlace,
  table: string,
  { piece, columns }: PieceKey,
): Promise<string | null> {
  const [own, others] = [await server.readColumns(table), await server.readColumns(piece)]
  for (const name of columns) {
    const [is, was] = [own, others].map((all) => findColumn(all, name)?.collation ?? null)
    if (is !== was)
      return `${quoteName(name)} was changed since the split began: its collation is ${is ?? 'none'}, and that of the shards is ${was ?? 'none'}.`
  }
  return null
}

/** The table, under its name of the moment, cannot be read in the order of its primary key: the sentence says how it can be again. */
export async function refuseUnwalked(
  place: SplitPlace,
  record: Pick<SplitRecord, 'table' | 'pieces'>,
  table: string,
): Promise<ToolError> {
  const { server } = place
  const key = await readPieceKey(place, record)
  const [own] = await server.readUniqueKeys(table)
  const isOwn = own?.name === 'PRIMARY' && (key === null || own.columns.join('\0') === key.columns.join('\0'))
  const isBefore = table === record.table
  const since = isBefore
    ? `No name was changed, and \`${table}\` is in use as before.`
    : 'Nothing was put back, and the shards are in use as before.'
  const { why, next } = isOwn
    ? await explainType(place, table, own.columns, key)
    : explainKey(table, own?.name === 'PRIMARY', key)
  const undo = isBefore ? ['Or take the split back with `--undo`.'] : []
  return new ToolError('SPLIT_REFUSED', {
    what: `\`${table}\` cannot be read in primary key order any more.`,
    where: placeOf(place),
    why: [why, since].join(' '),
    next: [next, ...undo].join(' '),
  })
}

function explainKey(table: string, hasOther: boolean, key: PieceKey | null): Refusal {
  const why = `Its primary key was ${hasOther ? 'changed' : 'dropped'} since the split began.`
  if (key === null) return { why, next: 'Give it its primary key again, then run the command again.' }
  const change = `${hasOther ? 'DROP PRIMARY KEY, ' : ''}ADD PRIMARY KEY (${listOf(key.columns)})`
  return {
    why,
    next: `Give it its primary key again, then run the command again: \`ALTER TABLE ${quoteName(table)} ${change};\`.`,
  }
}

/** It has its key, and a column of it has a type whose values are not ordered like their literals. */
async function explainType(
  { server }: SplitPlace,
  table: string,
  key: readonly string[],
  pieceKey: PieceKey | null,
): Promise<Refusal> {
  const columns = await server.readColumns(table)
  const { pairs } = pairColumns(columns, columns, new Map())
  const name = key.find((one) => chooseKey([{ name: 'PRIMARY', columns: [one] }], pairs) === null) ?? ''
  const is = findColumn(columns, name)?.fullType ?? ''
  const was = findColumn(pieceKey === null ? [] : await server.readColumns(pieceKey.piece), name)?.fullType ?? is
  const own = quoteName(name)
  return {
    why: `The type of ${own} in its primary key was changed to \`${is}\` since the split began, and rows cannot be read exactly in the order of such values.`,
    next:
      is === was
        ? `Give ${own} the type again that it had when the split began, in this table and in the shards, then run the command again.`
        : `Give ${own} the type again that it has in the shards, \`${was}\`, then run the command again.`,
  }
}
