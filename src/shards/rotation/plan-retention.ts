import { timeText } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import { type ClockAssessment, dayText, endOf, expiryOf, isExpired, isOver } from '../clocks.ts'
import { type FamilyView, nameSome } from '../family-view.ts'
import type { ShardRecord } from '../shard.ts'
import type { FamilyPlan, ShardStep } from './family-plan.ts'
import { refuseStep } from './refuse-step.ts'

export type RetentionPlan = Pick<FamilyPlan, 'steps' | 'question' | 'notes'>

/** Live and sealed shards whose tables exist. */
export function countInUse({ records, tables }: FamilyView): number {
  let count = 0
  for (const { state, table } of records.values()) {
    if ((state === 'live' || state === 'sealed') && tables.has(table)) count += 1
  }
  return count
}

/** Which of these may be held without a question: always one, else the policy's share of the shards in use. */
function unquestioned({ family }: FamilyView, inUse: number): number {
  return Math.max(1, Math.floor(family.policy.share * inUse))
}

/**
 * The steps of a family's shards that are due and allowed, oldest shard first, at most the policy's cap for each kind
 * of work. Restoring shards is not capped: nothing is lost by it, and applications may wait for them.
 */
export function planRetention(
  view: FamilyView,
  dependents: readonly FamilyView[],
  clocks: ClockAssessment,
): RetentionPlan {
  const due = inOrder(view).flatMap((record) => dueStep(view, record, clocks.now) ?? [])
  const restores = due.filter(({ step }) => step === 'restore')
  if (clocks.doubt !== null) return { ...allow(view, restores, dependents, clocks), question: null }
  const { steps, notes } = allow(view, due, dependents, clocks)
  const holds = steps.filter(({ step }) => step === 'hold').length
  const live = countInUse(view)
  return { steps, notes, question: holds > unquestioned(view, live) ? { holds, live } : null }
}

/** Periods by their time, keys by their number. */
function inOrder({ records }: FamilyView): readonly ShardRecord[] {
  return [...records.values()].sort((one, other) => {
    if (one.from !== null && other.from !== null) return one.from - other.from
    return one.key.length - other.key.length || (one.key < other.key ? -1 : 1)
  })
}

function allow(
  view: FamilyView,
  due: readonly ShardStep[],
  dependents: readonly FamilyView[],
  clocks: ClockAssessment,
): Pick<RetentionPlan, 'steps' | 'notes'> {
  const steps: ShardStep[] = []
  const refused = new Map<string, string[]>()
  let left = countInUse(view)
  let waiting = 0
  const budget = { looks: view.family.policy.cap, takes: view.family.policy.cap }
  for (const step of due) {
    const state = { dependents, left: left - 1, now: clocks.now }
    const refusal = refuseStep(view, step, state)
    if (refusal !== null) refused.set(refusal, [...(refused.get(refusal) ?? []), step.record.table])
    else if (!spend(budget, step)) waiting += 1
    else {
      steps.push(step)
      if (step.step === 'hold') left -= 1
    }
  }
  const notes = [...refused].map(([why, tables]) => `Skipped: ${nameSome(tables)}: ${why}.`)
  const later =
    waiting > 0
      ? [
          `${countOf(waiting, 'step')} ${waiting === 1 ? 'is' : 'are'} deferred to later runs (limit: ${view.family.policy.cap} per run).`,
        ]
      : []
  return { steps, notes: [...notes, ...later] }
}

/** False where the run has no more of this kind of work left. */
function spend(budget: { looks: number; takes: number }, { step }: ShardStep): boolean {
  if (step === 'restore') return true
  const kind = step === 'hold' || step === 'drop' ? 'takes' : 'looks'
  if (budget[kind] === 0) return false
  budget[kind] -= 1
  return true
}

/** The next step of a shard by the policy alone; null when none is due. `refuseStep` decides whether it may be taken. */
function dueStep(view: FamilyView, record: ShardRecord, now: number): ShardStep | null {
  const { family } = view
  switch (record.state) {
    case 'live':
      return family.policy.keep !== null && isOver(family, record, now)
        ? { step: 'seal', record, why: `${endText(record)}, and late rows are no longer accepted` }
        : null
    case 'sealed':
      return isExpired(family, record, now) ? { step: 'hold', record, why: expiryText(view, record) } : null
    case 'held':
    case 'archived':
      return isExpired(family, record, now) ? nextRetirementStep(view, record, now) : nextRestoreStep(view, record)
    case 'dropped':
      return isNeededAgain(view, record)
        ? { step: 'restore', record: { ...record, goneAt: null }, why: 'its key exists again' }
        : null
    default:
      return null
  }
}

function nextRetirementStep({ family }: FamilyView, record: ShardRecord, now: number): ShardStep | null {
  if (record.state === 'held' && family.policy.archive === 'directory')
    return { step: 'archive', record, why: 'its rows are to be archived' }
  if (record.hold === null || record.hold.until > now) return null
  return { step: 'drop', record, why: `its grace period ended on ${dayText(record.hold.until)}` }
}

/** The policy became longer, or the key came back, while the shard was on hold. */
function nextRestoreStep({ family }: FamilyView, record: ShardRecord): ShardStep {
  const why = family.division.type === 'key' ? 'its key exists again' : 'the policy keeps it'
  return { step: 'restore', record, why }
}

/** A dropped shard whose key came back, and whose rows are in an archive. */
function isNeededAgain({ family, present, tables }: FamilyView, record: ShardRecord): boolean {
  if (family.division.type !== 'key' || record.archive === null || tables.has(record.table)) return false
  return present.has(record.key)
}

function endText(record: ShardRecord): string {
  const end = endOf(record)
  if (end === null) return 'its period has not ended'
  return record.to === null ? `its key was deleted by ${timeText(end)}` : `its period ended on ${dayText(end)}`
}

function expiryText({ family }: FamilyView, record: ShardRecord): string {
  const expiry = expiryOf(family, record)
  return `${endText(record)} and the policy kept it until ${dayText(expiry ?? 0)}`
}
