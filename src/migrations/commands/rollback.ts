import type { Context } from '../../command/context.ts'
import { defineCommand } from '../../command/define-command.ts'
import { allow, dryRun, errorBudget, failedOnly, noProbe, toVersion } from '../../command/shared-flags.ts'
import { exitCodesOf } from '../../core/exit-code.ts'
import { shardSteps } from '../../shards/fan-out/shard-steps.ts'
import type { Plan, Step } from '../plan.ts'
import { migrationLabel } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import { runTargets } from '../run-targets.ts'
import { withTargets } from '../with-targets.ts'

/** `wwdb rollback`: runs the down parts of what was applied last, newest first. */
export const command = defineCommand({
  name: 'rollback',
  group: 'Migrations',
  summary: 'revert the migrations applied last',
  purpose:
    'Runs the down parts of the migrations that were applied last, newest first. A migration without a down part ' +
    'stops the run before anything is reverted. Asks before it starts, because a down part usually removes data.',
  examples: [
    { command: 'wwdb rollback -t user_db', purpose: 'revert the last migration of one database' },
    { command: 'wwdb rollback --to 20260101000000 --dry-run', purpose: 'see what going back to a version would do' },
  ],
  flags: {
    'What to revert': {
      to: { ...toVersion, description: 'revert everything after this version, which stays applied' },
      steps: {
        value: 'NUMBER',
        type: 'integer',
        description: 'number of migrations, last applied first, over all databases',
        min: 1,
        otherwise: '1',
      },
    },
    Safety: { dryRun, allow, noProbe },
    'Migrations that run on shards': { errorBudget, failedOnly },
  },
  exitCodes: exitCodesOf.locks,
  interruption: 'after-statement',
  writes: true,
  connects: true,
  run(options, context) {
    return withTargets(context, { writable: options.dryRun !== true, plans: true, unreached: 'skip' }, (config, open) =>
      runTargets(context, config, open, {
        command: 'rollback',
        direction: 'down',
        to: options.to ?? null,
        steps: options.to === undefined ? (options.steps ?? 1) : null,
        dryRun: options.dryRun ?? false,
        allow: options.allow ?? [],
        probe: options.noProbe !== true && options.dryRun !== true,
        shards: shardSteps(context, config, { ...options, probe: options.noProbe !== true && options.dryRun !== true }),
        confirm: (plan) => confirmRollback(context, plan),
      }),
    )
  },
})

/** What the down parts are known to remove; what a program does is not known before it runs. */
function describeLoss(steps: readonly Step[]): string {
  const parts = steps.length === 1 ? 'Its down part' : 'Their down parts'
  const verb = steps.length === 1 ? 'removes' : 'remove'
  const destructive = steps.flatMap(({ hazards }) => hazards.filter(({ kind }) => kind === 'destructive'))
  const codes = [...new Set(destructive.map(({ code }) => code))]
  if (codes.length > 0) return `${parts} ${verb} data: ${codes.join(', ')}.`
  if (steps.some((step) => scriptOf(step)?.type === 'module')) return 'What code changes is not known before it runs.'
  return `No statement of ${parts.toLowerCase()} is known to remove data.`
}

/** Asks before down parts run: they usually remove data. */
export async function confirmRollback(context: Context, plan: Plan): Promise<void> {
  const steps = plan.targets.flatMap((target) => target.steps)
  if (steps.length === 0) return
  const names = steps.map((step) => `\`${step.migration.database}/${migrationLabel(step.migration)}\``)
  const list = names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  await context.confirm({
    what: `This rolls back ${list}. ${describeLoss(steps)}`,
    level: (await context.config()).protected ? 'severe' : 'moderate',
    name: 'rollback',
  })
}
