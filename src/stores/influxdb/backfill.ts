import { assertNever, ToolError } from '../../core/tool-error.ts'
import type { BackfillOutcome, BackfillRequest, StoreContext } from '../contract.ts'
import { type Declaration, type DownsamplingDeclaration, formatTime } from './declaration.ts'
import { planBackfill, refused, refuseExpired, toTime } from './plan-backfill.ts'
import { planTasks } from './plan-tasks.ts'
import type { InfluxDriver, ObservedContent } from './ports.ts'
import { waitForRun } from './wait-for-run.ts'

type Context = StoreContext<Declaration, InfluxDriver>

/** Milliseconds. A run over much data reads all of it; one that has not ended by then will not. */
const longestRun = 3_600_000

/**
 * Runs a declared task over a range of the past, oldest first. Progress is stored on the server; a run that is repeated writes the same points again.
 * @throws ToolError BACKFILL_REFUSED, STORE_REFUSED.
 */
export async function backfill(context: Context, request: BackfillRequest): Promise<BackfillOutcome> {
  const { driver, run } = context
  const task = findTask(context, request.task)
  const content = await observeTask(context, task)
  if (!task.active) throw inactive(task)
  const organization = content.organization.id
  const kept = await driver.readBackfills(organization, task.name)
  const { position, ends, left, writesFrom, reports } = planBackfill(task, request, { kept, now: run.now() })
  for (const report of reports) run.report(report)
  const refuse = (end: number): void => refuseExpired(task, content, position, { end, now: run.now() })
  if (left[0] !== undefined) refuse(left[0])
  const doneBefore = ends.length - left.length
  const outcome = {
    task: task.name,
    from: toTime(position.from),
    to: toTime(position.to),
    writesFrom: toTime(writesFrom),
    runs: ends.length,
    doneBefore,
    continuedAt: doneBefore === 0 ? null : toTime(position.done),
  }
  if (request.dryRun) return { ...outcome, state: 'planned', done: 0 }
  // Before the first run: a command that continues it must find the end of the range.
  if (left.length > 0) await driver.keepBackfill(organization, position)
  const id = content.tasks.find(({ name }) => name === task.name)?.id ?? ''
  let done = 0
  for (const end of left) {
    if (run.stop.requested) return { ...outcome, state: 'stopped', done }
    refuse(end)
    run.report(`\`${task.name}\` up to ${toTime(end)}, run ${doneBefore + done + 1} of ${ends.length}.`)
    if (!(await runOnce(context, task, { id, end }))) return { ...outcome, state: 'stopped', done }
    await driver.keepBackfill(organization, { ...position, done: end })
    done += 1
  }
  await driver.forgetBackfill(organization, position)
  return { ...outcome, state: 'done', done }
}

function findTask({ declaration, prefix }: Context, name: string): DownsamplingDeclaration {
  const { downsamplings } = declaration
  const task = downsamplings.find((one) => one.name === `${prefix}${name}`)
  if (task !== undefined) return task
  const names = downsamplings.map((one) => `\`${one.name.slice(prefix.length)}\``).join(', ')
  throw refused(`No file declares a task \`${name}\` under \`downsampling\`.`, {
    why: names === '' ? 'None is declared.' : `Declared are ${names}.`,
    next: 'Name one that is declared.',
  })
}

/** What is on the server, where the task is there as it is declared. @throws ToolError BACKFILL_REFUSED. */
async function observeTask({ driver, declaration }: Context, task: DownsamplingDeclaration): Promise<ObservedContent> {
  const state = await driver.observe(declaration)
  if (state.type === 'content' && planTasks([task], state.content).changes.length === 0) return state.content
  throw refused(`Task \`${task.name}\` is not on the server as it is declared.`, {
    why: 'A backfill runs the script of the server.',
    next: 'Run `wwdb setup apply --only influxdb` first.',
  })
}

/** False where a stop was requested before the run ended: the server goes on with it, and repeating it is safe. */
async function runOnce(
  context: Context,
  task: DownsamplingDeclaration,
  { id, end }: { readonly id: string; readonly end: number },
): Promise<boolean> {
  const { driver, run } = context
  // Any time within the window after it means the same windows, and the run of a killed command may still be in progress.
  const late = Math.floor((Math.random() * Math.min(task.windowSeconds * 1000, run.now() - end)) / 1000) * 1000
  const runId = await driver.startRun(id, end + late)
  const longest = run.waitTimeout ?? longestRun
  const { state, why } = await waitForRun(context, { taskId: id, runId, longest })
  switch (state) {
    case 'success':
      return true
    case 'failed':
    case 'canceled':
      throw new ToolError('STORE_REFUSED', {
        what: `A run of task \`${task.name}\` ${state === 'failed' ? 'failed' : 'was canceled'}.`,
        why,
        next: 'Fix the cause, and run the command again: it continues with this run.',
      })
    case 'running':
    case 'missing':
      if (run.stop.requested) return false
      // A task that was removed or changed meanwhile is the better explanation.
      await observeTask(context, task)
      throw state === 'missing' ? lostRun(task) : endlessRun(task, longest)
    default:
      return assertNever(state)
  }
}

function inactive({ name }: DownsamplingDeclaration): ToolError {
  return refused(`Task \`${name}\` is inactive.`, {
    why: 'InfluxDB runs no task that is inactive.',
    next: 'Declare it active, and run `wwdb setup apply --only influxdb` first.',
  })
}

function lostRun({ name }: DownsamplingDeclaration): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `InfluxDB no longer lists a run of task \`${name}\`.`,
    why: 'A server that is stopped during a run may lose it, so whether it ended is not known.',
    next: 'Run the same command again to continue: it repeats this run.',
  })
}

function endlessRun({ name }: DownsamplingDeclaration, longest: number): ToolError {
  return new ToolError('STORE_REFUSED', {
    what: `A run of task \`${name}\` did not end within ${formatTime(longest / 1000)}.`,
    next: 'Find out what the server is busy with, then run the same command again to continue.',
  })
}
