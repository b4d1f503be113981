import { ToolError } from '../../core/tool-error.ts'
import { isExpired } from '../clocks.ts'
import { isGone, isRetired, refuseArchive, shardOf, toDropped } from '../family-view.ts'
import { refuseMoved } from '../moved-family.ts'
import type { FoundArchive } from '../ports.ts'
import { revive } from '../settle-family.ts'
import { loadName, type Shard, type ShardArchive, type ShardRecord } from '../shard.ts'
import { refreshView } from './propagate.ts'
import { refuseStep } from './refuse-step.ts'
import type { RotationWork } from './request.ts'
import type { FamilyWork, StepEnd, StepWork, TargetRun } from './target-run.ts'

/**
 * Restores a shard under its own name: from its hold name by a RENAME, or from its archive, which is loaded under an
 * otherwise unused name, counted, and then renamed. In either case the table appears completely or not at all.
 */
export async function restoreShard(at: StepWork, record: ShardRecord): Promise<StepEnd> {
  if (record.hold !== null && !isGone(record)) return restoreFromHold(at, record, record.hold.table)
  if (record.archive !== null) return restoreFromArchive(at, record, record.archive)
  throw new ToolError('SHARD_GONE', {
    what: `\`${record.table}\` cannot be restored: it was dropped without an archive.`,
    why: 'Its family is not archived (`-- wwdb:archive none`).',
    next: 'A backup of the server may have its rows.',
  })
}

async function restoreFromHold({ target }: StepWork, record: ShardRecord, held: string): Promise<StepEnd> {
  await target.write([{ ...record, state: 'restoring' }])
  try {
    await target.rename(held, record.table)
  } catch (error) {
    if (error instanceof ToolError && error.code === 'SHARD_BLOCKED') await target.write([record])
    throw error
  }
  await target.write([revive(record)])
  return { type: 'done', rows: record.seal?.rows ?? null }
}

async function restoreFromArchive(
  { request, target }: StepWork,
  record: ShardRecord,
  archived: ShardArchive,
): Promise<StepEnd> {
  if (target.database.vitess !== undefined) throw keyspaceRefused(target, record, archived)
  const { now } = target.clocks
  const table = loadName(record, now)
  const archive = await request.archive()
  // A table of that name can only be left over from an earlier attempt: the name says of which shard.
  if (target.tables.has(table)) await target.drop(table)
  await target.write([{ ...record, state: 'restoring', hold: { table, at: now, until: now } }])
  const into = { database: target.database, timeouts: request.config.timeouts, table }
  await archive.restore(archived.address, into, () => {})
  target.tables.set(table, 'table')
  const count = await target.store.measure(table)
  if (count.rows !== archived.rows || count.checksum !== archived.checksum) throw notEqual(record, archived, count.rows)
  await target.rename(table, record.table)
  await target.write([revive(record)])
  return { type: 'done', rows: count.rows }
}

function keyspaceRefused({ store }: TargetRun, { table }: ShardRecord, { address }: ShardArchive): ToolError {
  const { database, schema, server } = store.target
  return new ToolError('SERVER_UNSUPPORTED', {
    what: `\`${table}\` cannot be restored from its archive in the keyspace \`${schema}\`.`,
    where: { database, server },
    why: 'vtgate commits the rows shard by shard, so a run that is killed would leave a part of them, and nothing would show which.',
    next: `Load the archive ${address} on a MySQL server, and copy the rows that are needed. A shard that is still on hold comes back by its name.`,
  })
}

function notEqual({ table }: ShardRecord, archived: ShardArchive, rows: number): ToolError {
  return new ToolError('ARCHIVE_BROKEN', {
    what: `The archive of \`${table}\` did not restore its rows.`,
    why: `${archived.rows} rows were archived and ${rows} were loaded, or their contents differ. \`${table}\` was not created.`,
    next: `Compare the file of ${archived.address} with a backup of it.`,
  })
}

/** Why a shard is protected, unprotected or restored, and who says so. */
export interface GivenReason {
  readonly reason: string
  readonly by: string
}

/**
 * Restores shards under their names. A shard that the policy would retire again at once is also protected, so that it stays.
 * Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`, `SHARD_GONE`, `SHARD_BLOCKED`, `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`, `MOVE_REFUSED`.
 */
export async function restoreNamed(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  given: GivenReason,
): Promise<void> {
  refuseMoved(work.view, `No shard of \`${work.family.name}\` is restored.`)
  const records = keys.map((key) => requireRecord(target, work, key))
  try {
    for (const record of records) {
      if (isRetired(record) || record.state === 'lost') await restoreOne(request, target, work, record, given)
      else work.run.note(`\`${record.table}\` is already in use.`)
    }
  } finally {
    // Where a later one cannot be restored, those before it are.
    await refreshView(target, work)
  }
}

async function restoreOne(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  record: ShardRecord,
  given: GivenReason,
): Promise<void> {
  const { now } = target.clocks
  const step = { step: 'restore', record, why: given.reason } as const
  const refusal = refuseStep(work.view, step, { dependents: [], left: 1, now })
  if (refusal !== null)
    throw new ToolError('SHARD_GONE', {
      what: `\`${record.table}\` cannot be restored: ${refusal}.`,
      next: '`wwdb shards list` shows what exists of it.',
    })
  const stays = record.protection !== null || !isExpired(work.family, record, now)
  const protection = stays ? record.protection : { ...given, at: now }
  const started = performance.now()
  const at = { target: target.store.target, family: work.family.name, table: record.table, step: 'restore' } as const
  request.emit({ type: 'rotation-step-started', ...at, why: given.reason })
  const end = await restoreShard({ request, target, work }, { ...record, protection })
  const rows = end.type === 'done' ? end.rows : null
  request.emit({ type: 'rotation-step-finished', ...at, rows, milliseconds: performance.now() - started })
  work.run.did('restore', record.table)
  if (!stays)
    work.run.note(
      `\`${record.table}\` is protected because the policy would retire it again: \`wwdb shards unprotect\` returns it to its policy.`,
    )
}

/** Throws ToolError `KEY_INVALID` for text that is not a key of the family. */
export function requireShard({ view }: FamilyWork, key: string): Shard {
  const table = view.naming.name(key)
  return shardOf(view, key) ?? { family: view.family.name, key, table, from: null, to: null }
}

/** Throws why nothing is done to a shard that a keyspace has on some of its shards alone. */
export function refuseUnsettled({ unsettled }: Pick<TargetRun, 'unsettled'>, { table }: Shard): void {
  const error = unsettled.get(table)
  if (error !== undefined) throw error
}

export function requireRecord(target: Pick<TargetRun, 'unsettled'>, work: FamilyWork, key: string): ShardRecord {
  const shard = requireShard(work, key)
  refuseUnsettled(target, shard)
  const { table } = shard
  const record = work.view.records.get(key)
  if (record !== undefined) return record
  const there = work.view.tables.has(table)
  throw unknown(table, there ? 'The table exists but is not in the registry.' : 'The shard does not exist.')
}

export function unknown(table: string, why: string): ToolError {
  return new ToolError('SHARD_UNKNOWN', {
    what: `\`${table}\` cannot be changed.`,
    why,
    next: '`wwdb shards list` lists every shard; `wwdb shards adopt` adds tables to the registry.',
  })
}

/**
 * Restores a shard that is missing from the registry, or recorded as dropped, according to its archive's manifest.
 * Throws ToolError `ARCHIVE_FOREIGN`, `SHARD_PRESENT`, and what `restoreNamed` throws.
 */
export async function restoreFound(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  found: FoundArchive,
  given: GivenReason,
  isNamed = false,
): Promise<void> {
  // Before the registry is told of the archive.
  refuseMoved(work.view, `No shard of \`${work.family.name}\` is restored.`)
  // A person who names the family identifies it with the one that has another name in the archive.
  const why = refuseArchive(
    work.view,
    isNamed ? { ...found, shard: { ...found.shard, family: work.family.name } } : found,
  )
  if (why !== null) throw foreign(found, why)
  const known = work.view.records.get(found.shard.key)
  const { table } = found.shard
  if (target.tables.has(table))
    throw present(table, 'a table with that name exists', 'Rename that table, then run the command again.')
  if (known !== undefined && !isGone(known)) {
    const next = `\`wwdb shards restore --family ${known.family} --key ${known.key}\` restores it.`
    throw present(table, `the registry has it as ${known.state}`, next)
  }
  await target.write([{ ...toDropped(found, work.family.name), protection: known?.protection ?? null }])
  await restoreNamed(request, target, work, [found.shard.key], given)
}

function foreign({ archive, shard }: FoundArchive, why: string): ToolError {
  return new ToolError('ARCHIVE_FOREIGN', {
    what: `The archive of \`${shard.table}\` does not belong to a shard of this family.`,
    where: { file: archive.address },
    why,
    next: 'Load it with the mysql client under another name: see docs/guides/archives.md.',
  })
}

function present(table: string, why: string, next: string): ToolError {
  return new ToolError('SHARD_PRESENT', { what: `\`${table}\` cannot be restored from that archive.`, why, next })
}
