import type { FamilyView } from './family-view.ts'
import type { ShardStep } from './plan.ts'
import type { ShardRecord } from './shard.ts'
import { dayText, endOf, expiryOf, isExpired, isOver, timeText } from './shard-time.ts'

/** The next step of a shard by the policy alone; null when it is not due. Whether it may be taken is `refuseStep`'s to say. */
export function dueStep(view: FamilyView, record: ShardRecord, now: number): ShardStep | null {
  const { family } = view
  switch (record.state) {
    case 'live':
      return family.policy.keep !== null && isOver(family, record, now)
        ? { step: 'seal', record, why: `${endText(record)}, and nothing may come late any more` }
        : null
    case 'sealed':
      return isExpired(family, record, now) ? { step: 'hold', record, why: expiryText(view, record) } : null
    case 'held':
    case 'archived':
      return isExpired(family, record, now) ? wayOut(view, record, now) : wayBack(view, record)
    case 'dropped':
      return isNeededAgain(view, record)
        ? { step: 'restore', record: { ...record, goneAt: null }, why: 'its key is there again' }
        : null
    default:
      return null
  }
}

function wayOut({ family }: FamilyView, record: ShardRecord, now: number): ShardStep | null {
  if (record.state === 'held' && family.policy.archive === 'directory')
    return { step: 'archive', record, why: 'its rows are to be kept outside the database' }
  if (record.hold === null || record.hold.until > now) return null
  return { step: 'drop', record, why: `its grace ended on ${dayText(record.hold.until)}` }
}

/** The policy became longer, or the key came back, while the shard was on hold. */
function wayBack({ family }: FamilyView, record: ShardRecord): ShardStep {
  const why = family.division.type === 'key' ? 'its key is there again' : 'the policy keeps it'
  return { step: 'restore', record, why }
}

/** A dropped shard whose key came back, and whose rows are in an archive. */
function isNeededAgain({ family, present, tables }: FamilyView, record: ShardRecord): boolean {
  if (family.division.type !== 'key' || record.archive === null || tables.has(record.table)) return false
  return present.has(record.key)
}

function endText(record: ShardRecord): string {
  const end = endOf(record)
  if (end === null) return 'its time goes on'
  return record.to === null ? `its key was deleted by ${timeText(end)}` : `its period ended on ${dayText(end)}`
}

function expiryText({ family }: FamilyView, record: ShardRecord): string {
  const expiry = expiryOf(family, record)
  return `${endText(record)} and it was to be kept until ${dayText(expiry ?? 0)}`
}
