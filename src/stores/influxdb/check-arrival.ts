import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, StoreRun } from '../contract.ts'
import type { StoreCheck } from '../outcome.ts'
import type { Aggregate, DownsamplingDeclaration } from './declaration.ts'
import { formatTime } from './declaration.ts'
import { canaryMeasurement } from './plan-tasks.ts'
import type { Canary, FieldValues, InfluxDriver, ObservedContent, TaskRun, TimeSpan } from './ports.ts'

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
  run.report(`Waiting for a run of task ${task.name}.`)
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
    return { state: 'bad', seen, next: 'Check what the server is busy with, then try again.' }
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
    const seen = `${task.name} made ${task.aggregates.join(', ')} of three points in the last closed window`
    return { state: 'good', seen, next: null }
  }
  const seen = wrong.map((aggregate) => {
    const value = values.get(`value_${aggregate}`)
    return `${aggregate} is ${value === undefined ? 'missing' : `${value} instead of ${expected[aggregate]}`}`
  })
  const next = `Compare the script of task ${task.name} with its declaration: run \`wwdb setup plan\`.`
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
