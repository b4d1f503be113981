import type { StoreContext } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
import { checkArrival } from './check-arrival.ts'
import {
  type Declaration,
  type DownsamplingDeclaration,
  formatRetention,
  formatTime,
  neededRetention,
} from './declaration.ts'
import type { InfluxDriver, ObservedContent } from './ports.ts'

/** Proves that points arrive where they should, and that the tasks run. */
export async function verify(context: StoreContext<Declaration, InfluxDriver>): Promise<readonly StoreCheck[]> {
  const { declaration, driver, run } = context
  const version = await driver.version()
  const healthy: StoreCheck = { name: 'the server is healthy', state: 'good', seen: `InfluxDB ${version}`, next: null }
  const state = await driver.observe(declaration)
  if (state.type !== 'content') return [healthy]
  const { content } = state
  const checks = [healthy]
  // Read before the proof starts runs of its own.
  for (const task of declaration.downsamplings) {
    const failure = await lastFailure(task, content, driver)
    checks.push(checkRuns(task, content, run.now(), failure), checkReach(task, content))
  }
  for (const task of declaration.downsamplings) {
    if (run.stop.requested) break
    if (isComplete(task, content)) checks.push(await checkArrival(task, content, context))
  }
  return checks
}

async function lastFailure(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  driver: InfluxDriver,
): Promise<string> {
  const found = content.tasks.find(({ name }) => name === task.name)
  return found?.lastRun === 'failed' ? driver.lastFailure(found.id) : ''
}

/** True when a task and both of its buckets exist. The comparison reports what is missing. */
function isComplete(task: DownsamplingDeclaration, content: ObservedContent): boolean {
  const names = new Set(content.buckets.map(({ name }) => name))
  return names.has(task.from) && names.has(task.to) && content.tasks.some(({ name }) => name === task.name)
}

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
      next: `Fix the cause; the next run makes up for ${formatTime(lookBackRuns(task))}.`,
    }
  }
  // One run may be under way or just missed; the second one that is missing is one too many.
  const allowed = 2 * task.everySeconds + task.offsetSeconds
  const age = Math.max(0, Math.floor((now - found.latestCompleted) / 1000))
  if (now - found.createdAt < allowed * 1000 && found.lastRun === null) {
    const seen = `it is new; its first run is due within ${formatTime(task.everySeconds + task.offsetSeconds)}`
    return { name, state: 'good', seen, next: null }
  }
  const seen = `the last run that ended was due ${formatTime(age)} ago`
  if (age <= allowed) return { name, state: 'good', seen, next: null }
  return {
    name,
    state: 'bad',
    seen,
    next: 'Read the log of the server: its scheduler does not start the task.',
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
  const seen = `points are kept ${formatRetention(kept)}, and needed for ${formatTime(needed)}`
  if (kept === 0 || kept > needed) return { name, state: 'good', seen, next: null }
  const next = `Keep the points of ${task.from} longer, or let ${task.name} look back less far.`
  return { name, state: 'bad', seen, next }
}

const runApply = 'Run `wwdb setup apply`.'
