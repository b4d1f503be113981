import { isExpired, isOver } from '../clocks.ts'
import { type FamilyView, isGone, shardOf } from '../family-view.ts'
import type { ShardRecord } from '../shard.ts'
import { isHoldName } from '../shard.ts'
import type { ShardStep } from './family-plan.ts'

/** What a step is judged by besides its own family. */
export interface RetentionState {
  /** Families whose tables reference this one's. */
  readonly dependents: readonly FamilyView[]
  /** Live and sealed shards of the family that would remain. */
  readonly left: number
  readonly now: number
}

type Check = (view: FamilyView, step: ShardStep, state: RetentionState) => string | null

/**
 * Why a step may not be taken, as half a sentence; null when it may. Checked when the step is planned, and again under
 * the lock right before its first write, with everything read again: name, bounds, registry, policy, protection.
 */
export function refuseStep(view: FamilyView, step: ShardStep, state: RetentionState): string | null {
  if (step.step === 'restore') return checkNames(view, step, state)
  for (const check of checks[step.step]) {
    const refusal = check(view, step, state)
    if (refusal !== null) return refusal
  }
  return null
}

const checkIdentity: Check = (view, { record }) => {
  if (view.naming.parse(record.table) !== record.key) return 'its name does not match its key'
  const shard = shardOf(view, record.key)
  if (shard === null) return "its key is not valid for the family's current partitioning"
  if (shard.from !== record.from || shard.to !== record.to)
    return "its bounds in the registry differ from the calendar's"
  return null
}

const checkProtection: Check = (_, { record: { protection } }) =>
  protection === null ? null : `it is protected by ${protection.by}: ${protection.reason}`

const checkOver: Check = ({ family }, { record }, { now }) =>
  isOver(family, record, now) ? null : 'its period has not ended'

const checkExpired: Check = ({ family }, { record }, { now }) =>
  isExpired(family, record, now) ? null : 'the policy keeps it'

const checkLast: Check = (_, __, { left }) => (left > 0 ? null : 'it is the last shard of its family')

/** A child is removed before its parent: a row must not outlive what it references. */
const checkDependents: Check = (_, { record, step }, { dependents }) => {
  const outlives = (other: ShardRecord): boolean =>
    !isGone(other) && (step === 'drop' || !['held', 'archived'].includes(other.state))
  for (const dependent of dependents) {
    const child = dependent.records.get(record.key)
    if (child !== undefined && outlives(child)) return `\`${child.table}\`, which refers to it, must be retired first`
    const table = shardOf(dependent, record.key)?.table
    if (child === undefined && table !== undefined && dependent.tables.has(table))
      return `\`${table}\`, which refers to it, is not in the registry`
  }
  return null
}

const checkOwnTable: Check = ({ tables }, { record }) =>
  tables.get(record.table) === 'table' ? null : 'its table does not exist'

/** The table is where the registry has it: under the hold name, with nothing under its own. */
const checkNames: Check = ({ tables }, { record }) => {
  if (tables.has(record.table)) return `a table with its own name exists beside ${record.hold?.table ?? 'its archive'}`
  if (isGone(record)) return record.archive === null ? 'neither a table nor an archive exists' : null
  if (record.hold === null || !isHoldName(record.hold.table)) return 'the registry has no hold name for it'
  return tables.get(record.hold.table) === 'table' ? null : `\`${record.hold.table}\` does not exist`
}

const checkArchive: Check = ({ family }, { record }) =>
  family.policy.archive === 'directory' && record.archive === null ? 'its rows are not archived' : null

const checkGrace: Check = (_, { record }, { now }) =>
  record.hold !== null && record.hold.until <= now ? null : 'its grace period has not ended'

/** Every retirement step begins with these checks. */
const common = [checkIdentity, checkProtection, checkOver]

const checks: Readonly<Record<Exclude<ShardStep['step'], 'restore'>, readonly Check[]>> = {
  seal: [...common, checkOwnTable],
  hold: [...common, checkExpired, checkLast, checkOwnTable, checkDependents],
  archive: [checkIdentity, checkExpired, checkNames],
  drop: [...common, checkExpired, checkNames, checkArchive, checkGrace, checkDependents],
}
