import type { StoreCheck } from '../outcome.ts'
import type { DownsamplingDeclaration } from './declaration.ts'
import { neededRetention } from './needed-retention.ts'
import type { ObservedContent } from './observation.ts'
import { sayRetention, sayTime } from './words.ts'

/**
 * Whether a task has run when it was due, and how that ended.
 * @param now milliseconds since the epoch.
 * @param failure why its last run failed, where it did.
 */
export function checkRuns(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  now: number,
  failure: string,
): StoreCheck {
  const name = `task ${task.name} runs`
  const found = content.tasks.find((one) => one.name === task.name)
  if (found === undefined) return { name, state: 'bad', seen: 'there is no such task', next: runApply }
  if (!found.active) {
    const next = task.active ? runApply : 'Declare it active to have points condensed.'
    return { name, state: task.active ? 'bad' : 'warning', seen: 'it is inactive', next }
  }
  if (found.lastRun === 'failed') {
    const seen = `its last run failed: ${failure}`
    return {
      name,
      state: 'bad',
      seen,
      next: `Mend the cause; the next run makes up for ${sayTime(lookBackRuns(task))}.`,
    }
  }
  // One run may be under way or just missed; the second one that is missing is one too many.
  const allowed = 2 * task.everySeconds + task.offsetSeconds
  const age = Math.max(0, Math.floor((now - found.latestCompleted) / 1000))
  if (now - found.createdAt < allowed * 1000 && found.lastRun === null) {
    const seen = `it is new; its first run is due within ${sayTime(task.everySeconds + task.offsetSeconds)}`
    return { name, state: 'good', seen, next: null }
  }
  const seen = `the last run that ended was due ${sayTime(age)} ago`
  if (age <= allowed) return { name, state: 'good', seen, next: null }
  return {
    name,
    state: 'bad',
    seen,
    next: 'Look into the log of the server why its scheduler does not start the task.',
  }
}

/** How much a run makes up for beyond its own share. */
function lookBackRuns(task: DownsamplingDeclaration): number {
  return task.lookBackSeconds - task.windowSeconds
}

/** Points must not expire before the last run that condenses them. */
export function checkReach(task: DownsamplingDeclaration, content: ObservedContent): StoreCheck {
  const name = `bucket ${task.from} outlasts what ${task.name} looks back at`
  const found = content.buckets.find((bucket) => bucket.name === task.from)
  if (found === undefined) return { name, state: 'bad', seen: 'there is no such bucket', next: runApply }
  const needed = neededRetention(task)
  const kept = found.rule.seconds
  const seen = `points are kept ${sayRetention(kept)}, and needed for ${sayTime(needed)}`
  if (kept === 0 || kept > needed) return { name, state: 'good', seen, next: null }
  const next = `Keep the points of ${task.from} longer, or let ${task.name} look back less far.`
  return { name, state: 'bad', seen, next }
}

const runApply = 'Run "wwdb setup apply".'
