import type { Config } from '../../config/config.ts'
import { refreshTargets } from '../locking.ts'
import { foreseesFailure, hasWork, type Plan } from '../plan.ts'
import type { ShardSteps } from '../shard-steps.ts'
import { dropLost, type OpenTarget, type OpenTargets, refreshTarget, type SeenTarget, TargetLost } from '../targets.ts'
import { refuseUndone } from '../undo/refuse-undone.ts'
import { isLost, listUnreached, refuseCounting } from '../unreached.ts'
import { isStillValid, makePlan } from './make-plan.ts'
import { schemasOf } from './placeholders.ts'

/** What a plan must contain. */
export interface PlanOptions {
  readonly direction: 'up' | 'down'
  /** Up: stop after this version. Down: revert everything after it. */
  readonly to: string | null
  /** Number of migrations over all databases; null for all. */
  readonly steps: number | null
  /** Only these steps, by name; absent for all. */
  readonly only?: ReadonlySet<string>
  /** False leaves the server's own answers about ALTERs out of the plan. */
  readonly probe: boolean
  /** True also tries the files of a database that has nothing applied: for a plan that is only shown. */
  readonly triesFirstBuild?: boolean
}

/** The databases that a plan is made of. */
export type PlannedDatabases = Pick<
  OpenTargets,
  'targets' | 'neighbors' | 'unreached' | 'skipsUnreached' | 'live' | 'online'
>

/**
 * Makes the plan of a run from the current targets, with shards, hazards and expected algorithms. Throws ToolError
 * `UNREACHABLE` where steps are counted and a database was not reached.
 */
export async function makeRunPlan(
  config: Config,
  databases: PlannedDatabases,
  options: PlanOptions,
  shards?: ShardSteps,
): Promise<Plan> {
  return (await planReached(config, databases, options, shards)).plan
}

/** How often a plan is made again while other runs change the data it was based on. */
const looks = 3

/**
 * The same for a plan that takes no lock: another run may just be doing what the plan predicts to fail. Then the plan is made again from the
 * current journals, a few times; a note says so where they kept changing.
 */
export async function makeSettledPlan(
  config: Config,
  databases: OpenTargets,
  options: PlanOptions,
  shards?: ShardSteps,
): Promise<Plan> {
  let { plan, databases: left } = await planReached(config, databases, options, shards)
  for (let look = 1; foreseesFailure(plan); look += 1) {
    left = await refreshTargets(left, (target) => refreshTarget(target))
    if (isStillValid(plan, left.targets)) return plan
    if (look === looks)
      return withNote(
        plan,
        'Another run changed the journal meanwhile: what is reported as failing may be what that run has just done. Plan again after it has ended.',
      )
    ;({ plan, databases: left } = await planReached(config, left, options, shards))
  }
  return plan
}

function withNote(plan: Plan, note: string): Plan {
  const targets = plan.targets.map((one) =>
    one.failures === undefined ? one : { ...one, notes: [...one.notes, note] },
  )
  return { ...plan, targets }
}

/** A plan, with its databases: if a server is lost during a query, the others are planned again. */
export async function planReached<T extends PlannedDatabases>(
  config: Config,
  databases: T,
  options: PlanOptions,
  shards?: ShardSteps,
): Promise<{ readonly plan: Plan; readonly databases: T }> {
  for (let left = databases; ; ) {
    try {
      return { plan: await planTargets(config, left, options, shards), databases: left }
    } catch (error) {
      if (!(error instanceof TargetLost)) throw error
      left = dropLost(left, new Map([[error.target, error.cause]]))
    }
  }
}

/** The part of a plan that journals and files decide alone. Pure. Throws like `makePlan`. */
export function planJournals(
  config: Config,
  {
    targets,
    neighbors,
    unreached,
  }: Pick<PlannedDatabases, 'neighbors' | 'unreached'> & {
    readonly targets: readonly SeenTarget[]
  },
  { direction, to, steps, only }: PlanOptions,
): Plan {
  if (steps !== null) refuseCounting(unreached)
  const places = unreached.map(({ database, all, error }) => ({
    next: error.faults[0]?.next,
    name: database.name,
    server: database.server.label,
    migrations: all,
  }))
  const around = { neighbors, unreached: places }
  const { outOfOrder, retire } = config
  const made = makePlan({ targets, ...around, direction, to, steps, outOfOrder, only: only ?? null, retire })
  return { ...made, unreached: listUnreached(unreached) }
}

async function planTargets(
  config: Config,
  { targets, neighbors, unreached, live: open, online }: PlannedDatabases,
  options: PlanOptions,
  shards?: ShardSteps,
): Promise<Plan> {
  const plan = planJournals(config, { targets, neighbors, unreached }, options)
  const located = await locateShards(plan, config, shards, options, targets)
  if (!hasWork(located)) return located
  // Judging statements is a large part of the tool, and most runs have nothing to do.
  const [{ assessPlan }, { settleRetiring }, { noteSpirit }] = await Promise.all([
    import('./assess-plan.ts'),
    import('./settle-retiring.ts'),
    import('./note-spirit.ts'),
  ])
  for (const target of targets)
    await refuseUndone(located, [target]).catch((error: unknown) => {
      throw isLost(error) ? new TargetLost(target, error) : error
    })
  const { probe, direction, triesFirstBuild = config.protected } = options
  // A rollback takes away what a migration made: that is what it is for.
  const live = direction === 'up' && open !== undefined ? { config, open } : null
  const asking = { probe, trial: config.trial, triesFirstBuild, live }
  const settled = await settleRetiring(located, targets)
  const assessed = noteSpirit(await assessPlan(settled, targets, schemasOf(config), asking), config)
  if (online === undefined) return assessed
  const { noteLeftovers } = await import('./note-leftovers.ts')
  return noteLeftovers(assessed, targets, online)
}

/** Most plans have no step that runs on shards. */
async function locateShards(
  plan: Plan,
  config: Config,
  shards: ShardSteps | undefined,
  { probe }: PlanOptions,
  targets: readonly OpenTarget[],
): Promise<Plan> {
  const steps = plan.targets.flatMap((target) => target.steps)
  if (shards === undefined || !steps.some((step) => step.migration.shards !== undefined)) return plan
  return shards.plan(plan, targets, schemasOf(config), probe)
}

/** True where something is unknown, or left out, because a server was not reached. */
export function isIncomplete({ targets, unreached = [] }: Plan): boolean {
  return unreached.length > 0 || targets.some(({ blocked = [] }) => blocked.length > 0)
}
