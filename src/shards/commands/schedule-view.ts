import { formatSeconds } from '../../core/duration.ts'
import { formatMinute, formatTime } from '../../core/instant.ts'
import { countOf } from '../../core/plural.ts'
import type { Page } from '../../terminal/human/page.ts'
import { symbol } from '../../terminal/human/page.ts'
import { type Line, toned } from '../../terminal/text/span.ts'
import { alignTable } from '../../terminal/text/table.ts'
import { wrapLine } from '../../terminal/text/wrap.ts'
import type { View } from '../../terminal/view.ts'

/** The answer of `schedule next`. */
export interface ScheduleResult {
  readonly kind: 'schedule'
  /** Five fields of cron. */
  readonly schedule: string
  readonly zone: string
  /** ISO 8601, UTC; so is `at`. `local` is the same on the zone's clocks, to the minute. */
  readonly now: string
  readonly runs: readonly { readonly at: string; readonly local: string }[]
}

/** The answer of `schedule run`, when it is stopped. */
export interface ScheduleRunResult {
  readonly kind: 'schedule-run'
  readonly runs: number
  /** Consecutive failures at the end. */
  readonly failures: number
  /** ISO 8601, UTC. */
  readonly lastSuccessAt: string | null
}

export const scheduleView: View<ScheduleResult> = {
  render: renderSchedule,
}

export const scheduleRunView: View<ScheduleRunResult> = {
  render: renderScheduleRun,
}

/** The next times of a schedule: in UTC, on its zone's clocks where they differ, and relative to now. */
function renderSchedule(result: ScheduleResult, page: Page): readonly Line[] {
  const { schedule, zone, now, runs } = result
  const rows = runs.map(({ at, local }): readonly Line[] => [
    [`${formatMinute(at)} UTC`],
    zone === 'UTC' ? [] : [`${local} ${zone}`],
    [toned('faint', `in ${formatSeconds((Date.parse(at) - Date.parse(now)) / 1000)}`)],
  ])
  return [
    ...wrapLine([toned('strong', schedule), ` in ${zone}`], page.columns),
    ...alignTable(rows, { columns: page.columns, indent: 2, droppable: [1], flexible: [] }),
  ]
}

/** The summary of a process that rotated by the schedule, when it is stopped. */
function renderScheduleRun({ runs, failures, lastSuccessAt }: ScheduleRunResult, page: Page): readonly Line[] {
  const success =
    lastSuccessAt === null ? 'none succeeded' : `the last successful one ended at ${formatTime(lastSuccessAt)} UTC`
  const failed = failures === 0 ? '' : `; the last ${failures === 1 ? 'one' : failures} failed`
  const sign = symbol(failures === 0 ? 'good' : 'warning')
  return wrapLine([sign, ` Stopped after ${countOf(runs, 'rotation')}; ${success}${failed}.`], page.columns, 2)
}

declare module '../../command/result.ts' {
  interface Answers {
    readonly schedule: ScheduleResult
    readonly 'schedule-run': ScheduleRunResult
  }
}
