import { ToolError } from '../../core/tool-error.ts'
import { dependentsOf } from '../family-view.ts'
import type { ShardRecord } from '../shard.ts'
import { refuseStep } from './refuse-step.ts'
import type { RotationWork } from './request.ts'
import { endDrop } from './take-step.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/**
 * Ends the drops that an earlier run has carried out on some shards of a keyspace: each by itself, after every other shard is made and retired, and only where the policy still drops it. No
 * other command does. The family fails by what is left.
 */
export async function endDrops(request: RotationWork, target: TargetRun, work: FamilyWork): Promise<void> {
  for (const record of [...work.view.records.values()]) {
    const error = target.unsettled.get(record.table)
    if (error === undefined) continue
    if (request.stop.requested) {
      work.run.stopped = true
      return
    }
    const mayEnd = record.state === 'dropping' && error.code !== 'SHARDS_CHANGING'
    if (!mayEnd || refuse(target, work, record) !== null) {
      work.run.fail(error)
      continue
    }
    try {
      await endDrop({ request, target, work }, record)
      target.unsettled.delete(record.table)
      work.run.did('drop', record.table)
    } catch (failure) {
      work.run.fail(failure)
      if (!(failure instanceof ToolError) || failure.code === 'LOCK_LOST') return
    }
  }
}

function refuse(target: TargetRun, { view }: FamilyWork, record: ShardRecord): string | null {
  // `shards remove` drops tables without a row before their time.
  if (record.seal?.rows === 0 && record.protection === null) return null
  const dependents = dependentsOf(
    view,
    target.families.map((one) => one.view),
  )
  const why = 'a run that was killed began it'
  return refuseStep(view, { step: 'drop', record, why }, { dependents, left: 1, now: target.clocks.now })
}
