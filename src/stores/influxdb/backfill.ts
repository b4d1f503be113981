import { setTimeout as pause } from 'node:timers/promises'
import { ToolError } from '../../core/tool-error.ts'
import type { BackfillOutcome, BackfillRequest, StoreContext } from '../contract.ts'
import { type Declaration, type DownsamplingDeclaration, formatRetention } from './declaration.ts'
import { downsamplingFlux, planTasks } from './plan-tasks.ts'
import type { InfluxDriver, ObservedBucket, ObservedContent, TimeSpan } from './ports.ts'

type Context = StoreContext<Declaration, InfluxDriver>

/** Milliseconds between two questions for the state of a run. */
const pollInterval = 200

/**
 * Runs a declared task over a range of the past: each run reads as far back as the task's runs do, so the range is covered by runs that are as much
 * apart, oldest first. Where it is, is kept on the server; a run that is repeated writes the same points again.
 * @throws ToolError BACKFILL_REFUSED, STORE_REFUSED.
 */
export async function backfill(context: Context, request: BackfillRequest): Promise<BackfillOutcome> {
  const { driver, declaration, run, prefix } = context
  const name = `${prefix}${request.task}`
  const task = declaration.downsamplings.find((one) => one.name === name)
  if (task === undefined) throw unknownTask(request.task, declaration)
  const state = await driver.observe(declaration)
  if (state.type !== 'content' || planTasks([task], state.content).changes.length > 0) throw notAsDeclared(request.task)
  const { content } = state
  const id = content.tasks.find((one) => one.name === name)?.id ?? ''
  if (!task.active) throw inactive(request.task)
  const span = readSpan(task, request, run.now())
  const ends = endsOf(task, span)
  const position = { task: name, range: rangeOf(task, span) }
  const kept = await driver.readBackfill(content.organization.id, position)
  const first = kept === null ? 0 : ends.findIndex((end) => end > kept)
  const left = first < 0 ? [] : ends.slice(first)
  const start = left[0] === undefined ? null : left[0] - task.lookBackSeconds * 1000
  if (start !== null) refuseExpired(task, content, start, run.now())
  const outcome = {
    task: name,
    from: toTime(span.from),
    to: toTime(span.to),
    runs: ends.length,
    continuedAt: kept === null ? null : toTime(kept),
  }
  if (request.dryRun) return { ...outcome, state: 'planned', done: 0 }
  let done = 0
  for (const end of left) {
    if (run.stop.requested) return { ...outcome, state: 'stopped', done }
    refuseExpired(task, content, end - task.lookBackSeconds * 1000, run.now())
    await driver.keepBackfill(content.organization.id, position, end - task.lookBackSeconds * 1000)
    run.report(`\`${name}\` up to ${toTime(end)}, ${done + 1} of ${left.length} runs.`)
    await runOnce(context, task, { id, end })
    await driver.keepBackfill(content.organization.id, position, end)
    done += 1
  }
  await driver.forgetBackfill(content.organization.id, position)
  return { ...outcome, state: 'done', done }
}

/** Whole windows that are over. */
function readSpan(task: DownsamplingDeclaration, { from, to }: BackfillRequest, now: number): TimeSpan {
  const window = task.windowSeconds * 1000
  const last = Math.floor((now - task.offsetSeconds * 1000) / window) * window
  const span = {
    from: Math.floor(from / window) * window,
    to: to === null ? last : Math.min(Math.ceil(to / window) * window, last),
  }
  if (span.from < span.to) return span
  throw refused('The range has no whole window that is over.', {
    why: `It would be from ${toTime(span.from)} to ${toTime(span.to)}.`,
    next: 'Give an earlier `--start`, or a later `--end`.',
  })
}

/** Where each run ends: the time that it is due at. */
function endsOf({ lookBackSeconds }: DownsamplingDeclaration, { from, to }: TimeSpan): readonly number[] {
  const reach = lookBackSeconds * 1000
  const count = Math.ceil((to - from) / reach)
  return Array.from({ length: count }, (_, at) => Math.min(from + (at + 1) * reach, to))
}

/** The position of another range, or of another script, is not that of this one. */
function rangeOf(task: DownsamplingDeclaration, { from, to }: TimeSpan): string {
  return `${from} ${to} ${downsamplingFlux(task)}`
}

/** A window of which only some points are left would get a wrong result, in the place of the right one. */
function refuseExpired(task: DownsamplingDeclaration, content: ObservedContent, start: number, now: number): void {
  for (const name of [task.from, task.to]) {
    const bucket = content.buckets.find((one) => one.name === name)
    const earliest = bucket === undefined ? null : earliestOf(task, bucket, now)
    if (bucket === undefined || earliest === null || start >= earliest) continue
    throw refused(`\`${name}\` does not keep points from ${toTime(start)} on.`, {
      why: `It keeps them ${formatRetention(bucket.rule.seconds)}; a window of which only some points are left would get a wrong result.`,
      next: `Begin with \`--start ${toTime(earliest)}\` or later: a run reads \`lookBack\` at once.`,
    })
  }
}

function earliestOf({ windowSeconds }: DownsamplingDeclaration, { rule }: ObservedBucket, now: number): number | null {
  if (rule.seconds === 0) return null
  const window = windowSeconds * 1000
  return Math.ceil((now - rule.seconds * 1000) / window) * window
}

async function runOnce(
  { driver, run }: Context,
  task: DownsamplingDeclaration,
  { id, end }: { readonly id: string; readonly end: number },
): Promise<void> {
  // Any time within the window after it means the same windows, and the run of a killed command may still be in progress.
  const late = Math.floor((Math.random() * Math.min(task.windowSeconds * 1000, run.now() - end)) / 1000) * 1000
  const runId = await driver.startRun(id, end + late)
  for (;;) {
    const { state, why } = await driver.run(id, runId)
    if (state === 'success') return
    if (state !== 'running') {
      throw new ToolError('STORE_REFUSED', {
        what: `A run of task \`${task.name}\` ${state === 'failed' ? 'failed' : 'was canceled'}.`,
        why,
        next: 'Fix the cause, and run the command again: it continues with this run.',
      })
    }
    await pause(pollInterval)
  }
}

function toTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

function refused(what: string, { why, next }: { readonly why: string; readonly next: string }): ToolError {
  return new ToolError('BACKFILL_REFUSED', { what, why, next })
}

function unknownTask(name: string, { downsamplings }: Declaration): ToolError {
  const names = downsamplings.map((one) => `\`${one.name}\``).join(', ')
  return refused(`No file declares a task \`${name}\` under \`downsampling\`.`, {
    why: names === '' ? 'None is declared.' : `Declared are ${names}.`,
    next: 'Name one that is declared.',
  })
}

function notAsDeclared(name: string): ToolError {
  return refused(`Task \`${name}\` is not on the server as it is declared.`, {
    why: 'A backfill runs the script of the server.',
    next: 'Run `wwdb setup apply --only influxdb` first.',
  })
}

function inactive(name: string): ToolError {
  return refused(`Task \`${name}\` is inactive.`, {
    why: 'InfluxDB runs no task that is inactive.',
    next: 'Declare it active, and run `wwdb setup apply --only influxdb` first.',
  })
}
