import { formatSeconds } from '../../core/duration.ts'
import { type Line, toned } from '../text/span.ts'
import { wrapLine } from '../text/wrap.ts'
import { describeActivity } from './activity.ts'
import type { Page } from './page.ts'
import { type Activity, keyOf, type RunProgress, type TargetProgress } from './run-progress.ts'

/** How often ongoing work is reported again where no line can be updated. */
const heartbeat = 30_000

interface Reported {
  readonly what: string
  /** Milliseconds of the reporter's clock. */
  readonly at: number
}

/**
 * Writes to a log what a terminal would show as it changes: a wait when it begins or when its reason changes, and any work
 * that takes long every 30 seconds.
 */
export class WaitLog {
  readonly #reported = new Map<string, Reported>()

  /** @param now milliseconds of the reporter's clock */
  lines(progress: RunProgress, now: number, page: Page): readonly Line[] {
    return [
      ...progress.running.flatMap((target) => this.#target(target, now, page)),
      ...this.#outside(progress, now, page),
    ]
  }

  #target(progress: TargetProgress, now: number, page: Page): readonly Line[] {
    const key = keyOf(progress.target)
    const what = nameWait(progress.activity)
    const reported = this.#reported.get(key)
    if (reported === undefined || reported.what !== what) {
      // Work that is noticed for the first time may have begun long before: short work is never checked.
      const isReported = isWait(progress.activity)
      this.#reported.set(key, { what, at: isReported ? now : progress.activity.since })
      if (isReported) return report(progress, '', page)
      if (now - progress.activity.since < heartbeat) return []
      return this.#target(progress, now, page)
    }
    if (now - reported.at < heartbeat) return []
    this.#reported.set(key, { what, at: now })
    return report(progress, ` (${formatSeconds((now - progress.activity.since) / 1000)} so far)`, page)
  }

  #outside(progress: RunProgress, now: number, page: Page): readonly Line[] {
    const work = progress.outside
    if (work === null) return []
    const what = `${work.since} ${work.message}`
    const reported = this.#reported.get('')
    if (reported?.what === what && now - reported.at < heartbeat) return []
    this.#reported.set('', { what, at: now })
    if (reported?.what !== what) return []
    return wrapLine([`  ${work.message} (${formatSeconds((now - work.since) / 1000)} so far)`], page.columns, 4)
  }
}

function report(progress: TargetProgress, age: string, page: Page): readonly Line[] {
  const text = `${age} ${describeActivity(progress)}`
  return wrapLine(['  ', toned('strong', progress.target.database), text], page.columns, 4)
}

function isWait(activity: Activity): boolean {
  if (activity.type === 'statement' || activity.type === 'fan-out') return activity.blockedBy.length > 0
  return activity.type === 'locked-out' || activity.type === 'waiting'
}

/** What a wait is about, without the details that change every second. */
function nameWait(activity: Activity): string {
  switch (activity.type) {
    case 'locked-out':
      return `lock ${activity.holder?.connectionId ?? ''} ${activity.holder?.orphaned ?? ''}`
    case 'waiting':
      return `after ${activity.after.join(' ')}`
    case 'fan-out':
      return `fan-out ${activity.since} ${activity.blockedBy.map(({ connectionId }) => connectionId).join(' ')}`
    case 'statement':
      return `statement ${activity.since} ${activity.blockedBy.map(({ connectionId }) => connectionId).join(' ')}`
    default:
      return `${activity.type} ${activity.since}`
  }
}
