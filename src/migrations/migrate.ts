import { resolve } from 'node:path'
import type { CommandResult, Context } from '../command/context.ts'
import type { Config } from '../config/config.ts'
import { confirmRollback } from './confirm-rollback.ts'
import { comparePlan, readPlanFile } from './plan-file.ts'
import { findIdleRun, type RunCommand, runTargets } from './run-targets.ts'
import type { ShardSteps } from './shard-steps.ts'
import { withTargets } from './with-targets.ts'

/** What to apply, as values; by default everything that is pending. */
export interface MigrateOptions {
  readonly to?: string | undefined
  readonly steps?: number | undefined
  /** The file of a plan, which determines all of the above. */
  readonly plan?: string | undefined
  readonly dryRun?: boolean
  readonly allow?: readonly string[]
  readonly drift?: RunCommand['drift']
  /** True to kill sessions that keep definitions waiting, as `guard.kill` allows. */
  readonly killBlockers?: boolean | undefined
  /** False leaves out what is tried in scratch schemas beforehand. */
  readonly probe?: boolean
}

/** How migrations run on shards; the caller provides it. `probe` is false where nothing is tried beforehand. */
export type MakeShardSteps = (context: Context, config: Config, options: { readonly probe: boolean }) => ShardSteps

/** The same options where a plan file may have decided them. */
type Wanted = Omit<MigrateOptions, 'to' | 'steps'> & {
  readonly to?: string | null | undefined
  readonly steps?: number | null | undefined
}

/** What a run upward is asked to do, where nothing has to be confirmed. */
export function describeMigrate(
  context: Context,
  config: Config,
  options: Wanted,
  makeShardSteps: MakeShardSteps,
): RunCommand {
  const { to = null, steps = null, dryRun = false, allow = [], drift, killBlockers = false } = options
  const probe = options.probe !== false && !dryRun
  return {
    ...{ command: 'migrate', direction: 'up', to, steps, dryRun, allow, drift, probe, killBlockers },
    shards: makeShardSteps(context, config, { probe }),
    confirm: async () => undefined,
  }
}

/** Brings every chosen database to the state of its files, or exactly to that of a plan file. */
export async function migrate(
  context: Context,
  options: MigrateOptions,
  makeShardSteps: MakeShardSteps,
): Promise<CommandResult> {
  const { plan: file, dryRun = false } = options
  const kept = file === undefined ? null : await readPlanFile(resolve(context.process.cwd, file))
  const { direction, to, steps, targets } = kept?.options ?? {
    direction: 'up' as const,
    to: options.to,
    steps: options.steps,
    targets: context.targets,
  }
  const commandOf = (config: Config): RunCommand => ({
    ...describeMigrate(context, config, { ...options, to, steps }, makeShardSteps),
    direction,
    confirm: async (plan) => {
      if (file !== undefined && kept !== null) comparePlan(file, kept, plan)
      if (plan.direction === 'down') await confirmRollback(context, plan)
    },
  })
  return withTargets(
    { ...context, targets },
    {
      writable: !dryRun,
      plans: true,
      // A plan file covers all its databases: it runs exactly as reviewed, or not at all.
      unreached: kept === null ? 'skip' : 'fail',
      idle: (config, seen) => findIdleRun(context, config, seen, commandOf(config)),
    },
    (config, open) => runTargets(context, config, open, commandOf(config)),
  )
}
