import type { Context } from '../../command/context.ts'
import type { Config, StoreConfig } from '../../config/config.ts'
import { type Fault, inOneSentence, ToolError } from '../../core/tool-error.ts'
import { findDrift } from '../../stores/find-drift.ts'
import { chooseStores } from '../../stores/open-stores.ts'
import type { StorePlanDocument } from '../../stores/outcome.ts'
import { planStores } from '../../stores/set-up-stores.ts'
import type { ReportFinding, ReportStore } from '../report.ts'
import type { PartReading } from './attempt.ts'

/**
 * The stores beside MySQL, compared with their declarations, each independently. Unlike `setup verify`, nothing is tried on them: a report
 * writes nothing.
 */
export async function gatherStores(context: Context, config: Config): Promise<PartReading<readonly ReportStore[]>> {
  const read = async ({ store, endpoints }: StoreConfig): Promise<readonly ReportStore[]> => {
    try {
      const { outcomes } = await planStores(await chooseStores(context, [store]))
      return outcomes.map(describeStore)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      const server = endpoints.map(({ host, port }) => `${host}:${port}`).join(',')
      const fault = error.faults.map(describe).join(' ')
      return [{ store, server, state: 'unread', unchanged: 0, findings: [], fault }]
    }
  }
  const stores = await Promise.all(config.stores.map(read))
  return { value: stores.flat(), gaps: [] }
}

function describeStore({ store, server, plan, fault }: StorePlanDocument): ReportStore {
  if (plan === null) {
    const why = fault === null ? null : describe(fault)
    return { store, server, state: 'unread', unchanged: 0, findings: [], fault: why }
  }
  const findings = findDrift(plan).map(
    ({ severity, code, resource, what, why, next }): ReportFinding => ({
      severity,
      code,
      place: `${resource.kind} ${resource.name}`,
      what,
      why,
      next,
    }),
  )
  // What `setup verify` counts as an error is an error here, even where no change would remove it.
  const isWrong = plan.changes.length > 0 || findings.some(({ severity }) => severity === 'error')
  const state = isWrong ? 'differs' : 'as-declared'
  return { store, server, state, unchanged: plan.unchanged.length, findings, fault: null }
}

/** The reason, and what to do about it. */
function describe(fault: Fault): string {
  return [inOneSentence(fault), ...(fault.next === undefined ? [] : [fault.next])].join(' ')
}
