import { periodOf } from '../../calendar/period.ts'
import { countOf } from '../../core/plural.ts'
import { port } from '../../core/port.ts'
import type { RowTime, ShardFamily } from '../../core/shard-family.ts'
import type { FamilyInspection, MisplacedRows, TargetInspection } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { type Piece, piecesBetween } from '../split/piece.ts'

/** What was read of a shard. */
export interface SampledRows {
  readonly type: 'sampled'
  /** Without a primary key that tells rows apart, only the last times of an index are read; without an index, some rows in no order. */
  readonly where: 'both ends' | 'last times' | 'no order'
  readonly read: number
  /** Rows whose time is not in the shard's period, and the earliest and latest of these times. */
  readonly outside: number
  readonly earliest: string | null
  readonly latest: string | null
  /** Rows whose time is NULL. */
  readonly timeless: number
}

/** A shard that could not be read, and why, as a clause. */
export interface UnreadRows {
  readonly type: 'unread'
  readonly why: string
}

/** Reads rows of a shard where those of other periods are most likely: the first and the last by its primary key, and by an index that begins with the column. */
export type RowSampler = (piece: Piece, column: string) => Promise<SampledRows | UnreadRows>

export const rowSamplers = port<(store: ShardStore) => RowSampler>('shards/row-samples')

/** Reads rows at the borders of the shards of each family of periods, and names shards that have rows of other periods. */
export async function sampleRows(
  inspection: TargetInspection,
  all: readonly ShardFamily[],
  store: ShardStore,
  sample: RowSampler,
): Promise<TargetInspection> {
  const tables = (await store.listTables()).flatMap(({ name, type }) => (type === 'table' ? [name] : []))
  const families: FamilyInspection[] = []
  for (const one of inspection.families) {
    const family = all.find(({ name, database }) => name === one.family && database === inspection.target.database)
    families.push(family === undefined ? one : await sampleFamily(one, family, tables, sample))
  }
  return { ...inspection, families }
}

async function sampleFamily(
  inspection: FamilyInspection,
  family: ShardFamily,
  tables: readonly string[],
  sample: RowSampler,
): Promise<FamilyInspection> {
  const { time } = family
  // The server itself keeps rows of other periods out of a partition; a shard for each key has no period.
  if (family.keeper === 'partition' || family.division.type === 'key') return inspection
  const { unchecked } = inspection
  if (time === undefined) return { ...inspection, unchecked: [...unchecked, withoutTime(family)] }
  const pieces = tables.flatMap((table) => pieceOf(family, time, table))
  const misplaced: MisplacedRows[] = []
  const unread: string[] = []
  const counts = { shards: 0, rows: 0, lastTimes: 0, unordered: 0 }
  for (const { table, ...piece } of pieces) {
    const sampled = await sample({ table, ...piece }, time.column)
    if (sampled.type === 'unread') {
      unread.push(`Rows of \`${table}\` were not read: ${sampled.why}.`)
      continue
    }
    counts.shards += 1
    counts.rows += sampled.read
    if (sampled.where === 'last times') counts.lastTimes += 1
    if (sampled.where === 'no order') counts.unordered += 1
    const rows = sampled.outside + sampled.timeless
    if (rows > 0) misplaced.push({ table, rows, why: explain(sampled, time) })
  }
  return { ...inspection, unchecked: [...unchecked, ...unread], misplaced, sampled: counts }
}

const withoutTime = ({ name, template }: ShardFamily): string =>
  `Rows of \`${name}\` were not read: \`${template.file}\` has no line \`-- wwdb:time\`, which names the column that places a row.`

function pieceOf(family: ShardFamily, time: RowTime, table: string): readonly Piece[] {
  const { division } = family
  const { parse, name } = namingOf(family)
  const key = parse(table)
  if (key === null || division.type !== 'period') return []
  const period = periodOf(key, division.kind, division.zone)
  return period === null ? [] : piecesBetween(family, time, name, period.from, period.to - 1)
}

function explain({ read, outside, timeless, earliest, latest }: SampledRows, { column, precision }: RowTime): string {
  const own = `\`${column}\``
  const have = (rows: number): string =>
    `Of ${countOf(read, 'row')} that ${read === 1 ? 'was' : 'were'} read, ${rows} ${rows === 1 ? 'has' : 'have'}`
  const times = earliest === latest ? `${earliest}` : `${earliest} to ${latest}`
  const move = outside === 1 ? `the row to the shard of its ${own}` : `the rows to the shards of their ${own}`
  const rounds =
    precision >= 3
      ? ''
      : ` A column with ${precision === 0 ? 'no decimals' : countOf(precision, 'decimal')} rounds the last moments of a period up to the next one: give the router a shard map with \`time\`, as \`wwdb shards map\` writes it.`
  const sentences = [
    `${have(outside)} ${times}: ${own} is outside the period of this table. Move ${move}.${rounds}`,
    `${have(timeless)} NULL in ${own}, which is in no period: write a time into ${timeless === 1 ? 'it' : 'them'}.`,
  ]
  return sentences.filter((_, at) => [outside, timeless][at] !== 0).join(' ')
}
