import type { Target } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { isUnreachable } from '../../migrations/unreached.ts'
import type { FamilyOutcome } from '../answers.ts'
import { KeySources } from '../family-view.ts'
import { noFamilies } from '../project.ts'
import { settleIntent } from '../settle-family.ts'
import { endDrops } from './end-drops.ts'
import { FamilyHooks } from './family-hooks.ts'
import { adoptTables, makeShards, plannedShards, readyShards } from './make-shards.ts'
import { lagsBehind, refreshView } from './propagate.ts'
import { closeShardTargets, lockShardTargets, type OpenedTarget, openShardTargets, readTarget } from './read-targets.ts'
import type { RotationWork } from './request.ts'
import { restoreShards, retireShards } from './retain-shards.ts'
import { lockLeft, openLeft, runsOfStrangers, sayUnseen, settleStrangers } from './strangers.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'
import { FamilyRun } from './target-run.ts'

export interface RotationReport {
  readonly now: number
  readonly outcomes: readonly FamilyOutcome[]
  /** What decides the exit code; null when nothing failed. */
  readonly error: unknown
  /** The databases in which migrations have retired something, as far as they were opened. */
  readonly retiredIn: readonly string[]
}

type Unsettled = ReadonlyMap<string, ToolError>

/** The remaining families of a target, in an order that a phase may choose. */
type Phase = (target: TargetRun, families: readonly FamilyWork[]) => Promise<void>

/**
 * Runs a rotation: creates first, for every family of every target, then carries fan-outs, then retires. A failure of
 * one family or target does not stop the others. Throws ToolError only for what stops it before it began.
 */
export function runRotation(request: RotationWork): Promise<RotationReport> {
  const hooks = new FamilyHooks(request.hooks)
  return workOnTargets(request, true, async (targets) => {
    const ask = eachFamily(request, (target, family) => hooks.ask(target, family, lagsBehind(family, target)))
    await runPhases(request, targets, [ask, ...phasesOf(request)])
    await hooks.report()
  })
}

/** Works on only some families, like a rotation: under the locks, with everything read and settled. */
export function changeShards(
  request: RotationWork,
  work: (target: TargetRun, family: FamilyWork) => Promise<void>,
  order: 'parents-first' | 'children-first' = 'parents-first',
): Promise<RotationReport> {
  const inOrder = eachFamily(request, work)
  const phase: Phase = (target, families) =>
    inOrder(target, order === 'parents-first' ? families : families.toReversed())
  return workOnTargets(request, false, (targets) => runPhases(request, targets, [phase]))
}

async function workOnTargets(
  request: RotationWork,
  rotates: boolean,
  work: (targets: readonly TargetRun[]) => Promise<void>,
): Promise<RotationReport> {
  const started = request.now()
  const whole = (rotates ? request.whole : undefined) ?? new Set<string>()
  const opened = await openShardTargets(request, true)
  let left: readonly OpenedTarget[] = []
  let locked: readonly OpenedTarget[] = []
  try {
    left = await openLeft(request, whole)
    if (request.families.length === 0 && left.length === 0) throw noFamilies(request.config)
    locked = await lockShardTargets(request, opened)
    locked = [...locked, ...(await lockLeft(request, left))]
    const sources = new KeySources(request)
    const begun = await Promise.all(locked.map((target) => beginTarget(request, target, sources, { rotates, whole })))
    const targets = begun.flatMap((one) => (one instanceof UnavailableTarget ? [] : [one]))
    await work(targets)
    const runs = begun.flatMap((one) => (one instanceof UnavailableTarget ? one.runs : selectedRuns(one)))
    runs.push(...targets.filter((one) => whole.has(nameOf(one))).flatMap(runsOfStrangers))
    return {
      ...report(request, started, runs, sayUnseen(request, left)),
      retiredIn: targets.filter(hasRetired).map(nameOf),
    }
  } finally {
    await closeShardTargets(locked, true)
    const isClosed = ({ database }: OpenedTarget): boolean => locked.some((one) => one.database === database)
    await closeShardTargets(
      [...opened, ...left].filter((one) => !isClosed(one)),
      false,
    )
  }
}

/** A target that could not be opened, locked or read: its families, each with the reason. */
class UnavailableTarget {
  readonly runs: readonly FamilyRun[]

  constructor(runs: readonly FamilyRun[]) {
    this.runs = runs
  }
}

const placeOf = ({ name, schema, server }: OpenedTarget['database']): Target => ({
  database: name,
  schema,
  server: server.label,
})

function refuse(families: readonly string[], target: Target, error: unknown): readonly FamilyRun[] {
  return families.map((name) => {
    const run = new FamilyRun(name, target)
    run.fail(error)
    return run
  })
}

/** Reads and plans a target, and records what the check proved and that a rotation began. */
async function beginTarget(
  request: RotationWork,
  { database, store, families, strangers = [], error: refusal }: OpenedTarget,
  sources: KeySources,
  { rotates, whole }: { readonly rotates: boolean; readonly whole: ReadonlySet<string> },
): Promise<TargetRun | UnavailableTarget> {
  const names = [...families.map(({ name }) => name), ...strangers]
  if (store === null || refusal !== null) return new UnavailableTarget(refuse(names, placeOf(database), refusal))
  try {
    await store.createRegistry()
    const target = await readTarget(request, database, store, sources)
    const unsettled = await store.settle()
    target.left = unsettled
    // Where nothing tells a person of it, it stays for the run that does.
    if (whole.has(database.name)) await settleStrangers(target)
    for (const family of target.families) leaveUnsettled(target, family, unsettled)
    const planned = target.families.filter(({ plan }) => plan !== null)
    for (const leftover of planned.flatMap(({ plan }) => plan?.leftovers ?? [])) await target.drop(leftover)
    await target.write(
      // What is still in two places is looked at again by the next run, by the same record.
      planned.flatMap(({ plan }) => plan?.corrections ?? []).filter(({ table }) => !unsettled.has(table)),
      planned.map(({ record }) => record),
      // An unreliable time must not be recorded, because the next run compares its own time with it.
      rotates && target.clocks.doubt === null ? await store.readClock() : null,
      planned.flatMap(({ plan }) => plan?.losses ?? []),
    )
    return target
  } catch (error) {
    return new UnavailableTarget(refuse(names, store.target, error))
  }
}

/** In a keyspace it is the matter of one shard: the others are made and retired. In a partitioned table, rows in two places stop the family. */
function leaveUnsettled({ database, unsettled }: TargetRun, { view, run }: FamilyWork, found: Unsettled): void {
  for (const record of view.records.values()) {
    const error = found.get(record.table)
    if (error === undefined) continue
    if (database.vitess === undefined) {
      run.fail(error)
      return
    }
    unsettled.set(record.table, error)
    const concluded = settleIntent(record, (table) => view.tables.has(table))
    if (concluded !== null) run.withdraw(concluded.note)
  }
}

const eachFamily =
  (request: RotationWork, work: (target: TargetRun, family: FamilyWork) => Promise<void>): Phase =>
  async (target, families) => {
    for (const family of families) await guardFamily(request, family, () => work(target, family))
  }

function phasesOf(request: RotationWork): readonly Phase[] {
  return [
    (target) => makeShards(request, target, readyShards(target, plannedShards(target))),
    eachFamily(request, (target, family) => restoreShards(request, target, family)),
    (target) => makeShards(request, target, plannedShards(target)),
    eachFamily(request, (target, family) => adoptTables(request, target, family)),
    (target, families) => propagate(request, target, families),
    eachFamily(request, (target, family) => retireShards(request, target, family)),
    eachFamily(request, (target, family) => endDrops(request, target, family)),
    eachFamily(request, refreshView),
    finish,
  ]
}

/** One phase after the other, through all targets: nothing is retired anywhere before everything is created everywhere. */
async function runPhases(
  request: RotationWork,
  targets: readonly TargetRun[],
  phases: readonly Phase[],
): Promise<void> {
  for (const phase of phases) {
    for (const target of targets) await guardTarget(request, target, phase)
  }
}

/** Families that were planned and have not failed. */
const workable = (target: TargetRun): readonly FamilyWork[] =>
  target.families.filter(({ plan, run }) => plan !== null && run.canContinue)

/** An error outside the families (a lost lock, a lost connection) ends the whole target, and no other. */
async function guardTarget(request: RotationWork, target: TargetRun, phase: Phase): Promise<void> {
  const families = workable(target)
  for (const { run } of families) {
    run.begin()
    if (request.stop.requested) run.stopped = true
  }
  if (request.stop.requested || families.length === 0) return
  try {
    await phase(target, families)
  } catch (error) {
    for (const { run } of workable(target)) run.fail(error)
  }
}

async function guardFamily(request: RotationWork, { run }: FamilyWork, work: () => Promise<void>): Promise<void> {
  if (request.stop.requested) run.stopped = true
  if (!run.canContinue) return
  const started = performance.now()
  try {
    await work()
  } catch (error) {
    run.fail(error)
  }
  run.milliseconds += performance.now() - started
}

async function propagate(request: RotationWork, target: TargetRun, families: readonly FamilyWork[]): Promise<void> {
  if (request.propagate === null || !target.store.fansOut) return
  const failed = await request.propagate(target, request.governors?.of(target.store.target) ?? null)
  for (const { family, run } of families) {
    const error = failed.get(family.name)
    if (error !== undefined) run.fail(error)
  }
}

async function finish(target: TargetRun, families: readonly FamilyWork[]): Promise<void> {
  const at = await target.store.readClock()
  await target.write(
    [],
    families.map(({ record }) => ({ ...record, lastSuccessAt: at })),
  )
}

const selectedRuns = (target: TargetRun): readonly FamilyRun[] =>
  target.families.flatMap(({ selected, run }) => (selected ? [run] : []))

/** The tables were listed for the shards. */
const hasRetired = ({ tables }: TargetRun): boolean => tables.has('wwdb_retired')

const nameOf = ({ database }: TargetRun): string => database.name

function report(
  request: RotationWork,
  now: number,
  runs: readonly FamilyRun[],
  unseen: readonly unknown[],
): Omit<RotationReport, 'retiredIn'> {
  const order = new Map(request.families.map(({ name }, index) => [name, index]))
  const inOrder = runs.toSorted((a, b) => (order.get(a.family) ?? 0) - (order.get(b.family) ?? 0))
  const errors = [...inOrder.map(({ error }) => error), ...unseen]
  return { now, outcomes: inOrder.map((run) => run.outcome()), error: mainError(errors) }
}

/**
 * A failure decides the exit code. Without one it is a server that could not be reached, and only then the lock of another run, which does what
 * this one would have done.
 */
function mainError(errors: readonly unknown[]): unknown {
  const happened = errors.filter((error) => error !== null)
  const isHeld = (error: unknown): boolean => error instanceof ToolError && error.code === 'LOCK_HELD'
  const others = happened.filter((error) => !isHeld(error))
  return others.find((error) => !isUnreachable(error)) ?? others[0] ?? happened[0] ?? null
}
