import { randomUUID } from 'node:crypto'
import { asSaid, type InBoth, joinBoth } from '../../core/in-both.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { StoreContext, StoreRun, VerifyDepth } from '../contract.ts'
import { type StoreProof, toProof } from '../outcome.ts'
import { checkAlertRuns } from './check-alert-runs.ts'
import { checkReach, checkRuns, downsamplingRuns, ownRuns } from './check-tasks.ts'
import {
  type Aggregate,
  type Declaration,
  type DownsamplingDeclaration,
  formatTime,
  formatTimeInChinese,
} from './declaration.ts'
import { canaryMeasurement } from './plan-tasks.ts'
import type { Canary, FieldValues, InfluxDriver, ObservedContent, TaskRun, TimeSpan } from './ports.ts'
import { waitForRun } from './wait-for-run.ts'

/** Proves that points arrive where they should, and that the tasks run. */
export async function verify(
  context: StoreContext<Declaration, InfluxDriver>,
  depth: VerifyDepth,
): Promise<readonly StoreProof[]> {
  const { declaration, driver, run } = context
  const version = await driver.version()
  const name = { en: 'the server is healthy', zh: '服务器健康' }
  const healthy = toProof('good', name, asSaid(`InfluxDB ${version}`), null)
  const state = await driver.observe(declaration)
  if (state.type !== 'content') return [healthy]
  const { content } = state
  const checks = [healthy]
  // Read before the proof starts its own runs.
  for (const task of declaration.downsamplings) {
    const failure = await lastFailure(task, content, driver)
    checks.push(checkRuns(downsamplingRuns(task), content, run.now(), failure), checkReach(task, content))
  }
  for (const task of declaration.tasks) {
    checks.push(checkRuns(ownRuns(task), content, run.now(), await lastFailure(task, content, driver)))
  }
  checks.push(...checkAlertRuns(declaration, content, run.now()))
  for (const task of declaration.downsamplings) {
    if (run.stop.requested || depth === 'look') break
    if (isComplete(task, content)) checks.push(await checkArrival(task, content, context))
  }
  return checks
}

async function lastFailure(
  task: { readonly name: string },
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

/** What is written, and the expected result of each aggregate. */
const written = [1, 2, 6] as const
const expected: Readonly<Record<Aggregate, number>> = { mean: 3, min: 1, max: 6, count: 3 }

/** Milliseconds. A run over little data takes well under a second; one over much must read it all. */
const longestRun = 120_000

interface Proof {
  readonly task: DownsamplingDeclaration
  readonly taskId: string
  readonly canary: Canary
  readonly driver: InfluxDriver
  readonly run: StoreRun
  /** The last closed window. */
  readonly window: TimeSpan
}

/**
 * Writes three points into the last closed window of the bucket that a task reads, runs the task over it, and reads what arrived
 * in the other bucket. Removes all of it again, and what killed runs left behind.
 */
export async function checkArrival(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  { driver, run }: Pick<StoreContext<unknown, InfluxDriver>, 'driver' | 'run'>,
): Promise<StoreProof> {
  const name = { en: `points arrive in ${task.to}`, zh: `数据点写入了 ${task.to}` }
  const taskId = content.tasks.find((one) => one.name === task.name)?.id ?? ''
  const canary: Canary = { organizationId: content.organization.id, measurement: canaryMeasurement, run: randomUUID() }
  const window = lastWindow(task, run.now())
  const proof: Proof = { task, taskId, canary, driver, run, window }
  try {
    const { state, seen, next } = await prove(proof)
    return toProof(state, name, seen, next)
  } catch (error) {
    if (!(error instanceof ToolError) || error.code !== 'STORE_REFUSED') throw error
    const [fault] = error.faults
    const seen = asSaid(`${fault?.what ?? ''} ${fault?.why ?? ''}`.trim())
    return toProof('bad', name, seen, fault?.next === undefined ? null : asSaid(fault.next))
  }
}

function lastWindow(task: DownsamplingDeclaration, now: number): TimeSpan {
  const length = task.windowSeconds * 1000
  const to = Math.floor(now / length) * length
  return { from: to - length, to }
}

interface Finding {
  readonly state: StoreProof['state']
  readonly seen: InBoth
  readonly next: InBoth | null
}

async function prove(proof: Proof): Promise<Finding> {
  const { task, canary, driver, window } = proof
  const step = (window.to - window.from) / written.length
  const points = written.map((value, index) => ({ time: Math.floor(window.from + index * step), value }))
  try {
    await driver.writeCanary(canary, task.from, points)
    const outcome = await runOnce(proof)
    const hasEnded = outcome.state !== 'running' && outcome.state !== 'missing'
    if (!hasEnded && proof.run.stop.requested) return stopped(task)
    if (outcome.state !== 'success') return failedRun(task, outcome)
    return judge(task, await driver.readCanary(canary, task.to, window))
  } finally {
    await removeAll(proof)
  }
}

async function runOnce({ task, taskId, driver, run, window }: Proof): Promise<TaskRun> {
  // Any time after the window means that window: a separate time lets two proofs run in parallel.
  const late = Math.floor((Math.random() * (run.now() - window.to)) / 1000) * 1000
  const runId = await driver.startRun(taskId, window.to + late)
  run.report(`Waiting for a run of task \`${task.name}\`.`)
  return waitForRun({ driver, run }, { taskId, runId, longest: longestRun })
}

function stopped(task: DownsamplingDeclaration): Finding {
  return {
    state: 'bad',
    seen: {
      en: `stopped before a run of ${task.name} ended`,
      zh: `${task.name} 的一次运行结束之前，验证已被停止`,
    },
    next: { en: 'Run `wwdb setup verify` again.', zh: '请再次执行 `wwdb setup verify`。' },
  }
}

function failedRun(task: DownsamplingDeclaration, { state, why }: TaskRun): Finding {
  if (state === 'missing') {
    return {
      state: 'bad',
      seen: {
        en: `the server no longer lists the run of ${task.name}`,
        zh: `服务器已不再列出 ${task.name} 的这次运行`,
      },
      next: { en: 'Run `wwdb setup verify` again.', zh: '请再次执行 `wwdb setup verify`。' },
    }
  }
  if (state === 'running') {
    const span = longestRun / 1000
    return {
      state: 'bad',
      seen: {
        en: `a run of ${task.name} did not end within ${formatTime(span)}`,
        zh: `${task.name} 的一次运行未在 ${formatTimeInChinese(span)}之内结束`,
      },
      next: {
        en: 'Find out what the server is busy with, then retry.',
        zh: '请查明服务器在忙什么，然后重试。',
      },
    }
  }
  return {
    state: 'bad',
    seen: {
      en: `the run of ${task.name} ${state === 'failed' ? 'failed' : 'was canceled'}: ${why}`,
      zh: `${task.name} 的运行${state === 'failed' ? '失败' : '被取消'}：${why}`,
    },
    next: {
      en: 'Fix the cause, then run `wwdb setup verify` again.',
      zh: '请消除原因，然后再次执行 `wwdb setup verify`。',
    },
  }
}

function judge(task: DownsamplingDeclaration, values: FieldValues): Finding {
  const wrong = task.aggregates.filter((aggregate) => values.get(`value_${aggregate}`) !== expected[aggregate])
  if (wrong.length === 0) {
    const seen = {
      en: `${task.name} computed ${task.aggregates.join(', ')} of three points in the last closed window`,
      zh: `${task.name} 已对最近一个已结束窗口中的三个数据点计算 ${task.aggregates.join('、')}`,
    }
    return { state: 'good', seen, next: null }
  }
  const seen = wrong.map((aggregate) => {
    const value = values.get(`value_${aggregate}`)
    return value === undefined
      ? { en: `${aggregate} is missing`, zh: `没有 ${aggregate}` }
      : {
          en: `${aggregate} is ${value} instead of ${expected[aggregate]}`,
          zh: `${aggregate} 应为 ${expected[aggregate]}，实为 ${value}`,
        }
  })
  return {
    state: 'bad',
    seen: joinBoth(seen, { en: ', ', zh: '，' }),
    next: {
      en: `Compare the script of task \`${task.name}\` with its declaration: run \`wwdb setup plan\`.`,
      zh: `请比较任务 \`${task.name}\` 的脚本与其声明：执行 \`wwdb setup plan\`。`,
    },
  }
}

/** Points of this run in its window, and of any run that is too old to be in progress. */
async function removeAll({ task, canary, driver, window }: Proof): Promise<void> {
  const abandoned = { from: 0, to: window.from - (window.to - window.from) }
  for (const bucket of [task.from, task.to]) {
    await driver.removeCanary(canary, bucket, window)
    await driver.removeCanary({ ...canary, run: '' }, bucket, abandoned)
  }
}
