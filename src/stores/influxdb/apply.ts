import { ToolError } from '../../core/tool-error.ts'
import type { PlannedChange, StoreContext } from '../contract.ts'
import { isSameResource, type StoreChange } from '../store-plan.ts'
import type { Declaration } from './declaration.ts'
import { checkScripts, observeState } from './observe.ts'
import { planResources } from './plan-resources.ts'
import type { InfluxDriver, ServerWrite } from './ports.ts'

/** One change of the server: its requests, in this order. */
export interface Operation {
  readonly writes: readonly ServerWrite[]
}

/** How often a resource is changed to its declaration and found to differ, before the server is reported not to keep the change. */
const rounds = 3

/**
 * Makes one change. The server is read again each time: IDs may exist now that did not when the plan was made, another run may have changed
 * something, and the result is checked. A first start needs a second round: its request cannot contain everything.
 */
export async function applyOperation(
  context: StoreContext<Declaration, InfluxDriver>,
  { change: approved }: PlannedChange<Operation>,
): Promise<void> {
  const { declaration, driver, server, options } = context
  for (let round = 0; round < rounds; round++) {
    const { state, old } = await observeState(context)
    const { changes } = planResources(declaration, state, old, options?.prune)
    const found = changes.find(({ change: { resource } }) => isSameResource(resource, approved.resource))
    if (found === undefined) return
    if (round === 0) refuseNewLoss(found.change, approved, server)
    await checkScripts(context, [found])
    for (const write of found.operation.writes) await driver.write(write)
  }
  throw notKept(approved, server)
}

type Change = Omit<StoreChange, 'number'>

/** The plan was approved: a loss that appeared since then was not. */
function refuseNewLoss(found: Change, approved: Change, server: string): void {
  if (found.loss === null || found.loss.code === approved.loss?.code) return
  throw new ToolError('STORE_CHANGED', {
    what: `${found.resource.kind} \`${found.resource.name}\` was changed after the plan was made.`,
    where: { server },
    why: found.loss.why,
    next: 'Run the command again and review the new plan.',
  })
}

function notKept({ resource }: Change, server: string): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `InfluxDB accepted the changes to ${resource.kind} \`${resource.name}\` but did not keep them.`,
    where: { server },
    why: 'It still differs from the declaration; another program may be changing it at the same time.',
    next: 'Run `wwdb setup plan` to see what differs.',
  })
}
