import { ToolError } from '../core/tool-error.ts'
import type { LockedStore } from './apply-store.ts'
import { attemptIn } from './open-stores.ts'
import { codesOf, isSameResource, type StoreChange, type StoreLoss, type StorePlan } from './store-plan.ts'

/**
 * Plans again right before the writes: a question may stay open for hours, and other stores may have been waited for. A store that would lose something else than was shown
 * has failed, and nothing of it is written.
 */
export async function planAgain(planned: LockedStore): Promise<LockedStore> {
  if (planned.type === 'failed' || planned.plan.changes.length === 0) return planned
  const { ready, session, plan: shown } = planned
  const attempt = await attemptIn(async () => {
    const plan = await session.plan()
    const other = plan.changes.find((change) => losesMore(change, shown.changes))
    if (other === undefined) return plan
    throw storeChanged(plan, 'written', `\`${other.summary}\` would remove something else than was shown.`)
  })
  return attempt.error === null ? { ...planned, plan: attempt.value } : { type: 'failed', ready, error: attempt.error }
}

/** True where a change would lose what none of the shown ones loses. */
export function losesMore({ loss, action, resource }: StoreChange, shown: readonly StoreChange[]): boolean {
  if (loss === null) return false
  // A resource may have several changes, each with its own loss.
  const same = shown.filter((one) => one.action === action && isSameResource(one.resource, resource))
  return !same.some((one) => one.loss !== null && isWithin(loss, one.loss))
}

function isWithin(loss: StoreLoss, shown: StoreLoss): boolean {
  const [codes, names] = [codesOf(shown), shown.affected.map(withoutCounts)]
  return (
    codesOf(loss).every((code) => codes.includes(code)) &&
    loss.affected.map(withoutCounts).every((name) => names.includes(name))
  )
}

/** Programs go on to write: `logs (1,204 documents)` is the same with more of them. What was added to a resource begins with its path, and is the same only as it is. */
function withoutCounts(affected: string): string {
  if (affected.startsWith('`')) return affected
  return affected.replace(/ \([^()]*\d[\d,.]* [^()]*\).*$/, '').replace(/^\d[\d,]* (document|more measurement)s?/, '$1')
}

/** @param what is not done to it: `written`, `removed` */
export function storeChanged({ store, server }: StorePlan, what: 'written' | 'removed', why: string): ToolError {
  return new ToolError('STORE_CHANGED', {
    what: `${store} was changed after the plan was shown, so nothing of it is ${what}.`,
    where: { server },
    why,
    next: 'Run the command again: it shows what is there by now.',
  })
}
