import { describeLeftover, describeRemoval } from '../../operate/online/describe-leftover.ts'
import { listOnline } from '../../operate/online/list-changes.ts'
import type { OnlineServerOf } from '../online-changes.ts'
import type { Plan, Step } from '../plan.ts'
import { scriptOf } from '../plan-document.ts'
import type { OpenTarget } from '../targets.ts'

/**
 * Notes what tools of online changes have left of tables that the plan alters: triggers would write to a copy that has other columns, and a change by another copy would fail at the names.
 * Servers are asked only where a table is altered that is there. What cannot be read is no note: `doctor` says why.
 */
export async function noteLeftovers(
  plan: Plan,
  targets: readonly OpenTarget[],
  online: () => Promise<OnlineServerOf>,
): Promise<Plan> {
  const noted = plan.targets.map(async (target) => {
    const open = targets.find((one) => one.database.name === target.target.database)
    const altered = new Set(target.steps.flatMap(listAltered))
    if (open === undefined || altered.size === 0) return target
    const listing = await listOnline((await online())(open.session)).catch(() => null)
    const left = listing?.leftovers.filter(({ table }) => table !== null && altered.has(table)) ?? []
    const notes = left.map((one) => {
      const removal = describeRemoval(one)
      return `${describeLeftover(one, Date.now())} of \`${one.table}\`, which the plan alters${removal === '' ? '' : `; ${removal}`}`
    })
    return notes.length === 0 ? target : { ...target, notes: [...target.notes, ...notes] }
  })
  return { ...plan, targets: await Promise.all(noted) }
}

/** The tables that its ALTER TABLE statements change, those that are there. */
function listAltered(step: Step): readonly string[] {
  const script = scriptOf(step)
  if (script?.type !== 'statements') return []
  if (step.fanOut !== undefined)
    return script.statements.some(({ verb }) => verb === 'ALTER TABLE') ? (step.fanOut.tables ?? []) : []
  if (step.sizes === undefined) return []
  return script.statements.flatMap(({ verb, index }) => {
    const table = step.sizes?.get(index)?.table
    return verb === 'ALTER TABLE' && table !== undefined ? [table] : []
  })
}
