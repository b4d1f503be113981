import { ToolError } from '../../core/tool-error.ts'
import { isGone, newRecord, shardOf } from '../family-view.ts'
import type { FoundArchive } from '../ports.ts'
import type { ShardRecord } from '../shard.ts'
import type { RotationWork } from './request.ts'
import { type GivenReason, restoreNamed } from './single-shards.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/**
 * Brings a shard back that the registry does not know, or knows as gone, from what its archive's manifest says.
 * Throws ToolError `ARCHIVE_FOREIGN`, `SHARD_PRESENT`, and what `restoreNamed` throws.
 */
export async function restoreFound(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  found: FoundArchive,
  given: GivenReason,
): Promise<void> {
  const why = refuseArchive(work.view, found)
  if (why !== null) throw foreign(found, why)
  const known = work.view.records.get(found.shard.key)
  const { table } = found.shard
  if (target.tables.has(table)) throw present(table, 'a table of that name is there', 'Rename it, then run it again.')
  if (known !== undefined && !isGone(known)) {
    const next = `\`wwdb shards restore ${known.family} --key ${known.key}\` brings it back.`
    throw present(table, `the registry has it as ${known.state}`, next)
  }
  await target.write([{ ...toDropped(found), protection: known?.protection ?? null }])
  await restoreNamed(request, target, work, [found.shard.key], given)
}

/** A shard as the registry would have it, had it not been lost. */
export function toDropped({ shard, templateVersion, archive }: FoundArchive): ShardRecord {
  return { ...newRecord(shard, templateVersion, null), state: 'dropped', archive }
}

/** Why an archive is not one of a family's shards as the family is now, as half a sentence; null where it is. */
export function refuseArchive(
  view: Pick<FamilyWork['view'], 'family' | 'naming'>,
  { database, shard }: FoundArchive,
): string | null {
  const { family } = view
  if (shard.family !== family.name || database !== family.database)
    return `it is of ${shard.family} in ${database}, not of ${family.name} in ${family.database}`
  const wanted = shardOf(view, shard.key)
  if (wanted === null || wanted.table !== shard.table)
    return `${shard.table} is no name that the family's pattern gives`
  if (wanted.from !== shard.from || wanted.to !== shard.to) return 'its period is not the one that its key has now'
  return null
}

function foreign({ archive, shard }: FoundArchive, why: string): ToolError {
  return new ToolError('ARCHIVE_FOREIGN', {
    what: `The archive of ${shard.table} is not one of a shard of this family.`,
    where: { file: archive.address },
    why,
    next: 'Load it with the mysql client under a name of your own: docs/guides/archives.md says how.',
  })
}

function present(table: string, why: string, next: string): ToolError {
  return new ToolError('SHARD_PRESENT', { what: `${table} is not restored from that archive.`, why, next })
}
