import { createHash } from 'node:crypto'
import type { RetireConfig } from '../../config/retire.ts'
import { groupBy } from '../../core/group-by.ts'
import type { Target } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { compareVersions } from '../../core/version.ts'
import type { ServerFacts } from '../../mysql/facts.ts'
import { findContradictions } from '../journal/compare-records.ts'
import { isBaselined, type Pass } from '../journal/journal.ts'
import type { JournalSnapshot } from '../journal/rows.ts'
import { findCutPasses } from '../journal/status.ts'
import type { Migration, MigrationReference } from '../migration.ts'
import { type Plan, type Step, stepName, type TargetPlan } from '../plan.ts'
import type { SeenTarget } from '../targets.ts'
import type { DatabaseState } from './database-state.ts'
import { type Decision, listReversible, planDown, planUp } from './decide-steps.ts'
import { blockSteps, nameOf, orderSteps, type UnreachedPlace } from './order-steps.ts'
import { counterparts } from './resolve-squash.ts'
import { retireByDefault } from './retire-by-default.ts'

export interface PlanRequest {
  readonly targets: readonly SeenTarget[]
  /** Databases that are not part of the run, but whose migrations need its own or are needed by them. */
  readonly neighbors?: readonly DatabaseState[]
  /** Databases whose journals could not be read. */
  readonly unreached?: readonly UnreachedPlace[]
  readonly direction: 'up' | 'down'
  /** Up: stop after this version. Down: revert everything after it. */
  readonly to: string | null
  /** Across all targets: the next ones by version, or the last ones by time. */
  readonly steps: number | null
  readonly outOfOrder: 'fail' | 'warn' | 'allow'
  /** Only these steps, by name; null for all. */
  readonly only: ReadonlySet<string> | null
  /** How what is dropped is hidden first; absent where nothing is. */
  readonly retire?: RetireConfig
}

function decideUp(request: PlanRequest, target: SeenTarget): Decision {
  const decision = planUp({
    migrations: target.migrations,
    state: target.state,
    known: new Set(target.all.map((migration) => migration.version)),
    database: target.database.name,
    to: request.to,
    outOfOrder: request.outOfOrder,
    record: target.squash?.record ?? null,
  })
  return { ...decision, faults: [...(target.squash?.faults ?? []), ...findCutPasses(target), ...decision.faults] }
}

/**
 * Where two records contradict each other, nothing else is concluded from either. A plan that reverts drift was compared with the migrations themselves where
 * the record of the schema is gone.
 */
function refuseContradictions({ targets }: PlanRequest): void {
  const faults = targets.flatMap(({ snapshot, session, migrations }) => {
    const isRevert = migrations.some(({ kind }) => kind === 'drift')
    const found = findContradictions(snapshot, session.target)
    return found.filter(({ type }) => type === 'journal' || !isRevert).map(({ fault }) => fault)
  })
  if (faults.length > 0) throw new ToolError('RECORDS_DIFFER', faults)
}

/**
 * The last `steps` migrations by the time they finished, in any database; at equal times, the later pass. A rollback
 * that stopped half way comes first, even where other migrations have run elsewhere since.
 */
function chooseLast(request: Pick<PlanRequest, 'targets'>, steps: number): ReadonlyMap<string, ReadonlySet<string>> {
  const all = request.targets.flatMap((target) =>
    listReversible(target.state).map((pass) => ({ database: target.database.name, pass })),
  )
  const when = (pass: Pass): string => pass.closedAt ?? pass.openedAt
  const later = (a: Pass, b: Pass): number => (when(a) < when(b) ? 1 : when(a) > when(b) ? -1 : b.pass - a.pass)
  const stopped = (pass: Pass): number => (pass.direction === 'down' ? 0 : 1)
  all.sort((a, b) => stopped(a.pass) - stopped(b.pass) || later(a.pass, b.pass))
  const chosen = new Map<string, Set<string>>(
    request.targets.map((target) => [target.database.name, new Set<string>()]),
  )
  for (const { database, pass } of all.slice(0, steps)) chosen.get(database)?.add(pass.version)
  return chosen
}

/** The steps that a rollback of so many migrations is about. A plan under the lock is about the same: what is reverted by then is not counted again. Pure. */
export function nameLast(targets: readonly SeenTarget[], steps: number): ReadonlySet<string> {
  const chosen = [...chooseLast({ targets }, steps)]
  return new Set(chosen.flatMap(([database, versions]) => [...versions].map((version) => `${database}/${version}`)))
}

/** The migrations of `only`, which were chosen before; null where none were. */
function chooseNamed({ targets, only }: PlanRequest): ReadonlyMap<string, ReadonlySet<string>> | null {
  if (only === null) return null
  return new Map(
    targets.map(({ database: { name } }) => {
      const own = [...only].filter((step) => step.startsWith(`${name}/`))
      return [name, new Set(own.map((step) => step.slice(name.length + 1)))]
    }),
  )
}

function decide(request: PlanRequest): ReadonlyMap<string, Decision> {
  if (request.direction === 'up')
    return new Map(request.targets.map((target) => [target.database.name, decideUp(request, target)]))
  const chosen = request.to === null ? (chooseNamed(request) ?? chooseLast(request, request.steps ?? 1)) : null
  return new Map(
    request.targets.map((target) => {
      const { name } = target.database
      return [
        name,
        planDown(
          { migrations: target.all, state: target.state, database: name, to: request.to },
          chosen?.get(name) ?? null,
        ),
      ]
    }),
  )
}

/** The next `steps` steps by version, each after what it needs and after those before it in its database. */
function limitSteps(steps: readonly Step[], limit: number | null): readonly Step[] {
  if (limit === null) return steps
  const byName = new Map(steps.map((step) => [stepName(step), step]))
  const seen = new Set<Step>()
  const order: Step[] = []
  const visit = (step: Step): void => {
    if (seen.has(step)) return
    seen.add(step)
    for (const earlier of steps) {
      if (earlier === step) break
      if (earlier.migration.database === step.migration.database) visit(earlier)
    }
    for (const reference of step.migration.requires) {
      const needed = byName.get(`${reference.database}/${reference.version}`)
      if (needed !== undefined) visit(needed)
    }
    order.push(step)
  }
  for (const step of [...steps].sort((a, b) => compareVersions(a.migration.version, b.migration.version))) {
    if (order.length >= limit) break
    visit(step)
  }
  const chosen = new Set(order.slice(0, limit))
  return steps.filter((step) => chosen.has(step))
}

function listApplied({ all, state }: DatabaseState): readonly Migration[] {
  return all.filter((migration) => (state.states.get(migration.version)?.type ?? 'pending') !== 'pending')
}

function satisfied(around: readonly DatabaseState[]): (reference: MigrationReference) => boolean {
  const places = new Map(around.map((one) => [one.database.name, one.state]))
  const applicable = new Set(around.flatMap(({ migrations }) => migrations.map(nameOf)))
  return (reference) => {
    const state = places.get(reference.database)
    if (state === undefined) return true // its journal was not read: a run of its own decides
    if (!applicable.has(nameOf(reference))) return true // does not apply there
    return state.states.get(reference.version)?.type === 'applied' || isBaselined(state, reference.version)
  }
}

/** An unknown --to is usually a typo. */
function checkVersion(request: PlanRequest): readonly Fault[] {
  const { to } = request
  if (to === null || (request.direction === 'down' && /^0+$/.test(to))) return []
  const files = [...request.targets.map(({ all }) => all), ...(request.unreached ?? []).map((one) => one.migrations)]
  if (files.some((all) => all.some((migration) => compareVersions(migration.version, to) === 0))) return []
  return [
    {
      what: `No migration has the version ${to}.`,
      why: 'The version was given with `--to`.',
      next: 'Give a version that `wwdb status` lists.',
    },
  ]
}

/** The steps in the order in which they run, with what all migrations of the databases around them say. */
function orderAmong(
  steps: readonly Step[],
  { targets, neighbors = [], direction }: PlanRequest,
): ReturnType<typeof orderSteps> {
  const around: readonly DatabaseState[] = [...targets, ...neighbors]
  const counterpartOf = counterparts(around)
  const isSatisfied = satisfied(around)
  return orderSteps(steps, direction, {
    applied: around.flatMap(listApplied),
    isSatisfied: (reference) => isSatisfied(counterpartOf(reference)),
    counterpartOf,
  })
}

/**
 * Decides what a run does to all targets. Pure. Throws ToolError `RECORDS_DIFFER`, and `PLAN_IMPOSSIBLE` with
 * everything that prevents it, each with its fix.
 */
export function makePlan(request: PlanRequest): Plan {
  refuseContradictions(request)
  const decisions = decide(request)
  const wanted = (step: Step): boolean => request.only === null || request.only.has(stepName(step))
  const decided = [...decisions.values()].flatMap((decision) => decision.steps).filter(wanted)
  const { free, blocked } = blockSteps(decided, request.direction, request.unreached ?? [])
  const steps = limitSteps(free, request.direction === 'up' ? request.steps : null)
  const { targets } = request
  const ordered = steps.length === 0 ? { steps, faults: [] } : orderAmong(steps, request)
  const faults = [
    ...checkVersion(request),
    ...[...decisions.values()].flatMap((decision) => decision.faults),
    ...ordered.faults,
  ]
  if (faults.length > 0) throw new ToolError('PLAN_IMPOSSIBLE', faults)
  const stepsOf = groupBy(ordered.steps, (step) => step.migration.database)
  return {
    direction: request.direction,
    targets: targets.map((target): TargetPlan => {
      const { name } = target.database
      const own = stepsOf.get(name) ?? []
      return {
        target: target.session.target,
        get inputsDigest() {
          return digestOf(target)
        },
        steps:
          request.retire === undefined || target.database.vitess !== undefined
            ? own
            : retireByDefault(own, request.retire),
        notes: decisions.get(name)?.notes ?? [],
        blocked: [...blocked].flatMap(([step, one]) => (step.migration.database === name ? [one] : [])),
      }
    }),
  }
}

/** A plan without work needs no digest, which takes some milliseconds where a thousand migrations are applied: it is made when it is first asked for. */
const digests = new WeakMap<SeenTarget, string>()

function digestOf(target: SeenTarget): string {
  const { session, snapshot, migrations } = target
  const digest = digests.get(target) ?? planInputsDigest(session.target, session.facts, snapshot, migrations)
  digests.set(target, digest)
  return digest
}

/** Digest of everything from which a target's plan was made. Two equal digests mean that the plan is still valid. */
export function planInputsDigest(
  target: Target,
  facts: ServerFacts,
  snapshot: JournalSnapshot,
  migrations: readonly Migration[],
): string {
  // One text: each call of a hash costs more than the few bytes that it would be given.
  const parts = [JSON.stringify([facts.uuid, facts.version, target.schema])]
  for (const pass of snapshot.passes) {
    if (pass.kind === 'seed') continue // rows of reference data are nothing that a plan was made from
    parts.push(
      JSON.stringify([pass.pass, pass.version, pass.direction, pass.checksum, pass.closed, pass.open, pass.total]),
    )
  }
  for (const migration of migrations) parts.push(JSON.stringify([migration.version, migration.checksum]))
  return createHash('sha256').update(parts.join('')).digest('hex')
}

/** True when nothing that the plan was made from has changed since. */
export function isStillValid(plan: Plan, targets: readonly SeenTarget[]): boolean {
  if (plan.targets.length !== targets.length) return false
  return targets.every((target) => {
    const before = plan.targets.find((one) => one.target.database === target.session.target.database)
    return before?.inputsDigest === digestOf(target)
  })
}
