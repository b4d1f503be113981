import type { StoreDifference } from '../store-plan.ts'
import { formatTime, type TaskDeclaration } from './declaration.ts'
import { otherOptions, ownFlux, plainScript, sayRhythm } from './own-script.ts'
import { difference, type Planned, together } from './plan-parts.ts'
import { optionPath, planNamed, sayStatus, scriptDifference } from './plan-tasks.ts'
import type { ObservedContent, ObservedTask } from './ports.ts'
import { fluxDuration, usualDuration } from './time.ts'

/** Tasks whose scripts the files have. */
export function planOwnTasks(declared: readonly TaskDeclaration[], content: ObservedContent): Planned {
  return together(declared.map((task) => planNamed(describe(task), content)))
}

function describe(task: TaskDeclaration): Parameters<typeof planNamed>[0] {
  const { name, schedule, description, active } = task
  return {
    name,
    work: 'its own script',
    timing: schedule.type === 'every' ? `every ${formatTime(schedule.seconds)}` : `by cron ${schedule.cron}`,
    text: { flux: ownFlux(task), description, active },
    differencesOf: (found) => differencesOf(task, found),
    // Where it writes, and for how long what it reads is kept, is in its script alone.
    lossOf: () => null,
  }
}

function differencesOf(task: TaskDeclaration, found: ObservedTask): readonly StoreDifference[] {
  const { schedule } = task
  const actual = found.cron === '' ? usualDuration(found.every) : `cron ${found.cron}`
  return [
    ...difference('status', sayStatus(found.active), sayStatus(task.active)),
    ...difference('description', found.description, task.description),
    ...difference(schedule.type, actual, sayRhythm(schedule)),
    ...difference('offset', usualDuration(found.offset), fluxDuration(task.offsetSeconds)),
    ...otherOptions(found.flux).map((key) => ({ path: `${optionPath}${key}`, actual: 'set', declared: null })),
    // Neither the marks nor the place of the option says what a task does.
    ...scriptDifference(plainScript(found.flux), plainScript(task.flux)),
  ]
}
