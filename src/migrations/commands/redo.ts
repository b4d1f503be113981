import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { allow, dryRun, killBlockers, noProbe, throttling } from '../../command/shared-flags.ts'
import type { Config } from '../../config/config.ts'
import { exitCodes, exitCodesOf } from '../../core/exit-code.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import { confirmRollback } from '../confirm-rollback.ts'
import { readStates } from '../journal/journal.ts'
import { approvePlan } from '../plan/approve-plan.ts'
import { makeRunPlan } from '../plan/make-run-plan.ts'
import { stepName } from '../plan.ts'
import { runTargets } from '../run-targets.ts'
import { type OpenTarget, type OpenTargets, refreshTarget } from '../targets.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb redo`: reverts the last migration and applies it again from its current file. */
export const command = defineCommand({
  name: 'redo',
  group: 'Migrations',
  summary: 'revert the last migration and apply it again',
  purpose:
    'Rolls back and migrates again in one command. Meant for writing a migration: run it, look at the result, edit it, redo it. Asks ' +
    'before it starts, because the down part usually removes data.',
  examples: [
    { command: 'wwdb redo -t user_db', purpose: 'the last migration of one database' },
    { command: 'wwdb redo -t user_db --steps 2 --yes', purpose: 'the last two, without a question' },
  ],
  flags: {
    'What to redo': {
      steps: {
        value: 'NUMBER',
        type: 'integer',
        description: 'number of migrations, last applied first, over all databases',
        min: 1,
        default: 1,
      },
    },
    Safety: { dryRun, allow, noProbe },
    'Load of servers': { ...throttling, killBlockers },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  vtgate: true,
  run(options, context) {
    const dryRun = options.dryRun ?? false
    const common = {
      command: 'redo',
      to: null,
      dryRun,
      allow: options.allow ?? [],
      killBlockers: options.killBlockers ?? false,
      probe: options.noProbe !== true && !dryRun,
    }
    return withTargets(context, { writable: !dryRun, plans: true, unreached: 'skip' }, async (config, open) => {
      const shards = shardSteps(context, config, common)
      const reverted = new Set<string>()
      const down = await runTargets(context, config, open, {
        ...common,
        shards,
        direction: 'down',
        steps: options.steps ?? 1,
        confirm: async (plan) => {
          for (const target of plan.targets) for (const step of target.steps) reverted.add(stepName(step))
          await checkWayBack(context, config, open, reverted, common.allow)
          await confirmRollback(context, plan)
        },
      })
      if (dryRun || down.exitCode !== exitCodes.done || reverted.size === 0) return down
      const targets = await Promise.all(open.targets.map((target) => refreshTarget(target)))
      const up = { ...common, shards, direction: 'up', steps: null, only: reverted, confirm: async () => {} } as const
      return runTargets(context, config, { ...open, targets }, up).catch((error: unknown) => {
        context.emit({ type: 'warning', message: remainsReverted, target: null })
        throw error
      })
    })
  },
})

const remainsReverted =
  'The reverted migrations were not applied again. Fix what stopped the run, then run `wwdb migrate`: another `wwdb redo` may revert an earlier migration.'

/** The target as it would be with these steps reverted. This hypothetical state is not compared with the records of the real one. */
function imagineReverted(target: OpenTarget, reverted: ReadonlySet<string>): OpenTarget {
  const passes = target.snapshot.passes.filter((pass) => !reverted.has(`${target.database.name}/${pass.version}`))
  const { mark: _mark, runs: _runs, ...rest } = target.snapshot
  const snapshot = { ...rest, passes }
  return { ...target, snapshot, state: readStates(snapshot) }
}

/** Nothing is reverted that could not be applied again: a late file, a hazard that was not allowed. Throws as `migrate` would. */
async function checkWayBack(
  context: Context,
  config: Config,
  open: OpenTargets,
  reverted: ReadonlySet<string>,
  allow: readonly string[],
) {
  const targets = open.targets.map((target) => imagineReverted(target, reverted))
  const again = { direction: 'up', to: null, steps: null, only: reverted, probe: false } as const
  const plan = await makeRunPlan(config, { ...open, targets }, again, shardSteps(context, config, again))
  approvePlan(plan, { allow, protected: config.protected })
}
