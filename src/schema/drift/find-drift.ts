import type { Context } from '../../command/context.ts'
import type { Config } from '../../config/config.ts'
import { countOf } from '../../core/plural.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { hasVschema, type RecordedDifference } from '../../ddl/recorded-schema.ts'
import { compareReplayed } from '../../ddl/replayed-record.ts'
import type { SchemaScope, SnapshotReading, UnevenObject } from '../../ddl/snapshot.ts'
import { unlikeSnapshot } from '../../ddl/unlike-record.ts'
import { describeUnknown, type ReplayBehind, replaying } from '../../migrations/behind-record.ts'
import { findLeft, type LeftByTool } from '../../migrations/find-left.ts'
import { findContradictions } from '../../migrations/journal/compare-records.ts'
import { describeMovedNames } from '../../migrations/journal/moved-names.ts'
import { onlineServers } from '../../migrations/online-changes.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import { withoutRetired } from '../../migrations/retired-records.ts'
import { describeStale } from '../../migrations/stale-schema.ts'
import type { OpenTarget, OpenTargets } from '../../migrations/targets.ts'
import { listUnreached } from '../../migrations/unreached.ts'
import { readScope, refuseContradictedShards } from '../../shards/schema-scope.ts'
import { holdNameOf } from '../../shards/shard.ts'
import { describeSplitAway, isSplitAway, readSplitTables } from '../../shards/split/split-names.ts'
import { type JudgedDrift, judgeDrift, judgeUneven } from '../drift.ts'
import { type HeldTable, mostCounted } from '../held-tables.ts'
import { compareWithRecord } from '../recorded-drift.ts'
import type { AppliedSteps } from '../sources/applied.ts'
import type { VschemaComparison } from '../uncompared.ts'
import { findAside, type TableAside } from './find-held.ts'
import { knowRecorded } from './know-implicit.ts'

/** One database and its differences from what wwdb left. */
export interface FoundDrift extends JudgedDrift {
  readonly target: OpenTarget
  readonly reading: SnapshotReading
  /** For a keyspace: what differs between its shards, of what was asked for and is not ignored. */
  readonly uneven: readonly UnevenObject[]
  /** For a keyspace: whether its VSchema is among what was compared. */
  readonly vschema: VschemaComparison
  /** Tables that no migration created and that have rows. */
  readonly held: readonly HeldTable[]
  /** Tables that were renamed aside earlier. */
  readonly aside: readonly TableAside[]
  /** What tools of online changes have left, which counts as no difference. */
  readonly leftovers: readonly LeftByTool[]
}

export interface FoundDrifts {
  readonly found: readonly FoundDrift[]
  /** Databases that were not reached, and those whose replay needs one of them. */
  readonly unreached: readonly UnreachedTarget[]
}

interface DriftRequest {
  readonly replay: boolean
  /** Replays even where the user's cache has the result of the migrations. */
  readonly isFresh: boolean
  /** Names of objects; empty for all. */
  readonly only: readonly string[]
}

/** The current day, for dates in the configuration. */
const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10)

/**
 * Compares the open databases with their records. Databases without a record, and all with `replay`, are compared with the result of the applied
 * migrations in scratch schemas. Databases about which nothing is known are left out, and named. Rejects with ToolError, as `findApplied` does.
 */
export async function findDrifts(
  context: Context,
  config: Config,
  open: OpenTargets,
  { replay, isFresh, only }: DriftRequest,
): Promise<FoundDrifts> {
  refuseLostJournals(open)
  const scope = await readScope(config)
  const names = (reading: SnapshotReading): ReadonlySet<string> => new Set(only.map((name) => fold(reading, name)))
  const judge = async (
    target: OpenTarget,
    reading: SnapshotReading,
    all: readonly RecordedDifference[],
    differing: readonly UnevenObject[],
    vschema: VschemaComparison,
  ): Promise<Judged> => {
    const splits = await readSplitTables(target.session, reading.leftOut)
    for (const one of splits)
      context.emit({ type: 'warning', message: describeSplitAway(one), target: target.session.target })
    const found = all.filter((one) => !isSplitAway(splits, one))
    const isChosen = ({ name }: { readonly name: string }): boolean =>
      only.length === 0 || names(reading).has(fold(reading, name))
    const known = knowRecorded(target, found.filter(isChosen))
    const [{ name }, today] = [target.database, dayOf(context.now())]
    const uneven = judgeUneven(name, differing.filter(isChosen), config.drift, today)
    return { target, reading, uneven, vschema, ...judgeDrift(name, known, config.drift, today) }
  }
  const compared = replay ? open.targets.map(() => null) : await compareRecords(context, config, open, scope)
  const recording = compared.map(async (one) => {
    if (one === null) return []
    const { database } = one.target
    if (one.why !== null)
      context.emit({ type: 'warning', message: describeUnknown(database.name, one.why), target: null })
    if (one.isUnknown) leaveOut(context, database.name, 'a run is in progress, or was interrupted')
    const vschema = hasVschema(one.recorded) ? 'compared' : 'unrecorded'
    return [await judge(one.target, one.reading, one.differences, one.uneven, vschema)]
  })
  const recorded = (await Promise.all(recording)).flat()
  const others = open.targets.filter((_, index) => compared[index] === null)
  if (!replay) for (const target of others) warnOfLostRecord(context, target)
  for (const target of open.targets) warnOfMovedNames(context, target)
  const { replayed, lacking } =
    others.length === 0 ? { replayed: [], lacking: [] } : await replayDrifts(context, config, others, scope, isFresh)
  const judged = replayed.map(({ target, reading, found, vschema }) =>
    judge(target, reading, found, reading.uneven ?? [], vschema),
  )
  const all = [...recorded, ...(await Promise.all(judged))]
  const order = config.databases.map(({ name }) => name)
  refuseUnknownNames(only, all)
  const serverOf = () => context.port(onlineServers)
  const found = await Promise.all(
    all.map(async (one) => ({
      ...one,
      held: await findHeld(one, context.now()),
      aside: await findAside(one.target, one.reading, config.drift.grace, serverOf),
      leftovers: await findLeft(one.target, one.reading, context.now(), serverOf),
    })),
  )
  return {
    found: found.toSorted((a, b) => order.indexOf(a.target.database.name) - order.indexOf(b.target.database.name)),
    unreached: [...listUnreached(open.unreached), ...lacking],
  }
}

type Judged = Omit<FoundDrift, 'held' | 'aside' | 'leftovers'>

const fold = ({ foldsNames }: SnapshotReading, name: string): string =>
  foldsNames === true ? name.toLowerCase() : name

/** Each database beside its record. Throws ToolError `RECORDS_DIFFER` where the two records of a database contradict each other. */
async function compareRecords(
  context: Context,
  config: Config,
  { targets }: OpenTargets,
  scope: SchemaScope,
): Promise<readonly Awaited<ReturnType<typeof compareWithRecord>>[]> {
  const replayBehind: ReplayBehind = async (request) =>
    (await context.port(replaying)).replayBehind(config, scope, request)
  const compared = await Promise.all(
    targets.map((target) =>
      compareWithRecord(target, snapshotOptions(config.databases, target.database, scope, replayBehind)),
    ),
  )
  const stale = compared.flatMap((one) =>
    one === null || one.stale.length === 0 ? [] : [describeStale(one.target, one.stale)],
  )
  if (stale.length > 0) throw new ToolError('RECORDS_DIFFER', stale)
  for (const one of compared) if (one !== null) await nameLeftOut(context, config, one.target, one.reading)
  return compared
}

/** Throws ToolError `USAGE` (64) for a name that was given and does not differ. */
function refuseUnknownNames(only: readonly string[], all: readonly Judged[]): void {
  const missing = only.filter(
    (name) =>
      !all.some(({ reading, differences, uneven }) =>
        [...differences, ...uneven].some((one) => fold(reading, one.name) === fold(reading, name)),
      ),
  )
  if (missing.length === 0) return
  throw new ToolError('USAGE', {
    what: `No object named ${missing.join(', ')} differs.`,
    next: 'Give objects that `wwdb drift` lists.',
  })
}

/** Queried only where a table exists that nothing created. */
async function findHeld({ target, differences }: Judged, now: number): Promise<readonly HeldTable[]> {
  const extra = differences.flatMap(({ change, found }) =>
    change === 'extra' && found?.type === 'table' ? [found.name] : [],
  )
  if (extra.length === 0) return []
  const counted = await target.session.record?.countRows(extra, mostCounted + 1)
  return extra.flatMap((name): readonly HeldTable[] => {
    const rows = counted?.get(name) ?? null
    if (rows === 0) return []
    const isMore = rows !== null && rows > mostCounted
    return [{ name, rows: isMore ? mostCounted : rows, isMore, hold: holdNameOf(name, now) }]
  })
}

/** Shards are compared with their templates, by `shards check`: shards without a template are not compared, so they are named. */
async function nameLeftOut(
  { emit }: Context,
  config: Config,
  { session: { target } }: OpenTarget,
  reading: SnapshotReading,
): Promise<void> {
  for (const family of await refuseContradictedShards(config, target, reading)) {
    const tables = reading.shards.filter((shard) => shard.family === family).length
    const message = `${countOf(tables, 'shard')} of \`${family}\`, which has no template, ${tables === 1 ? 'is' : 'are'} skipped: the expected definition is not known.`
    emit({ type: 'warning', message, target })
  }
}

function leaveOut({ emit }: Context, database: string, why: string): void {
  emit({ type: 'warning', message: `\`${database}\` is skipped: ${why}.`, target: null })
}

/** Neither the record nor the result of the journal's migrations is reliable where they contradict each other. */
function refuseLostJournals({ targets }: OpenTargets): void {
  const faults = targets.flatMap(({ snapshot, session }) =>
    findContradictions(snapshot, session.target).flatMap(({ type, fault }) => (type === 'journal' ? [fault] : [])),
  )
  if (faults.length > 0) throw new ToolError('RECORDS_DIFFER', faults)
}

/** A lost record is reported: the result of the migrations does not show what else was recorded. */
function warnOfLostRecord({ emit }: Context, { snapshot, session: { target } }: OpenTarget): void {
  const isLost = (snapshot.mark ?? null) !== null || findContradictions(snapshot, target).length > 0
  if (!isLost) return
  const message = `The record of the schema of \`${target.database}\` is missing or damaged: the database is compared with the result of the applied migrations. \`wwdb repair --rebuild-record --target ${target.database}\` records the schema as it is.`
  emit({ type: 'warning', message, target })
}

function warnOfMovedNames({ emit }: Context, target: OpenTarget): void {
  const moved = describeMovedNames(target)
  if (moved !== null) emit({ type: 'warning', message: `${moved.what} ${moved.why}`, target: target.session.target })
}

async function replayDrifts(
  context: Context,
  config: Config,
  targets: readonly OpenTarget[],
  scope: SchemaScope,
  isFresh: boolean,
) {
  const [{ findApplied }, { readReachable }] = await Promise.all([
    import('../sources/applied.ts'),
    import('../sources/sources.ts'),
  ])
  const inside: Context = { ...context, targets: targets.map(({ database }) => database.name) }
  const steps = await findApplied(inside)
  const readAsItIs = async ({ database, session }: OpenTarget) =>
    session.record
      ?.readLive(snapshotOptions(config.databases, database, scope))
      .then((reading) => withoutRetired(session, reading))
  // The databases are read while their migrations run in scratch schemas.
  const [{ schemas: applied, unreached: lacking }, readings] = await Promise.all([
    readReachable(inside, { type: 'applied', steps, isFresh }),
    Promise.all(targets.map(readAsItIs)),
  ])
  const found = await Promise.all(
    targets.map(async (target, index) => {
      const { name } = target.database
      const made = applied.find(({ database }) => database.name === name)
      const label = steps.unfinished.get(name)
      if (label !== undefined) leaveOut(context, name, `\`${label}\` is in progress, or was interrupted`)
      const live = readings[index]
      if (live !== undefined) await nameLeftOut(context, config, target, live)
      if (label !== undefined || made === undefined || live === undefined) return null
      const reading = unlikeSnapshot(live, made.snapshot)
      const unread = new Set([...reading.hidden, ...made.hidden])
      const differences = compareReplayed(made.snapshot, reading.snapshot)
      const vschema: VschemaComparison = made.snapshot.vschema === undefined ? 'one-sided' : 'compared'
      return { target, reading, vschema, found: differences.filter((one) => !unread.has(`${one.type} ${one.name}`)) }
    }),
  )
  const replayed = found.filter((one) => one !== null)
  const differing = replayed.some(({ found: differences }) => differences.length > 0)
  const moved = differing ? movedBetween(steps, await findApplied(inside)) : () => false
  for (const { target } of replayed.filter(({ target: { database } }) => moved(database.name)))
    leaveOut(context, target.database.name, 'a run changed it meanwhile')
  return { replayed: replayed.filter(({ target }) => !moved(target.database.name)), lacking }
}

/** Whether a run changed a database between two readings of its journal: the schema that was read then belongs to neither. */
function movedBetween(before: AppliedSteps, after: AppliedSteps): (database: string) => boolean {
  const stateOf = ({ done, unfinished }: AppliedSteps, database: string): string =>
    [...done].filter((step) => step.startsWith(`${database}/`)).join() + (unfinished.get(database) ?? '')
  return (database) => stateOf(before, database) !== stateOf(after, database)
}
