import type { ShardFamily } from '../../core/shard-family.ts'
import type { Target } from '../../core/target.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import type { SplitServer } from '../split/ports.ts'
import { type Collision, has, isNamed, type MoveFacts, type ShardFacts } from './move-facts.ts'
import type { MoveKeyspace, MoveSource, UniqueIndex } from './ports.ts'
import type { MovedShard, VtctldShell } from './workflow-commands.ts'

/** What is asked about a move. */
export interface MoveFactsRequest {
  readonly source: MoveSource
  readonly server: Pick<SplitServer, 'readObstacles'>
  readonly store: Pick<ShardStore, 'target' | 'listTables'>
  readonly keyspace: MoveKeyspace
  readonly destination: Target
  readonly family: ShardFamily
  readonly table: string
  readonly column: string
  /** How printed commands reach vtctld. */
  readonly shell: VtctldShell
}

/** Reads both sides. Writes nothing. */
export async function readMoveFacts(request: MoveFactsRequest): Promise<MoveFacts> {
  const { source, keyspace, store, destination, family, table, column, shell } = request
  const moved = family.division.type === 'key' ? await listMoved(store, family) : []
  const shards: ShardFacts[] = []
  for (const shard of moved) shards.push(await readShard(request, shard))
  const wanted = keyspace.isSharded === true ? await keyspace.readColumns(table) : []
  const isThere = wanted.length > 0
  const wantedUnique = isThere ? await keyspace.readUniqueIndexes(table) : []
  const vschema = isThere ? await keyspace.readVschemaTable(table) : null
  const counted = vschema?.autoIncrement ?? null
  return {
    source: store.target,
    destination,
    family,
    table,
    column,
    shell,
    shards,
    isSharded: keyspace.isSharded,
    wanted,
    wantedUnique,
    vschema,
    counted: isThere ? await keyspace.readCounted(table) : null,
    sequence: counted === null ? null : await keyspace.readSequence(counted.sequence.keyspace, counted.sequence.name),
    lastId: counted === null ? null : await readLast(source, shards, counted.column),
    collisions: await findCollisions(source, shards, wantedUnique, column),
  }
}

/** The shards that exist, by their keys. */
export async function listMoved(
  store: Pick<ShardStore, 'listTables'>,
  family: ShardFamily,
): Promise<readonly MovedShard[]> {
  const { parse } = namingOf(family)
  return (await store.listTables())
    .flatMap(({ name, type }) => {
      const key = type === 'table' ? parse(name) : null
      return key === null ? [] : [{ key, table: name }]
    })
    .toSorted((a, b) => (BigInt(a.key) < BigInt(b.key) ? -1 : 1))
}

async function readShard(
  { source, server, store: { target }, column }: MoveFactsRequest,
  shard: MovedShard,
): Promise<ShardFacts> {
  const { table, key } = shard
  const columns = await source.readColumns(table)
  const own = quoteName(column)
  const strangers = has(columns, column)
    ? await source.ask(`SELECT ${ownHint} COUNT(*) FROM ${quoteName(table)} WHERE NOT ${own}<=>${key}`)
    : null
  return {
    ...shard,
    columns,
    unique: await source.readUniqueIndexes(table),
    obstacles: await server.readObstacles(table),
    strangers: strangers === null ? null : Number(strangers[0]?.[0]),
    rows: await estimateRows(source, target, table),
  }
}

/** InnoDB's estimate. */
export async function estimateRows(
  source: Pick<MoveSource, 'ask'>,
  { schema }: Target,
  table: string,
): Promise<number> {
  const [[rows] = []] = await source.ask(
    `SELECT IFNULL(TABLE_ROWS,0) FROM information_schema.TABLES WHERE TABLE_SCHEMA=${quoteString(schema)} AND TABLE_NAME=${quoteString(table)}`,
  )
  return Number(rows ?? 0)
}

/** The highest number of a column in all shards; null where they have no rows, or not the column. */
export async function readLast(
  source: Pick<MoveSource, 'ask'>,
  shards: readonly (MovedShard & { readonly columns?: ShardFacts['columns'] })[],
  column: string,
): Promise<bigint | null> {
  let last: bigint | null = null
  for (const { table, columns } of shards) {
    if (columns !== undefined && !has(columns, column)) continue
    const [[found] = []] = await source.ask(
      `SELECT ${ownHint} CAST(MAX(${quoteName(column)}) AS CHAR) FROM ${quoteName(table)}`,
    )
    if (found === null || found === undefined) continue
    const own = BigInt(String(found))
    if (last === null || own > last) last = own
  }
  return last
}

/** How many values of a key are shown. */
const shown = 5

/** Values that several shards have, of each unique key that the key of the shard is no part of. Reads all rows of them. */
async function findCollisions(
  source: Pick<MoveSource, 'ask'>,
  shards: readonly ShardFacts[],
  unique: readonly UniqueIndex[],
  column: string,
): Promise<readonly Collision[]> {
  const found: Collision[] = []
  for (const { name, columns } of unique) {
    if (columns === null || columns.some((one) => isNamed(one, column))) continue
    if (shards.length < 2 || !columns.every((one) => shards.every((shard) => has(shard.columns, one)))) continue
    const list = columns.map(quoteName).join(',')
    const each = shards.map(({ table }) => `SELECT ${list} FROM ${quoteName(table)}`).join(' UNION ALL ')
    const rows = await source.ask(
      `SELECT ${ownHint} ${columns.map((one) => `CAST(${quoteName(one)} AS CHAR)`).join(',')} FROM (${each}) AS all_shards WHERE ${columns.map((one) => `${quoteName(one)} IS NOT NULL`).join(' AND ')} GROUP BY ${list} HAVING COUNT(*)>1 LIMIT ${shown}`,
    )
    if (rows.length > 0) found.push({ key: name, columns, values: rows.map((row) => row.map(String).join(', ')) })
  }
  return found
}
