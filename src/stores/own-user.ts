import { ToolError } from '../core/tool-error.ts'
import type { Place } from './server-errors.ts'
import type { StoreDifference } from './store-plan.ts'

/** What a change removes from what lists contain: rights, roles, a password, the right to log in. */
function takenBy(differences: readonly StoreDifference[]): readonly string[] {
  return differences.flatMap(({ path, actual, declared }) => {
    if (path === 'description' || actual === null) return []
    if (path === 'password') return ['its password']
    if (path === 'enabled') return declared === 'false' ? ['its access'] : []
    const kept = new Set(declared?.split(', ') ?? [])
    const taken = actual.split(', ').filter((one) => !kept.has(one))
    return taken.length === 0 ? [] : [`${path}: ${taken.join(', ')}`]
  })
}

/**
 * Refuses a change that removes something from the user of this run, who could not restore it.
 * @param resource what is changed: the user itself, or one of its roles
 * @throws ToolError STORE_OWN_USER.
 */
export function refuseOwnUser(
  { product, server }: Place,
  user: string,
  resource: string,
  differences: readonly StoreDifference[],
): void {
  const taken = takenBy(differences)
  if (taken.length === 0) return
  throw new ToolError('STORE_OWN_USER', {
    what: `The change of ${resource} would take ${taken.join('; ')} from \`${user}\`, with which this run is connected to ${product}.`,
    where: { server },
    why: 'The run could lock itself out: neither it nor the next one could undo the change.',
    next: 'Use another user for `wwdb setup`, or declare what this one has.',
  })
}
