import { ToolError } from '../../core/tool-error.ts'
import { isGone, isRetired, shardOf } from '../family-view.ts'
import { refuseStep } from '../refuse-step.ts'
import type { Shard, ShardRecord } from '../shard.ts'
import { isExpired } from '../shard-time.ts'
import { makeShards, type Wanted } from './make-shards.ts'
import type { RotationWork } from './request.ts'
import { restoreShard } from './restore-shard.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'
import { refreshView } from './windowed-view.ts'

/** Why a shard is protected, unprotected or restored, and who says so. */
export interface GivenReason {
  readonly reason: string
  readonly by: string
}

/** Makes the shards of these keys. Throws ToolError `KEY_INVALID`, `SHARD_RETIRED`; nothing is made then. */
export async function createNamed(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
): Promise<void> {
  const wanted: Wanted[] = []
  for (const shard of keys.map((key) => requireShard(work, key))) {
    const record = work.view.records.get(shard.key)
    if (target.tables.has(shard.table)) work.run.note(`${shard.table} is there already.`)
    else if (record !== undefined && isRetired(record) && !(record.state === 'dropped' && record.archive === null))
      throw retired(work, record)
    else wanted.push({ work, shard })
  }
  await makeShards(request, target, wanted)
  const { census, family, present } = work.view
  const unknown = wanted.filter(({ shard }) => census !== null && !present.has(shard.key))
  const source =
    family.division.type === 'key' ? `${family.division.source.database}.${family.division.source.table}` : ''
  for (const { shard } of unknown)
    work.run.note(`${source} has no row ${shard.key}: the next rotation counts ${shard.table} as deleted.`)
}

/**
 * Protects shards: nothing is taken from them until they are unprotected. A shard is protected for one reason: a second one
 * would end with the first. Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`, `SHARD_PROTECTED`; no shard is protected then.
 */
export async function protectNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  given: GivenReason,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  const gone = records.find((record) => isGone(record) && record.archive === null)
  if (gone !== undefined) throw unknown(gone.table, 'It was dropped, and there is nothing left to protect.')
  for (const { table, protection } of records) {
    if (protection !== null && protection.reason !== given.reason) throw protectedOtherwise(table, protection)
  }
  const protection = { ...given, at: target.clocks.now }
  const free = records.filter((record) => record.protection === null)
  await target.write(free.map((record) => ({ ...record, protection })))
  for (const { table } of records.filter((record) => record.protection !== null))
    work.run.note(`${table} is already protected for this reason.`)
  for (const { table, state } of free) {
    work.run.did('protect', table)
    work.run.note(`${table} (${state}) is protected, and stays as it is until it is unprotected: ${given.reason}.`)
  }
}

function protectedOtherwise(table: string, { reason, by }: GivenReason): ToolError {
  return new ToolError('SHARD_PROTECTED', {
    what: `${table} is already protected: ${reason}.`,
    why: `It is protected by ${by}, and one \`wwdb shards unprotect\` would end both.`,
    next: 'Unprotect it with `wwdb shards unprotect`, then protect it with a reason that names both.',
  })
}

/** Gives shards back to their policy. Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`. */
export async function unprotectNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  { reason, by }: GivenReason,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  const covered = records.filter(({ protection }) => protection !== null)
  await target.write(covered.map((record) => ({ ...record, protection: null })))
  for (const { table, protection } of records) {
    if (protection === null) work.run.note(`${table} was not protected.`)
    else {
      const before = `it was protected by ${protection.by}: ${protection.reason}`
      work.run.did('unprotect', table)
      work.run.note(`${table} is unprotected by ${by} (${reason}); ${before}.`)
    }
  }
}

/**
 * Brings shards back under their names. One that the policy would take again at once is protected with it, so that it stays.
 * Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`, `SHARD_GONE`, `SHARD_BLOCKED`, `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`.
 */
export async function restoreNamed(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  given: GivenReason,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  try {
    for (const record of records) {
      if (isRetired(record) || record.state === 'lost') await restoreOne(request, target, work, record, given)
      else work.run.note(`${record.table} is in use already.`)
    }
  } finally {
    // Where a later one cannot be brought back, those before it are.
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
      what: `${record.table} cannot be brought back: ${refusal}.`,
      next: '`wwdb shards list` shows what there is of it.',
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
      `${record.table} is protected, since the policy would retire it again: \`wwdb shards unprotect\` gives it back to its policy.`,
    )
}

/** Throws ToolError `KEY_INVALID` for text that is no key of the family. */
function requireShard({ view }: FamilyWork, key: string): Shard {
  const table = view.naming.name(key)
  return shardOf(view, key) ?? { family: view.family.name, key, table, from: null, to: null }
}

function requireRecord(work: FamilyWork, key: string): ShardRecord {
  const { table } = requireShard(work, key)
  const record = work.view.records.get(key)
  if (record !== undefined) return record
  const there = work.view.tables.has(table)
  throw unknown(table, there ? 'The table is there, but the registry lacks it.' : 'There is no such shard.')
}

function unknown(table: string, why: string): ToolError {
  return new ToolError('SHARD_UNKNOWN', {
    what: `Nothing can be done about ${table}.`,
    why,
    next: '`wwdb shards list` shows every shard, and `wwdb shards adopt` takes tables into the registry.',
  })
}

function retired({ family }: FamilyWork, { table, key, state }: ShardRecord): ToolError {
  return new ToolError('SHARD_RETIRED', {
    what: `${table} is not made empty: its rows are ${state === 'dropped' ? 'in an archive' : 'on hold'}.`,
    next: `\`wwdb shards restore ${family.name} --key ${key}\` brings it back with them.`,
  })
}
