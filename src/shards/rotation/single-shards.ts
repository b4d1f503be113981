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

/** Who says that a shard stays, and why. */
export interface Holding {
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
 * Lets nothing be taken from these shards until they are released. A shard has one legal hold: a second one would go with
 * the release of the first. Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`, `SHARD_HELD`; nothing is held then.
 */
export async function holdNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  holding: Holding,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  const gone = records.find((record) => isGone(record) && record.archive === null)
  if (gone !== undefined) throw unknown(gone.table, 'It was dropped, and there is nothing left to hold.')
  for (const { table, legalHold } of records) {
    if (legalHold !== null && legalHold.reason !== holding.reason) throw heldOtherwise(table, legalHold)
  }
  const legalHold = { ...holding, at: target.clocks.now }
  const free = records.filter((record) => record.legalHold === null)
  await target.write(free.map((record) => ({ ...record, legalHold })))
  for (const { table } of records.filter((record) => record.legalHold !== null))
    work.run.note(`${table} was held for that already.`)
  for (const { table, state } of free) {
    work.run.did('protect', table)
    work.run.note(`${table} (${state}) stays as it is until it is released: ${holding.reason}.`)
  }
}

function heldOtherwise(table: string, { reason, by }: Holding): ToolError {
  return new ToolError('SHARD_HELD', {
    what: `${table} is held already: ${reason}`,
    why: `${by} holds it; one release would end both`,
    next: 'Release it, then hold it with a reason that names both.',
  })
}

/** Gives shards back to their policy. Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`. */
export async function releaseNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  { reason, by }: Holding,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  const held = records.filter(({ legalHold }) => legalHold !== null)
  await target.write(held.map((record) => ({ ...record, legalHold: null })))
  for (const { table, legalHold } of records) {
    if (legalHold === null) work.run.note(`${table} was not held.`)
    else {
      work.run.did('release', table)
      work.run.note(`${table} is released by ${by} (${reason}); ${legalHold.by} had held it: ${legalHold.reason}.`)
    }
  }
}

/**
 * Brings shards back under their names. One that the policy would take again at once is held with it, so that it stays.
 * Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`, `SHARD_GONE`, `SHARD_BLOCKED`, `ARCHIVE_MISSING`, `ARCHIVE_BROKEN`.
 */
export async function restoreNamed(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  holding: Holding,
): Promise<void> {
  const records = keys.map((key) => requireRecord(work, key))
  try {
    for (const record of records) {
      if (isRetired(record) || record.state === 'lost') await restoreOne(request, target, work, record, holding)
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
  holding: Holding,
): Promise<void> {
  const { now } = target.clocks
  const step = { step: 'restore', record, why: holding.reason } as const
  const refusal = refuseStep(work.view, step, { dependents: [], left: 1, now })
  if (refusal !== null)
    throw new ToolError('SHARD_GONE', {
      what: `${record.table} cannot be brought back: ${refusal}.`,
      next: '`wwdb shards list` shows what there is of it.',
    })
  const stays = record.legalHold !== null || !isExpired(work.family, record, now)
  const legalHold = stays ? record.legalHold : { ...holding, at: now }
  const started = performance.now()
  const at = { target: target.store.target, family: work.family.name, table: record.table, step: 'restore' } as const
  request.emit({ type: 'rotation-step-started', ...at, why: holding.reason })
  const end = await restoreShard({ request, target, work }, { ...record, legalHold })
  const rows = end.type === 'done' ? end.rows : null
  request.emit({ type: 'rotation-step-finished', ...at, rows, milliseconds: performance.now() - started })
  work.run.did('restore', record.table)
  if (!stays)
    work.run.note(
      `${record.table} is held, or the policy would retire it again: \`wwdb shards release\` gives it back.`,
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
