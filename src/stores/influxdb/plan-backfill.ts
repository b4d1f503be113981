import { ToolError } from '../../core/tool-error.ts'
import type { BackfillRequest } from '../contract.ts'
import { type DownsamplingDeclaration, formatRetention, formatTime } from './declaration.ts'
import { downsamplingFlux } from './plan-tasks.ts'
import type { BackfillPosition, ObservedBucket, ObservedContent, TimeSpan } from './ports.ts'

/** The runs that cover a range, and how many of them are done. */
interface BackfillPlan {
  /** Its range, and what of it is done. */
  readonly position: BackfillPosition
  /** Where each run ends, oldest first: the time that it is due at. */
  readonly ends: readonly number[]
  /** Those of the runs that are not done. */
  readonly left: readonly number[]
  /** Before the range, where that is shorter than what one run covers. */
  readonly writesFrom: number
  /** What a person should know about the positions on the server, as sentences. */
  readonly reports: readonly string[]
}

/**
 * Each run covers `lookBack`, so the range is covered by runs that are as much apart. The command of an unfinished backfill continues it, up to the end that the
 * backfill began with: without `--end`, or with one that is still to come, a later command would otherwise have another range.
 * @param kept the unfinished backfills of the task.
 * @throws ToolError BACKFILL_REFUSED.
 */
export function planBackfill(
  task: DownsamplingDeclaration,
  request: Pick<BackfillRequest, 'from' | 'to'>,
  { kept, now }: { readonly kept: readonly BackfillPosition[]; readonly now: number },
): BackfillPlan {
  const asked = begin(task, request, now)
  const own = kept.find(({ from, end }) => from === asked.from && end === asked.end)
  const position = own?.script === asked.script ? own : asked
  if (position.from >= position.to) throw noWindow(position)
  const ends = endsOf(task, position)
  const left = ends.filter((end) => end > position.done)
  return {
    position,
    ends,
    left,
    writesFrom: (ends[0] ?? position.to) - reachOf(task),
    reports: [
      ...(own === undefined || position === own ? [] : [hasChanged(task)]),
      ...kept.filter((one) => one !== own).map(unfinished),
    ],
  }
}

/** The position of a backfill that begins: whole windows that have ended. */
function begin(
  task: DownsamplingDeclaration,
  { from, to }: Pick<BackfillRequest, 'from' | 'to'>,
  now: number,
): BackfillPosition {
  const window = task.windowSeconds * 1000
  const last = Math.floor((now - task.offsetSeconds * 1000) / window) * window
  const start = Math.floor(from / window) * window
  const end = to === null ? null : Math.ceil(to / window) * window
  return {
    task: task.name,
    from: start,
    to: end === null ? last : Math.min(end, last),
    end,
    script: downsamplingFlux(task),
    done: start,
  }
}

function reachOf({ lookBackSeconds }: DownsamplingDeclaration): number {
  return lookBackSeconds * 1000
}

function endsOf(task: DownsamplingDeclaration, { from, to }: TimeSpan): readonly number[] {
  const reach = reachOf(task)
  const count = Math.ceil((to - from) / reach)
  return Array.from({ length: count }, (_, at) => Math.min(from + (at + 1) * reach, to))
}

/**
 * A window of which only some points are left would get a wrong result, in the place of the right one.
 * @param end of the run.
 * @throws ToolError BACKFILL_REFUSED.
 */
export function refuseExpired(
  task: DownsamplingDeclaration,
  content: ObservedContent,
  range: TimeSpan,
  { end, now }: { readonly end: number; readonly now: number },
): void {
  const start = end - reachOf(task)
  for (const name of [task.from, task.to]) {
    const bucket = content.buckets.find((one) => one.name === name)
    const earliest = bucket === undefined ? null : earliestOf(task, bucket, now)
    if (bucket === undefined || earliest === null || start >= earliest) continue
    throw refused(`\`${name}\` no longer holds all points since ${toTime(start)}.`, {
      why: `It keeps them ${formatRetention(bucket.rule.seconds)}; a window of which only some points are left would get a wrong result.`,
      next: adviseRange(task, range, earliest),
    })
  }
}

function earliestOf({ windowSeconds }: DownsamplingDeclaration, { rule }: ObservedBucket, now: number): number | null {
  if (rule.seconds === 0) return null
  const window = windowSeconds * 1000
  return Math.ceil((now - rule.seconds * 1000) / window) * window
}

/** A run begins `lookBack` before its end: a range that is shorter needs a later end. */
function adviseRange(task: DownsamplingDeclaration, { from, to }: TimeSpan, earliest: number): string {
  const leastEnd = earliest + reachOf(task)
  const parts = [
    ...(from < earliest ? [`\`--start ${toTime(earliest)}\` or later`] : []),
    ...(to < leastEnd ? [`\`--end ${toTime(leastEnd)}\` or later`] : []),
  ]
  return `Give ${parts.join(', and ')}: a run covers ${formatTime(task.lookBackSeconds)} at once.`
}

export function toTime(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z')
}

export function refused(what: string, { why, next }: { readonly why: string; readonly next: string }): ToolError {
  return new ToolError('BACKFILL_REFUSED', { what, why, next })
}

function noWindow({ from, to }: TimeSpan): ToolError {
  return refused('The range contains no complete window that has ended.', {
    why: `It would be from ${toTime(from)} to ${toTime(to)}.`,
    next: 'Give an earlier `--start`, or a later `--end`.',
  })
}

function hasChanged({ name }: DownsamplingDeclaration): string {
  return `Task \`${name}\` has changed since this backfill was interrupted, so the backfill begins again.`
}

function unfinished({ task, from, end, done }: BackfillPosition): string {
  const range = end === null ? `--start ${toTime(from)}` : `--start ${toTime(from)} --end ${toTime(end)}`
  return `Task \`${task}\` has another unfinished backfill: \`${range}\`, done up to ${toTime(done)}.`
}
