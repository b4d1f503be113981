import { ToolError } from '../../core/tool-error.ts'
import { quoteName, quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { StageRequest } from './copy-rows.ts'
import type { SplitPlace } from './cut-over.ts'
import type { SplitRecord } from './record.ts'

/** The primary key of the pieces, which was that of the table when the split began; null where none of them is there. */
async function readPieceKey({ server }: SplitPlace, { pieces }: Pick<SplitRecord, 'pieces'>) {
  const there = await server.findTables(pieces.map(({ table }) => table))
  const piece = pieces.find(({ table }) => there.get(table) === 'table')
  const [key] = piece === undefined ? [] : await server.readUniqueKeys(piece.table)
  return key?.name === 'PRIMARY' ? key.columns : null
}

const listOf = (columns: readonly string[]): string => columns.map(quoteName).join(', ')

const placeOf = ({ store: { target } }: SplitPlace) => ({ database: target.database, server: target.server })

/** Throws ToolError `SPLIT_REFUSED` where the table has another primary key than its pieces: its checkpoint and its triggers are of the one that it had. */
export async function requireOwnKey(
  place: SplitPlace,
  record: Pick<SplitRecord, 'table' | 'family' | 'pieces'>,
): Promise<void> {
  const [own] = await place.server.readUniqueKeys(record.table)
  const key = await readPieceKey(place, record)
  const isOwn = own?.name === 'PRIMARY' && own.columns.join('\0') === key?.join('\0')
  if (key === null || isOwn) return
  throw new ToolError('SPLIT_REFUSED', {
    what: `The primary key of \`${record.table}\` is no longer that of its shards.`,
    where: placeOf(place),
    why: `It was changed since the split began; the shards have (${listOf(key)}).`,
    next: `Take the split back: \`wwdb shards split ${record.table} --into ${record.family} --undo\`.`,
  })
}

/** The table, under its name of the moment, cannot be walked: the sentence says how it can be again. */
export async function refuseUnwalked(
  place: SplitPlace,
  record: Pick<SplitRecord, 'table' | 'pieces'>,
  table: string,
): Promise<ToolError> {
  const key = await readPieceKey(place, record)
  const [own] = await place.server.readUniqueKeys(table)
  const drop = own?.name === 'PRIMARY' ? 'DROP PRIMARY KEY, ' : ''
  return new ToolError('SPLIT_REFUSED', {
    what: `\`${table}\` cannot be walked by its primary key any more.`,
    where: placeOf(place),
    why: 'It was changed since the split began. The shards are in use as before.',
    next:
      key === null
        ? 'Give it its primary key again, then run the command again.'
        : `Give it its primary key again, then run the command again: \`ALTER TABLE ${quoteName(table)} ${drop}ADD PRIMARY KEY (${listOf(key)});\`.`,
  })
}

/** How the rows that a split brought to its pieces are found in the table again. */
export interface CopiesRequest extends Pick<StageRequest, 'server' | 'governor' | 'progressed'> {
  readonly schema: string
  readonly table: string
  /** That of the pieces, whatever key the table has by now. */
  readonly key: readonly string[]
}

/** Throws ToolError `SPLIT_REFUSED` where each row would be looked for in the whole table. */
export async function requireFound(place: SplitPlace, record: SplitRecord): Promise<readonly string[]> {
  const { server, store } = place
  const key = (await readPieceKey(place, record)) ?? []
  const [first] = key
  if (first === undefined) return key
  const { schema } = store.target
  const columns = (await server.readColumns(record.table)).map(({ name }) => name.toLowerCase())
  const missing = key.filter((name) => !columns.includes(name.toLowerCase()))
  const found = await server.ask(
    `SELECT 1 FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(record.table)} AND SEQ_IN_INDEX=1 AND COLUMN_NAME=${quoteString(first)} LIMIT 1`,
  )
  if (missing.length === 0 && found.length > 0) return key
  throw new ToolError('SPLIT_REFUSED', {
    what: `The split of \`${record.table}\` cannot be taken back yet.`,
    where: placeOf(place),
    why:
      missing.length > 0
        ? `The rows that it copied are found by the primary key of the shards, and the table has no ${listOf(missing)} any more.`
        : `It has no index that begins with ${quoteName(first)}, by which the rows that were copied are found again.`,
    next:
      missing.length > 0
        ? 'Give the table this column again, under its old name, then run the command again.'
        : `Add one, then run the command again: \`ALTER TABLE ${quoteName(record.table)} ADD KEY (${listOf(key)});\`.`,
  })
}

/** Condition that the table has a row of the piece. */
export const hasLike = ({ schema, table, key }: CopiesRequest, piece: string): string =>
  `EXISTS (SELECT 1 FROM ${quoteQualified(schema, table)} t WHERE ${key.map((name) => `t.${quoteName(name)}=${piece}.${quoteName(name)}`).join(' AND ')})`
