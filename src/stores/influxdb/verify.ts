import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, StoreRun, VerifyDepth } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
import {
  type Aggregate,
  type Declaration,
  type DownsamplingDeclaration,
  formatRetention,
  formatTime,
  neededRetention,
} from './declaration.ts'
import { canaryMeasurement } from './plan-tasks.ts'
import type { Canary, FieldValues, InfluxDriver, ObservedContent, TaskRun, TimeSpan } from './ports.ts'

/** Proves that points arrive where they should, and that the tasks run. */
export async function verify(
  context: StoreContext<Declaration, InfluxDriver>,
  depth: VerifyDepth,
): Promise<readonly StoreCheck[]> {
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
    if (run.stop.requested || depth === 'look') break
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
  if (found === undefined) return { name, state: 'bad', seen: 'the task does not exist', next: runApply }
  if (!found.active) {
    const next = task.active ? runApply : 'Declare it active to downsample points.'
    return { name, state: task.active ? 'bad' : 'warning', seen: 'it is inactive', next }
  }
  if (found.lastRun === 'failed') {
    const seen = `its last run failed: ${failure}`
    return {
      name,
      state: 'bad',
      seen,
      next: `Fix the cause; the next run catches up on ${formatTime(lookBackRuns(task))}.`,
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
    next: 'Check the log of the server: its scheduler does not start the task.',
  }
}

/** How much a run makes up for beyond its own share. */
function lookBackRuns(task: DownsamplingDeclaration): number {
  return task.lookBackSeconds - task.windowSeconds
}

/** Points must not expire before the last run that condenses them. */
export function checkReach(task: DownsamplingDeclaration, content: ObservedContent): StoreCheck {
  const name = `bucket ${task.from} keeps points longer than task ${task.name} reads back`
  const found = content.buckets.find((bucket) => bucket.name === task.from)
  if (found === undefined) return { name, state: 'bad', seen: 'the bucket does not exist', next: runApply }
  const needed = neededRetention(task)
  const kept = found.rule.seconds
  const seen = `points are kept ${formatRetention(kept)}, but needed for ${formatTime(needed)}`
  if (kept === 0 || kept > needed) return { name, state: 'good', seen, next: null }
  const next = `Keep the points of \`${task.from}\` longer, or let \`${task.name}\` read back less far.`
  return { name, state: 'bad', seen, next }
}

const runApply = 'Run `wwdb setup apply`.'

/** What is written, and what each aggregate must make of it. */
const written = [1, 2, 6] as const
const expected: Readonly<Record<Aggregate, number>> = { mean: 3, min: 1, max: 6, count: 3 }

/** Milliseconds. A run over little data takes well under a second; one over much must read it all. */
const longestRun = 120_000
const pollInterval = 200

interface Proof {
  readonly task: DownsamplingDeclaration
  readonly taskId: string
  readonly canary: Canary
  readonly driver: InfluxDriver
  readonly run: StoreRun
  /** The last window that is closed. */
  readonly window: TimeSpan
}

/**
 * Writes three points into the last closed window of the bucket that a task reads, starts the task itself over it, and reads what
 * arrived in the other bucket. Removes all of it again, and what runs left behind that were killed before they could.
 */
export async function checkArrival(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  { driver, run }: Pick<StoreContext<unknown, InfluxDriver>, 'driver' | 'run'>,
): Promise<StoreCheck> {
  const name = `points arrive in ${task.to}`
  const taskId = content.tasks.find((one) => one.name === task.name)?.id ?? ''
  const canary: Canary = { organizationId: content.organization.id, measurement: canaryMeasurement, run: randomUUID() }
  const window = lastWindow(task, run.now())
  const proof: Proof = { task, taskId, canary, driver, run, window }
  try {
    return { name, ...(await prove(proof)) }
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'STORE_REFUSED') throw error
    const [fault] = error.faults
    return { name, state: 'bad', seen: `${fault?.what ?? ''} ${fault?.why ?? ''}`.trim(), next: fault?.next ?? null }
  }
}

function lastWindow(task: DownsamplingDeclaration, now: number): TimeSpan {
  const length = task.windowSeconds * 1000
  const to = Math.floor(now / length) * length
  return { from: to - length, to }
}

type Finding = Omit<StoreCheck, 'name'>

async function prove(proof: Proof): Promise<Finding> {
  const { task, canary, driver, window } = proof
  const step = (window.to - window.from) / written.length
  const points = written.map((value, index) => ({ time: Math.floor(window.from + index * step), value }))
  try {
    await driver.writeCanary(canary, task.from, points)
    const outcome = await runOnce(proof)
    if (outcome.state === 'running' && proof.run.stop.requested) return stopped(task)
    if (outcome.state !== 'success') return failedRun(task, outcome)
    return judge(task, await driver.readCanary(canary, task.to, window))
  } finally {
    await removeAll(proof)
  }
}

async function runOnce({ task, taskId, driver, run, window }: Proof): Promise<TaskRun> {
  // Any time after the window means that window: a time of its own lets two proofs run at once.
  const late = Math.floor((Math.random() * (run.now() - window.to)) / 1000) * 1000
  const id = await driver.startRun(taskId, window.to + late)
  run.report(`Waiting for a run of task \`${task.name}\`.`)
  const end = run.now() + longestRun
  for (;;) {
    const { state, why } = await driver.run(taskId, id)
    if (state !== 'running') return { state, why }
    if (run.stop.requested || run.now() >= end) return { state, why }
    await pause(pollInterval)
  }
}

function stopped(task: DownsamplingDeclaration): Finding {
  return { state: 'bad', seen: `stopped before a run of ${task.name} ended`, next: 'Run `wwdb setup verify` again.' }
}

function failedRun(task: DownsamplingDeclaration, { state, why }: TaskRun): Finding {
  if (state === 'running') {
    const seen = `a run of ${task.name} did not end within ${formatTime(longestRun / 1000)}`
    return { state: 'bad', seen, next: 'Find out what the server is busy with, then retry.' }
  }
  const next = 'Fix the cause, then run `wwdb setup verify` again.'
  return {
    state: 'bad',
    seen: `the run of ${task.name} ${state === 'failed' ? 'failed' : 'was canceled'}: ${why}`,
    next,
  }
}

function judge(task: DownsamplingDeclaration, values: FieldValues): Finding {
  const wrong = task.aggregates.filter((aggregate) => values.get(`value_${aggregate}`) !== expected[aggregate])
  if (wrong.length === 0) {
    const seen = `${task.name} computed ${task.aggregates.join(', ')} of three points in the last closed window`
    return { state: 'good', seen, next: null }
  }
  const seen = wrong.map((aggregate) => {
    const value = values.get(`value_${aggregate}`)
    return `${aggregate} is ${value === undefined ? 'missing' : `${value} instead of ${expected[aggregate]}`}`
  })
  const next = `Compare the script of task \`${task.name}\` with its declaration: run \`wwdb setup plan\`.`
  return { state: 'bad', seen: seen.join(', '), next }
}

/** Of this run in its window, and of any run that is further back than a run that is under way can be. */
async function removeAll({ task, canary, driver, window }: Proof): Promise<void> {
  const abandoned = { from: 0, to: window.from - (window.to - window.from) }
  for (const bucket of [task.from, task.to]) {
    await driver.removeCanary(canary, bucket, window)
    await driver.removeCanary({ ...canary, run: '' }, bucket, abandoned)
  }
}
