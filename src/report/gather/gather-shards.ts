import type { Context } from '../../command/context.ts'
import { type Config, selectDatabases } from '../../config/config.ts'
import type { ShardFamily } from '../../core/shard-family.ts'
import type { ShardListing } from '../../shards/answers.ts'
import { inspectShards } from '../../shards/inspect/inspect-shards.ts'
import { listAllShards } from '../../shards/inspect/list-all-shards.ts'
import { compareKeys } from '../../shards/inspect/list-shards.ts'
import type { FamilyInspection } from '../../shards/inspection.ts'
import { inspectFamilies } from '../../shards/templates/read-families.ts'
import { lookOfShard, noteOfShard } from '../look-of-shard.ts'
import type { ReportFamily, ReportShard } from '../report.ts'
import { attemptPart, type PartReading, placeOf, toGap, toGaps } from './attempt.ts'

/** The families with all their shards, including missing ones. A family whose server is down is listed without shards. */
export function gatherFamilies(context: Context, config: Config): Promise<PartReading<readonly ReportFamily[]>> {
  return attemptPart('shards', [], async () => {
    const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
    const { families, faults } = await inspectFamilies({ ...config, chosen })
    const wanted = families.filter(({ database }) => chosen.has(database))
    if (wanted.length === 0) return { value: [], gaps: faults.map((fault) => toGap('shards', placeOf(fault), fault)) }
    const listing = await attemptPart('shards', [], () => list(context))
    const check = await attemptPart('shards', [], () => inspect(context))
    const gaps = listing.gaps.length > 0 ? listing.gaps : check.gaps
    const now = context.now()
    return { value: wanted.map((family) => describeFamily(family, listing.value, check.value, now)), gaps }
  })
}

async function list(context: Context): Promise<PartReading<readonly ShardListing[]>> {
  const { shards, unseen } = await listAllShards(context)
  return { value: shards, gaps: toGaps('shards', unseen) }
}

async function inspect(context: Context): Promise<PartReading<readonly FamilyInspection[]>> {
  const { seen, unseen } = await inspectShards(context)
  return { value: seen.flatMap(({ families }) => families), gaps: toGaps('shards', unseen) }
}

function describeFamily(
  { name, database, pattern, division, template }: ShardFamily,
  listings: readonly ShardListing[],
  inspections: readonly FamilyInspection[],
  now: number,
): ReportFamily {
  const own = listings.filter(({ family }) => family === name)
  const listed = own.map(
    (shard): ReportShard => ({
      key: shard.key,
      table: shard.table,
      look: lookOfShard(shard, now),
      note: noteOfShard(shard),
    }),
  )
  const inspection = inspections.find(({ family }) => family === name)
  const known = new Set(listed.map(({ key }) => key))
  const missing = [...(inspection?.missing ?? []), ...(inspection?.holes ?? [])]
    .filter(({ key }) => !known.has(key))
    .map(({ key, table }): ReportShard => ({ key, table, look: 'missing', note: '' }))
  return {
    name,
    database,
    pattern,
    period: division.type === 'key' ? 'key' : division.kind,
    zone: division.type === 'key' ? null : division.zone,
    template: template.file,
    shards: [...listed, ...missing].toSorted((one, other) => compareKeys(one.key, other.key)),
  }
}
