import type { InBoth } from '../../core/in-both.ts'
import { type StoreProof, toProof } from '../outcome.ts'
import {
  type DownsamplingDeclaration,
  formatRetention,
  formatTime,
  formatTimeInChinese,
  neededRetention,
  type TaskDeclaration,
} from './declaration.ts'
import type { ObservedContent, ObservedTask } from './ports.ts'

/** What is declared of when a task runs. */
interface RunningTask {
  readonly name: string
  readonly active: boolean
  /** Null for one that runs by cron: how long it may be silent is not known. */
  readonly everySeconds: number | null
  readonly offsetSeconds: number
  /** How far back the next run catches up on a failed one; null where only its script knows. */
  readonly catchesUpSeconds: number | null
}

export function downsamplingRuns(task: DownsamplingDeclaration): RunningTask {
  return { ...task, catchesUpSeconds: task.lookBackSeconds - task.windowSeconds }
}

export function ownRuns(task: TaskDeclaration): RunningTask {
  const { schedule } = task
  return { ...task, everySeconds: schedule.type === 'every' ? schedule.seconds : null, catchesUpSeconds: null }
}

/**
 * Whether a task has run when it was due, and how that run ended.
 * @param now milliseconds since the epoch.
 * @param failure why its last run failed, where it did.
 */
export function checkRuns(task: RunningTask, content: ObservedContent, now: number, failure: string): StoreProof {
  const name = { en: `task ${task.name} runs`, zh: `任务 ${task.name} 正常运行` }
  const found = content.tasks.find((one) => one.name === task.name)
  if (found === undefined) {
    return toProof('bad', name, { en: 'the task does not exist', zh: '该任务不存在' }, runApply)
  }
  if (!found.active) {
    const seen = { en: 'it is inactive', zh: '它已停用' }
    return toProof(task.active ? 'bad' : 'warning', name, seen, task.active ? runApply : declareActive)
  }
  if (found.lastRun === 'failed') {
    const seen = { en: `its last run failed: ${failure}`, zh: `上次运行失败：${failure}` }
    return toProof('bad', name, seen, afterFailure(task))
  }
  return checkDelay(task, found, now, name)
}

const declareActive: InBoth = {
  en: 'Declare it active if it is to run.',
  zh: '如需运行它，请在声明中将其设为启用。',
}

function afterFailure({ catchesUpSeconds: span }: RunningTask): InBoth {
  if (span === null) {
    return {
      en: 'Fix the cause; its script decides what the next run covers.',
      zh: '请消除原因；下一次运行覆盖哪些数据由其脚本决定。',
    }
  }
  return {
    en: `Fix the cause; the next run catches up on ${formatTime(span)}.`,
    zh: `请消除原因；下一次运行会补上 ${formatTimeInChinese(span)}的数据。`,
  }
}

/** Whether something that the server runs by itself has run when it was due; its last run did not fail. */
export function checkDelay(
  task: Pick<RunningTask, 'everySeconds' | 'offsetSeconds'>,
  found: Pick<ObservedTask, 'createdAt' | 'latestCompleted' | 'lastRun'>,
  now: number,
  name: InBoth,
): StoreProof {
  const { everySeconds, offsetSeconds } = task
  // One run may be in progress or just missed; a second missing one is too many.
  const allowed = everySeconds === null ? Number.POSITIVE_INFINITY : 2 * everySeconds + offsetSeconds
  const age = Math.max(0, Math.floor((now - found.latestCompleted) / 1000))
  if (now - found.createdAt < allowed * 1000 && found.lastRun === null) {
    const span = everySeconds === null ? null : everySeconds + offsetSeconds
    return toProof('not-judged', name, sayNew(span), null)
  }
  const seen = {
    en: `the last run that ended was due ${formatTime(age)} ago`,
    zh: `最近一次结束的运行，其计划时间在 ${formatTimeInChinese(age)}之前`,
  }
  if (age <= allowed) return toProof('good', name, seen, null)
  return toProof('bad', name, seen, {
    en: 'Check the log of the server: its scheduler does not start the task.',
    zh: '请查看服务器日志：调度器没有启动该任务。',
  })
}

function sayNew(span: number | null): InBoth {
  if (span === null) {
    return {
      en: 'not judged: it has not run yet, and cron says when it will',
      zh: '未作判断：它尚未运行，运行时间由 cron 决定',
    }
  }
  return {
    en: `not judged: it is new; its first run is due within ${formatTime(span)}`,
    zh: `未作判断：它是新建的；首次运行应在 ${formatTimeInChinese(span)}之内`,
  }
}

/** Points must not expire before the last run that aggregates them. */
export function checkReach(task: DownsamplingDeclaration, content: ObservedContent): StoreProof {
  const name = {
    en: `bucket ${task.from} keeps points longer than task ${task.name} reads back`,
    zh: `bucket ${task.from} 的保留期长于任务 ${task.name} 的回溯时间`,
  }
  const found = content.buckets.find((bucket) => bucket.name === task.from)
  if (found === undefined) {
    return toProof('bad', name, { en: 'the bucket does not exist', zh: '该 bucket 不存在' }, runApply)
  }
  const needed = neededRetention(task)
  const kept = found.rule.seconds
  const seen = {
    en: `points are kept ${formatRetention(kept)}, but needed for ${formatTime(needed)}`,
    zh: `数据点的保留期为 ${kept === 0 ? '永久' : formatTimeInChinese(kept)}，而需要 ${formatTimeInChinese(needed)}`,
  }
  if (kept === 0 || kept > needed) return toProof('good', name, seen, null)
  return toProof('bad', name, seen, {
    en: `Keep the points of \`${task.from}\` longer, or let \`${task.name}\` read back less far.`,
    zh: `请延长 \`${task.from}\` 中数据点的保留期，或缩短 \`${task.name}\` 的回溯时间。`,
  })
}

const runApply: InBoth = { en: 'Run `wwdb setup apply`.', zh: '请执行 `wwdb setup apply`。' }
