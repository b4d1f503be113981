import type { Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { selectDatabases } from '../config/config.ts'
import { type ExitCode, exitCodes } from '../core/exit-code.ts'
import { ToolError } from '../core/tool-error.ts'
import { recoverTarget } from '../migrations/execute/recover.ts'
import { Slots } from '../migrations/execute/work.ts'
import {
  lockTargets,
  prepareJournal,
  refreshLocked,
  refreshTargets,
  unlockTargets,
  workOnTargets,
} from '../migrations/locking.ts'
import { planInputsDigest } from '../migrations/plan/make-plan.ts'
import { targetServers } from '../migrations/ports.ts'
import { type OpenTarget, type OpenTargets, openTargets, refreshTarget } from '../migrations/targets.ts'
import { describeUnreached } from '../migrations/unreached.ts'
import { openGovernors } from '../operate/governors.ts'
import { readSeeds } from './files/read-seeds.ts'
import { hasWork, planTarget, type TargetPlanning } from './plan-target.ts'
import { type SeedReport, type SeedRequest, type SeedTarget, seedStores } from './ports.ts'
import type { SeedOutcome, SeedTargetPlan } from './seed.ts'
import { seedTarget, type TargetEnd } from './seed-target.ts'
import { stageTarget } from './stage-target.ts'

/**
 * Brings the reference data of all targets that have seeds to the state of their files: it plans without a lock, and only where
 * there is something to do takes the locks, plans again and writes, one transaction per target. A run with nothing to do writes
 * nothing at all. Throws ToolError for what stops it before anything is written (`SEEDS_INVALID`, `SCHEMA_MISSING`, `LOCK_HELD`,
 * ...); what goes wrong later is in the report.
 */
export async function runSeeds(request: SeedRequest): Promise<SeedReport> {
  const { config, seeds, servers, write } = request
  const databases = config.databases.filter(({ name }) => seeds.some(({ database }) => database === name))
  const open = await openTargets({
    config,
    databases,
    migrations: new Map(),
    servers,
    writable: write,
    unreached: 'skip',
  })
  try {
    return await runOpened(request, open)
  } finally {
    await open.close()
  }
}

async function runOpened(request: SeedRequest, open: OpenTargets): Promise<SeedReport> {
  const { databases, targets, plannings } = await planAll(request, await stageAll(request, open, 0))
  const plans = plannings.map(({ plan }) => plan)
  if (!request.write)
    return withUnreached({ outcomes: plans.map((plan) => withoutRun(plan, 'planned')), error: null }, databases)
  const unsettled = databases.targets.some(({ snapshot }) => snapshot.passes.some((pass) => pass.open > 0))
  if (!plans.some(hasWork) && !unsettled)
    return withUnreached({ outcomes: plans.map((plan) => withoutRun(plan, 'nothing-to-do')), error: null }, databases)
  for (const { session } of databases.targets) session.warmUp()
  await request.approve(plans)
  return await underLock(request, { databases, targets }, plans)
}

/** Adds the databases that were not reached; their fault decides the exit code where nothing else failed. */
function withUnreached({ outcomes, error }: SeedReport, { unreached }: OpenTargets): SeedReport {
  const nothing = { rows: [], unchanged: 0, scripts: [], dependents: [], milliseconds: 0 }
  const lacking = unreached.map((one): SeedOutcome => {
    const { target, code, fault } = describeUnreached(one)
    return { ...nothing, target, state: 'not-reached', fault, code }
  })
  return { outcomes: [...outcomes, ...lacking], error: error ?? unreached[0]?.error ?? null }
}

function withoutRun(plan: SeedTargetPlan, state: 'planned' | 'nothing-to-do'): SeedOutcome {
  return { ...plan, state: hasWork(plan) ? state : 'nothing-to-do', milliseconds: 0, fault: null, code: null }
}

/** The databases of a run, and their seeds as the servers read them. */
interface StagedTargets {
  readonly databases: OpenTargets
  readonly targets: readonly SeedTarget[]
}

/** Leaves out databases whose servers are lost. Throws ToolError `SEEDS_INVALID` with the faults of all others. */
async function stageAll({ seeds, openStore }: SeedRequest, before: OpenTargets, first: number): Promise<StagedTargets> {
  const { open: databases, results } = await workOnTargets(before, async (target) => {
    const own = seeds.find(({ database }) => database === target.database.name)
    if (own === undefined) throw new Error(`no seeds of ${target.database.name}`)
    const store = openStore(target.session)
    const { tables, faults } = await stageTarget(store, target.session.target, own, first)
    return { seeding: { target, store, seeds: own, tables }, faults }
  })
  const faults = results.flatMap((one) => one.faults)
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  return { databases, targets: results.map(({ seeding }) => seeding) }
}

interface PlannedTargets extends StagedTargets {
  /** In the order of `targets`. */
  readonly plannings: readonly TargetPlanning[]
}

/** Leaves out databases whose servers are lost. Throws ToolError `SEEDS_INVALID` where references name nothing. */
async function planAll(request: SeedRequest, staged: StagedTargets): Promise<PlannedTargets> {
  const { open: databases, results } = await workOnTargets(staged.databases, async (target) => {
    const seeding = staged.targets.find((one) => one.target === target)
    if (seeding === undefined) throw new Error(`${target.database.name} was not staged`)
    return { seeding, planning: await planTarget(request, seeding) }
  })
  const faults = results.flatMap(({ planning }) => planning.faults)
  if (faults.length > 0) throw new ToolError('SEEDS_INVALID', faults)
  return {
    databases,
    targets: results.map(({ seeding }) => seeding),
    plannings: results.map(({ planning }) => planning),
  }
}

async function underLock(
  request: SeedRequest,
  before: StagedTargets,
  approved: readonly SeedTargetPlan[],
): Promise<SeedReport> {
  try {
    const locked = await lockTargets(request, before.databases)
    const { databases, targets, plannings } = await planAll(request, await refreshAll(request, locked, before.targets))
    const plans = plannings.map(({ plan }) => plan)
    if (JSON.stringify(plans) !== JSON.stringify(approved) && plans.some(hasWork)) await request.approve(plans)
    return withUnreached(await seedAll(request, targets, plannings), databases)
  } finally {
    await unlockTargets(before.databases.targets)
  }
}

/** Numbers of temporary tables that are created again, because a migration ran while the run waited for the lock. */
const secondStaging = 100_000

async function refreshAll(
  request: SeedRequest,
  open: OpenTargets,
  before: readonly SeedTarget[],
): Promise<StagedTargets> {
  const databases = await refreshTargets(open, async (target) => {
    const fresh = await prepareJournal(await refreshLocked(target), open.references)
    return (await recoverTarget(fresh, request.emit)) ? await refreshTarget(fresh) : fresh
  })
  const digestOf = ({ session, snapshot }: OpenTarget): string =>
    planInputsDigest(session.target, session.facts, snapshot, [])
  const same: SeedTarget[] = []
  for (const target of databases.targets) {
    const seeding = before.find((one) => one.target.database === target.database)
    if (seeding !== undefined && digestOf(seeding.target) === digestOf(target)) same.push({ ...seeding, target })
  }
  const isSame = same.length === databases.targets.length
  return isSame ? { databases, targets: same } : stageAll(request, databases, secondStaging)
}

async function seedAll(
  request: SeedRequest,
  targets: readonly SeedTarget[],
  plannings: readonly TargetPlanning[],
): Promise<SeedReport> {
  const slots = new Slots(request.config.concurrency)
  const ends = await Promise.all(
    targets.map(async (seeding, index): Promise<TargetEnd> => {
      const planning = plannings[index]
      if (planning === undefined) throw new Error('a target without a plan')
      await slots.take()
      try {
        return await seedTarget(request, seeding, planning)
      } finally {
        slots.give()
      }
    }),
  )
  const error = ends.map((end) => end.error).find((one) => one !== null) ?? null
  return { outcomes: ends.map(({ outcome }) => outcome), error }
}

/** What a seed run is asked to do. */
interface SeedOptions {
  readonly only: readonly string[]
  readonly prune: boolean
  readonly write: boolean
  readonly approve: SeedRequest['approve']
}

/** Everything in the files, removing nothing: for commands that seed among other things. */
export const seedEverything: SeedOptions = {
  only: [],
  prune: false,
  write: true,
  approve: async () => {},
}

/**
 * Seeds the chosen databases of a configuration; those without seeds are left alone. An empty report where there are none.
 * Throws ToolError for what stops it before anything is written.
 */
export async function seedTargets(
  context: Pick<Context, 'targets' | 'port' | 'emit' | 'stop'>,
  config: Config,
  options: SeedOptions,
): Promise<SeedReport> {
  const chosen = new Set(selectDatabases(config, context.targets).map(({ name }) => name))
  const seeds = readSeeds(config, chosen)
  if (seeds.length === 0) return { outcomes: [], error: null }
  const { emit, stop } = context
  const [servers, openStore] = await Promise.all([context.port(targetServers), context.port(seedStores)])
  const governors = options.write ? await openGovernors(context, config) : null
  try {
    return await runSeeds({ config, seeds, servers, openStore, emit, stop, governors, ...options })
  } finally {
    await governors?.close()
  }
}

/** The failure decides the exit code; a defect is not turned into a code. */
export function exitCodeOfSeeds({ error }: SeedReport): ExitCode {
  if (error === null) return exitCodes.done
  if (error instanceof ToolError) return error.exitCode
  throw error
}

/** More names than this are only counted. */
const mostNames = 10

/**
 * Asks before rows are removed: y/N where only they are removed, the database's name where others would be removed with
 * them. Returns at once where there are none.
 */
export async function confirmPrune(context: Context, plans: readonly SeedTargetPlan[]): Promise<void> {
  const pruned = plans.filter(({ rows }) => rows.some(({ action }) => action === 'delete'))
  if (pruned.length === 0) return
  const cascades = pruned.some(({ dependents }) => dependents.some(({ effect }) => effect === 'delete'))
  const names = pruned.map(({ target }) => target.database)
  await context.confirm({
    what: pruned.map(describe).join('\n'),
    level: cascades ? 'severe' : 'moderate',
    name: names.length === 1 ? (names[0] ?? '') : `${names.length} databases`,
  })
}

/** What happens to one row, or several rows, that depend on a removed one. */
const fates = {
  delete: ['is deleted with them', 'are deleted with them'],
  'set-null': ['loses its reference to them', 'lose their reference to them'],
} as const

function describe({ target, rows, dependents }: SeedTargetPlan): string {
  const doomed = rows.filter(({ action }) => action === 'delete')
  const named = doomed.map(({ table, key, changes }) => {
    const changed = changes.length > 0 ? ', changed by hand afterwards' : ''
    return `${table} ${Object.values(key).join(' ')}${changed}`
  })
  const shown = named.slice(0, mostNames).join('; ')
  const more = named.length > mostNames ? `; and ${named.length - mostNames} more` : ''
  const hanging = dependents.map(({ table, rows: count, effect, constraint }) => {
    const [one, several] = fates[effect === 'delete' ? 'delete' : 'set-null']
    return `${count} of \`${table}\` ${count === 1 ? one : several} (\`${constraint}\`)`
  })
  const behind = hanging.length === 0 ? 'No other rows depend on them.' : `Dependent rows: ${hanging.join('; ')}.`
  return `This removes ${doomed.length} seeded ${doomed.length === 1 ? 'row' : 'rows'} of \`${target.database}\` (schema \`${target.schema}\`): ${shown}${more}. ${behind}`
}
