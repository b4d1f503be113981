import type { Config } from '../../config/config.ts'
import type { Context } from '../../core/context.ts'
import type { UnreachedTarget } from '../../core/target.ts'
import { ToolError } from '../../core/tool-error.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import type { OpenTarget, OpenTargets } from '../../migrations/targets.ts'
import { listUnreached } from '../../migrations/unreached.ts'
import { readScope } from '../../shards/schema-scope.ts'
import { compareReplayed, type RecordedDifference } from '../../sql/recorded-schema.ts'
import type { SchemaScope, SnapshotReading } from '../../sql/snapshot.ts'
import { type JudgedDrift, judgeDrift } from '../drift.ts'
import { compareWithRecord } from '../recorded-drift.ts'
import type { AppliedSteps } from './applied.ts'

/** One database and what is not as wwdb left it. */
export interface FoundDrift extends JudgedDrift {
  readonly target: OpenTarget
  readonly reading: SnapshotReading
}

export interface FoundDrifts {
  readonly found: readonly FoundDrift[]
  /** Databases that were not reached, and those whose replay needs one of them. */
  readonly unreached: readonly UnreachedTarget[]
}

interface DriftRequest {
  readonly replay: boolean
  /** Replays also where the user's cache has what the migrations make. */
  readonly isFresh: boolean
  /** Names of objects; empty for all. */
  readonly only: readonly string[]
}

/** The day of the configuration's dates. */
const dayOf = (now: number): string => new Date(now).toISOString().slice(0, 10)

/**
 * Compares the open databases with their records. Those that have none, and all with `replay`, are compared with what the applied migrations make in
 * scratch schemas. Databases of which nothing is known are left out, and named. Rejects with ToolError, as `findApplied` does.
 */
export async function findDrifts(
  context: Context,
  config: Config,
  open: OpenTargets,
  { replay, isFresh, only }: DriftRequest,
): Promise<FoundDrifts> {
  const scope = await readScope(config)
  const judge = (target: OpenTarget, reading: SnapshotReading, found: readonly RecordedDifference[]): FoundDrift => {
    const chosen = found.filter(({ name }) => only.length === 0 || only.includes(name))
    return { target, reading, ...judgeDrift(target.database.name, chosen, config.drift, dayOf(context.now())) }
  }
  const compared = replay
    ? open.targets.map(() => null)
    : await Promise.all(
        open.targets.map((target) =>
          compareWithRecord(target, snapshotOptions(config.databases, target.database, scope)),
        ),
      )
  const recorded = compared.flatMap((one) => {
    if (one === null) return []
    const { database } = one.target
    if (one.isUnknown) leaveOut(context, database.name, 'a run is under way, or stopped half way')
    return [judge(one.target, one.reading, one.differences)]
  })
  const others = open.targets.filter((_, index) => compared[index] === null)
  const { replayed, lacking } =
    others.length === 0 ? { replayed: [], lacking: [] } : await replayDrifts(context, config, others, scope, isFresh)
  const all = [...recorded, ...replayed.map(({ target, reading, found }) => judge(target, reading, found))]
  const order = config.databases.map(({ name }) => name)
  const missing = only.filter((name) => !all.some(({ differences }) => differences.some((one) => one.name === name)))
  if (missing.length > 0) {
    throw new ToolError('USAGE', {
      what: `Nothing called ${missing.join(', ')} differs.`,
      next: 'Name objects that `wwdb drift` lists.',
    })
  }
  return {
    found: all.toSorted((a, b) => order.indexOf(a.target.database.name) - order.indexOf(b.target.database.name)),
    unreached: [...listUnreached(open.unreached), ...lacking],
  }
}

function leaveOut({ emit }: Context, database: string, why: string): void {
  emit({ type: 'warning', message: `\`${database}\` is left out: ${why}.`, target: null })
}

async function replayDrifts(
  context: Context,
  config: Config,
  targets: readonly OpenTarget[],
  scope: SchemaScope,
  isFresh: boolean,
) {
  const [{ findApplied }, { readReachable }] = await Promise.all([import('./applied.ts'), import('./sources.ts')])
  const inside: Context = { ...context, targets: targets.map(({ database }) => database.name) }
  const steps = await findApplied(inside)
  const { schemas: applied, unreached: lacking } = await readReachable(inside, { type: 'applied', steps, isFresh })
  const found = await Promise.all(
    targets.map(async (target) => {
      const { name } = target.database
      const made = applied.find(({ database }) => database.name === name)
      const label = steps.unfinished.get(name)
      if (label !== undefined) leaveOut(context, name, `\`${label}\` is under way, or stopped half way`)
      const reading = await target.session.record?.readLive(snapshotOptions(config.databases, target.database, scope))
      if (label !== undefined || made === undefined || reading === undefined) return null
      const unread = new Set([...reading.hidden, ...made.hidden])
      const differences = compareReplayed(made.snapshot, reading.snapshot)
      return { target, reading, found: differences.filter((one) => !unread.has(`${one.type} ${one.name}`)) }
    }),
  )
  const replayed = found.filter((one) => one !== null)
  const differing = replayed.some(({ found: differences }) => differences.length > 0)
  const moved = differing ? movedBetween(steps, await findApplied(inside)) : () => false
  for (const { target } of replayed.filter(({ target: { database } }) => moved(database.name)))
    leaveOut(context, target.database.name, 'a run changed it meanwhile')
  return { replayed: replayed.filter(({ target }) => !moved(target.database.name)), lacking }
}

/** Whether a run changed a database between two looks at its journal: what was read of its schema then belongs to neither. */
function movedBetween(before: AppliedSteps, after: AppliedSteps): (database: string) => boolean {
  const stateOf = ({ done, unfinished }: AppliedSteps, database: string): string =>
    [...done].filter((step) => step.startsWith(`${database}/`)).join() + (unfinished.get(database) ?? '')
  return (database) => stateOf(before, database) !== stateOf(after, database)
}
