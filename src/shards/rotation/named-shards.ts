import type { CommandResult, Context } from '../../command/context.ts'
import { isCalled } from '../../core/shard-family.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isGone, isRetired } from '../family-view.ts'
import { refuseMoved } from '../moved-family.ts'
import { requireKeys } from '../project.ts'
import { type ShardRecord, tracedBy } from '../shard.ts'
import { makeRotationWork, toRotationResult } from './make-request.ts'
import { makeShards, type WantedShard } from './make-shards.ts'
import type { RotationOptions, RotationWork } from './request.ts'
import { type GivenReason, refuseUnsettled, requireRecord, requireShard, unknown } from './restore-shards.ts'
import { changeShards } from './run-rotation.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** Creates the shards of these keys. Throws ToolError `KEY_INVALID`, `SHARD_RETIRED`, `MOVE_REFUSED`; then nothing is created. */
export async function createNamed(
  request: RotationWork,
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
): Promise<void> {
  refuseMoved(work.view, `No shard of \`${work.family.name}\` is created.`)
  const wanted: WantedShard[] = []
  for (const shard of keys.map((key) => requireShard(work, key))) {
    refuseUnsettled(target, shard)
    const record = work.view.records.get(shard.key)
    if (target.tables.has(shard.table)) work.run.note(`\`${shard.table}\` already exists.`)
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
    work.run.note(`${source} has no row ${shard.key}: the next rotation treats \`${shard.table}\` as deleted.`)
}

/**
 * Protects shards: nothing is removed from them until they are unprotected. A shard is protected for one reason: a second
 * one would end with the first.
 */
export async function protectNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  given: GivenReason,
): Promise<void> {
  const records = keys.map((key) => requireRecord(target, work, key))
  const gone = records.find((record) => isGone(record) && record.archive === null)
  if (gone !== undefined) throw unknown(gone.table, 'It was dropped, so there is nothing left to protect.')
  for (const { table, protection } of records) {
    if (protection !== null && protection.reason !== given.reason) throw protectedOtherwise(table, protection)
  }
  const protection = { ...given, at: target.clocks.now }
  // A protection that exists only in an event is written where it is missing.
  const isFree = (record: ShardRecord): boolean => record.protection === null || record.protection.by === tracedBy
  const free = records.filter(isFree)
  await target.write(free.map((record) => ({ ...record, protection })))
  for (const { table } of records.filter((record) => !isFree(record)))
    work.run.note(`\`${table}\` is already protected for this reason.`)
  for (const { table, state } of free) {
    work.run.did('protect', table)
    work.run.note(`\`${table}\` (${state}) is protected and stays as it is until it is unprotected: ${given.reason}.`)
  }
}

function protectedOtherwise(table: string, { reason, by }: GivenReason): ToolError {
  return new ToolError('SHARD_PROTECTED', {
    what: `\`${table}\` is already protected: ${reason}.`,
    why: `It is protected by ${by}, and one \`wwdb shards unprotect\` would end both.`,
    next: 'Unprotect it with `wwdb shards unprotect`, then protect it with a reason that names both.',
  })
}

/** Returns shards to their policy. Throws ToolError `KEY_INVALID`, `SHARD_UNKNOWN`. */
export async function unprotectNamed(
  target: TargetRun,
  work: FamilyWork,
  keys: readonly string[],
  { reason, by }: GivenReason,
): Promise<void> {
  const records = keys.map((key) => requireRecord(target, work, key))
  const covered = records.filter(({ protection }) => protection !== null)
  await target.write(covered.map((record) => ({ ...record, protection: null })))
  for (const { table, protection } of records) {
    if (protection === null) work.run.note(`\`${table}\` was not protected.`)
    else {
      const before = `it was protected by ${protection.by}: ${protection.reason}`
      work.run.did('unprotect', table)
      work.run.note(`\`${table}\` is unprotected by ${by} (${reason}); ${before}.`)
    }
  }
}

function retired({ family }: FamilyWork, { table, key, state }: ShardRecord): ToolError {
  return new ToolError('SHARD_RETIRED', {
    what: `\`${table}\` cannot be created empty: its rows are ${state === 'dropped' ? 'in an archive' : 'on hold'}.`,
    next: `\`wwdb shards restore --family ${family.name} --key ${key}\` restores it with its rows.`,
  })
}

/** Shards as a command line names them. */
interface NamedShards {
  readonly family?: string | undefined
  readonly key?: readonly string[] | undefined
}

type Change = (work: RotationWork, target: TargetRun, family: FamilyWork, keys: readonly string[]) => Promise<void>

/** Changes the named shards of a family; with `parents`, first those of the families that it references. */
export async function changeNamed(
  context: Context,
  command: string,
  named: NamedShards,
  parents: boolean,
  change: Change,
  tolerates: RotationOptions['tolerates'] = [],
): Promise<CommandResult> {
  const { family: name } = named
  if (name === undefined) throw usage('No family is given.', 'Name the family with `--family`.')
  const keys = [...new Set(named.key)]
  if (keys.length === 0)
    throw usage(`No shard of \`${name}\` is given.`, 'Name the shards with `--key`, which may be repeated.')
  const started = performance.now()
  const options = {
    families: [name],
    alone: !parents,
    ahead: 0,
    at: null,
    tolerates: ['clocks' as const, ...tolerates],
  }
  const work = await makeRotationWork(context, options)
  for (const family of work.families) if (isCalled(family, name)) requireKeys(family, keys)
  context.emit({ type: 'run-started', command, targets: [] })
  const report = await changeShards(work, (target, family) => change(work, target, family, keys))
  return toRotationResult(command, report, started)
}

/** The reason that must be given. Throws ToolError `USAGE` (64). */
export function requireReason(reason: string | undefined): string {
  const text = reason?.trim() ?? ''
  if (text === '')
    throw usage('No reason is given.', 'Give the reason with `--reason`: it is recorded in the registry.')
  return text
}

function usage(what: string, next: string): ToolError {
  return new ToolError('USAGE', { what, next })
}
