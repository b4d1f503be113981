import { periodOf } from '../../calendar/period.ts'
import { countOf } from '../../core/plural.ts'
import { port } from '../../core/port.ts'
import type { RowTime, ShardFamily } from '../../core/shard-family.ts'
import type { FamilyInspection, TargetInspection, UnexpectedTable } from '../inspection.ts'
import type { ShardStore } from '../ports.ts'
import { namingOf } from '../render-shard.ts'
import { type Piece, piecesBetween } from '../split/piece.ts'

/** What was read of a shard. */
export interface SampledRows {
  readonly read: number
  /** Rows whose time is not in the shard's period, and the earliest and latest of these times. */
  readonly outside: number
  readonly earliest: string | null
  readonly latest: string | null
}

/** Reads rows of a shard where such are most likely: the first and the last by its primary key, and by an index that begins with the column. */
export type RowSampler = (piece: Piece, column: string) => Promise<SampledRows>

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
  const { division, time } = family
  // The server itself keeps rows of other periods out of a partition.
  if (division.type === 'key' || family.keeper === 'partition') return inspection
  if (time === undefined) return { ...inspection, unchecked: [...inspection.unchecked, withoutTime(family)] }
  const pieces = tables.flatMap((table) => pieceOf(family, time, table))
  const found: UnexpectedTable[] = []
  let read = 0
  for (const piece of pieces) {
    const sampled = await sample(piece, time.column)
    read += sampled.read
    if (sampled.outside > 0) found.push({ table: piece.table, why: explain(sampled, time) })
  }
  return {
    ...inspection,
    unexpected: [...inspection.unexpected, ...found],
    sampled: { shards: pieces.length, rows: read },
  }
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

function explain({ read, outside, earliest, latest }: SampledRows, { column, precision }: RowTime): string {
  const times = earliest === latest ? `${earliest}` : `from ${earliest} to ${latest}`
  const why =
    precision >= 3
      ? ''
      : ` A column with ${precision === 0 ? 'no decimals' : countOf(precision, 'decimal')} rounds the last moments of a period up to the next one: give the router a shard map with \`time\`, as \`wwdb shards map\` writes it.`
  return `${countOf(outside, 'row')} of the ${read} that were read ${outside === 1 ? 'has' : 'have'} a \`${column}\` of another period, ${times}: readers look for ${outside === 1 ? 'it' : 'them'} in its shard. Move ${outside === 1 ? 'it' : 'them'} there.${why}`
}
