import { formatSeconds } from '../../core/duration.ts'
import type { Holder } from '../../core/holder.ts'
import { countOf, groupDigits } from '../../core/plural.ts'
import { percentOf } from '../../core/progress.ts'
import { assertNever } from '../../core/tool-error.ts'
import { describeHolder, detailHolder } from './holder.ts'
import type { Activity, TargetProgress } from './run-progress.ts'

/** What a target is doing, for its line on a terminal, where there is little room. */
export function nameActivity({ activity, step }: TargetProgress): string {
  switch (activity.type) {
    case 'starting':
      return 'connecting'
    case 'locked-out':
      return `waiting for the lock${activity.holder === null ? '' : ` of connection ${activity.holder.connectionId}`}`
    case 'planning':
      return 'reading the journal'
    case 'waiting':
      return `waiting for ${activity.after.join(', ')}`
    case 'between':
      return step ?? 'starting'
    case 'statement':
      return nameStatement(activity, step)
    case 'fan-out':
      return nameFanOut(activity, step)
    case 'making':
      return `making tables, ${countMade(activity)}${nameLeft(activity)}`
    case 'retiring':
      return activity.shard === null
        ? 'checking shards'
        : `${activity.shard.step} ${activity.shard.table}${countRows(activity)}`
    case 'finished':
      return 'finished'
    default:
      return assertNever(activity)
  }
}

/** What is known about the connection that a target waits for, on its own line; null where it waits for none. */
export function detailActivity({ activity }: TargetProgress): string | null {
  const holder = activity.type === 'locked-out' ? activity.holder : firstBlocker(activity)
  const detail = holder === null ? '' : detailHolder(holder)
  return detail === '' ? null : detail
}

/** What a target is doing, as a part of a sentence after the database's name, for logs: nothing is left out. */
export function describeActivity({ activity, step }: TargetProgress): string {
  switch (activity.type) {
    case 'starting':
      return 'is connecting'
    case 'locked-out':
      return `waits for the lock${activity.holder === null ? '' : `, held by ${describeHolder(activity.holder)}`}`
    case 'planning':
      return 'reads the journal'
    case 'waiting':
      return `${step ?? 'a migration'} waits for ${activity.after.join(', ')}`
    case 'between':
      return `${step ?? 'the first migration'} is running`
    case 'statement':
      return describeStatement(activity, step)
    case 'fan-out':
      return describeFanOut(activity, step)
    case 'making':
      return `makes tables, ${countMade(activity)}${nameLeft(activity)}`
    case 'retiring':
      return activity.shard === null
        ? 'checks its shards'
        : `is at ${activity.shard.table}: ${activity.shard.step}${countRows(activity)}`
    case 'finished':
      return 'has finished'
    default:
      return assertNever(activity)
  }
}

/** `, about 3 min 20 s left`; nothing where the time is unknown. */
function nameLeft({ left }: { readonly left: number | null }): string {
  return left === null ? '' : `, about ${formatSeconds(Math.max(1, Math.round(left / 1000)))} left`
}

function countRows({ rows }: Extract<Activity, { readonly type: 'retiring' }>): string {
  if (rows === null) return ''
  const { done, total } = rows
  return `, ${groupDigits(done)} of ${countOf(total, 'row')} (${percentOf(done, total)}%)${nameLeft(rows)}`
}

function countMade({ done, total }: Extract<Activity, { readonly type: 'making' }>): string {
  return `${groupDigits(done)} of ${groupDigits(total)} done`
}

type InStatement = Extract<Activity, { readonly type: 'statement' }>

function nameStatement(activity: InStatement, step: string | null): string {
  const position = `${activity.statement + 1}/${activity.total} ${activity.summary}`
  const [blocker, ...others] = activity.blockedBy
  const more = others.length > 0 ? ` and ${others.length} more` : ''
  const blocked = blocker === undefined ? '' : ` blocked by connection ${blocker.connectionId}${more}`
  const progress = activity.percent === null ? '' : ` ${activity.percent}%${nameRows(activity)}${nameLeft(activity)}`
  return `${position}${blocked}${progress}${step === null ? '' : `  ${step}`}`
}

/** `, 12,000 rows, 24,000 keys a second`, of a batch. */
function nameRows({ batch }: InStatement): string {
  return batch === undefined ? '' : `, ${countOf(batch.rows, 'row')} changed, ${countOf(batch.rate, 'key')} a second`
}

function describeStatement(activity: InStatement, step: string | null): string {
  const position = `statement ${activity.statement + 1} of ${activity.total} (${activity.summary})`
  const what = step === null ? position : `${step} ${position}`
  const progress =
    activity.percent === null ? '' : `, ${activity.percent}% done${nameRows(activity)}${nameLeft(activity)}`
  if (activity.blockedBy.length === 0) return `${what} is running${progress}`
  return `${what} is blocked by ${activity.blockedBy.map(describeHolder).join('; and by ')}`
}

type InFanOut = Extract<Activity, { readonly type: 'fan-out' }>

/** As many tables as fit on a line. */
const mostTables = 3

function countShards({ done, total, failed }: InFanOut): string {
  return `${done} of ${countOf(total, 'shard')}${failed === 0 ? '' : `, ${failed} failed`}`
}

function nameTables({ running }: InFanOut): string {
  const more = running.length > mostTables ? ` and ${running.length - mostTables} more` : ''
  return `${running.slice(0, mostTables).join(', ')}${more}`
}

function nameFanOut(activity: InFanOut, step: string | null): string {
  const [blocker] = activity.blockedBy
  const blocked = blocker === undefined ? '' : ` blocked by connection ${blocker.connectionId}`
  const tables = activity.running.length === 0 ? '' : ` ${nameTables(activity)}`
  return `${countShards(activity)}${nameLeft(activity)}${tables}${blocked}${step === null ? '' : `  ${step}`}`
}

function describeFanOut(activity: InFanOut, step: string | null): string {
  const tables = activity.running.length === 0 ? '' : `; at work on ${nameTables(activity)}`
  const blocked =
    activity.blockedBy.length === 0 ? '' : `; blocked by ${activity.blockedBy.map(describeHolder).join('; and by ')}`
  return `${step ?? 'a migration'} is complete on ${countShards(activity)}${nameLeft(activity)}${tables}${blocked}`
}

function firstBlocker(activity: Activity): Holder | null {
  return activity.type === 'statement' || activity.type === 'fan-out' ? (activity.blockedBy[0] ?? null) : null
}
