import type { FamilyOutcome } from '../../../domain/shards/rotation-outcome.ts'
import type { Target } from '../../../domain/target.ts'
import { ToolError } from '../../../domain/tool-error.ts'
import { adoptTables } from './adopt-tables.ts'
import { FamilyRun } from './family-run.ts'
import { makeShards } from './make-shards.ts'
import { closeShardTargets, lockShardTargets, type OpenedTarget, openShardTargets } from './open-targets.ts'
import { KeySources, readTarget } from './read-target.ts'
import type { RotationWork } from './request.ts'
import { restoreShards, retireShards } from './retain-shards.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'
import { refreshView } from './windowed-view.ts'

export interface RotationReport {
  readonly now: number
  readonly outcomes: readonly FamilyOutcome[]
  /** What decides the exit code; null when nothing went wrong. */
  readonly error: unknown
}

/** Who of a target is left to work on, in an order that a phase may choose. */
type Phase = (target: TargetRun, families: readonly FamilyWork[]) => Promise<void>

/**
 * Runs a rotation: creates first, for every family of every target, then carries fan-outs, then retires. One family's
 * failure, and one target's, leaves the others their work. Throws ToolError only for what stops it before it began.
 */
export async function runRotation(request: RotationWork): Promise<RotationReport> {
  const started = request.now()
  const opened = await openShardTargets(request, true)
  let locked = false
  try {
    const ready = await lockShardTargets(request, opened)
    locked = true
    const sources = new KeySources(request)
    const absent = ready.filter(({ error }) => error !== null)
    const begun = await Promise.all(
      ready.filter(({ error }) => error === null).map((target) => beginTarget(request, target, sources)),
    )
    const targets = begun.flatMap((one) => (one instanceof Absent ? [] : [one]))
    await runPhases(request, targets)
    const runs = [
      ...absent.flatMap(({ families, store, database, error }) =>
        refuse(families, store?.target ?? placeOf(database), error),
      ),
      ...begun.flatMap((one) => (one instanceof Absent ? one.runs : selectedRuns(one))),
    ]
    return report(request, started, runs)
  } finally {
    await closeShardTargets(opened, locked)
  }
}

/** A target that could not be read: its families, each with the reason. */
class Absent {
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

function refuse(families: OpenedTarget['families'], target: Target, error: unknown): readonly FamilyRun[] {
  return families.map(({ name }) => {
    const run = new FamilyRun(name, target)
    run.fail(error)
    return run
  })
}

/** Reads and plans a target, and writes down what looking proved and that a rotation began. */
async function beginTarget(
  request: RotationWork,
  { database, store, families }: OpenedTarget,
  sources: KeySources,
): Promise<TargetRun | Absent> {
  if (store === null) throw new Error('only open targets begin')
  try {
    await store.createRegistry()
    const target = await readTarget(request, database, store, sources)
    const planned = target.families.filter(({ plan }) => plan !== null)
    for (const leftover of planned.flatMap(({ plan }) => plan?.leftovers ?? [])) await target.drop(leftover)
    await target.write(
      planned.flatMap(({ plan }) => plan?.corrections ?? []),
      planned.map(({ record }) => record),
      await store.readClock(),
    )
    return target
  } catch (error) {
    return new Absent(refuse(families, store.target, error))
  }
}

/** One phase after the other, through all targets: nothing is retired anywhere before everything is made everywhere. */
async function runPhases(request: RotationWork, targets: readonly TargetRun[]): Promise<void> {
  const each =
    (work: (target: TargetRun, family: FamilyWork) => Promise<void>): Phase =>
    async (target, families) => {
      for (const family of families) await guardFamily(request, family, () => work(target, family))
    }
  const phases: readonly Phase[] = [
    (target) => makeShards(request, target),
    each((target, family) => restoreShards(request, target, family)),
    each((target, family) => adoptTables(request, target, family)),
    (target, families) => propagate(request, target, families),
    each((target, family) => retireShards(request, target, family)),
    each((target, family) => refreshView(target, family)),
    (target, families) => finish(target, families),
  ]
  for (const phase of phases) {
    for (const target of targets) await guardTarget(request, target, phase)
  }
}

/** Families that were planned and that nothing has stopped. */
const workable = (target: TargetRun): readonly FamilyWork[] =>
  target.families.filter(({ plan, run }) => plan !== null && run.goesOn)

/** What is thrown past the families (a lost lock, a lost connection) ends the whole target, and no other. */
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
  if (!run.goesOn) return
  const started = performance.now()
  try {
    await work()
  } catch (error) {
    run.fail(error)
  }
  run.milliseconds += performance.now() - started
}

async function propagate(request: RotationWork, target: TargetRun, families: readonly FamilyWork[]): Promise<void> {
  if (request.propagate === null) return
  const failed = await request.propagate(target)
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

function report(request: RotationWork, now: number, runs: readonly FamilyRun[]): RotationReport {
  const order = new Map(request.families.map(({ name }, index) => [name, index]))
  const inOrder = runs.toSorted((a, b) => (order.get(a.family) ?? 0) - (order.get(b.family) ?? 0))
  return { now, outcomes: inOrder.map((run) => run.outcome()), error: mainError(inOrder.map(({ error }) => error)) }
}

/** Another run's lock is the least of what can go wrong: it decides the exit code only when nothing else does. */
function mainError(errors: readonly unknown[]): unknown {
  const happened = errors.filter((error) => error !== null)
  return happened.find((error) => !(error instanceof ToolError && error.code === 'LOCK_HELD')) ?? happened[0] ?? null
}
