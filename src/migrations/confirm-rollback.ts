import type { Context } from '../command/context.ts'
import { migrationLabel } from '../core/migration-label.ts'
import type { Plan, Step } from './plan.ts'
import { scriptOf } from './plan-document.ts'

function nameParts(steps: readonly Step[]): string {
  const isRevert = steps.every((step) => {
    const script = scriptOf(step)
    return script?.type === 'statements' && script.statements.some(({ reverts }) => reverts !== undefined)
  })
  if (steps.length === 1) return isRevert ? 'Its `REVERT`' : 'Its down part'
  return isRevert ? 'Their `REVERT`s' : 'Their down parts'
}

/** What the down parts are known to remove; the effects of a program are unknown before it runs. */
function describeLoss(steps: readonly Step[]): string {
  const parts = nameParts(steps)
  const verb = steps.length === 1 ? 'removes' : 'remove'
  const destructive = steps.flatMap(({ hazards }) => hazards.filter(({ kind }) => kind === 'destructive'))
  const codes = [...new Set(destructive.map(({ code }) => code))]
  if (codes.length > 0) return `${parts} ${verb} data: ${codes.join(', ')}.`
  if (steps.some((step) => scriptOf(step)?.type === 'module'))
    return 'The changes that code makes are not known before it runs.'
  return `No statement of ${parts[0]?.toLowerCase()}${parts.slice(1)} is known to remove data.`
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
