import { setTimeout as pause } from 'node:timers/promises'
import type { Emit } from '../../command/event.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import type { Lease } from '../take-lease.ts'
import type { AdoptedMigration, CodeStep, MigrationDriver, StepRun } from './ports.ts'

/** One database of a run that holds the lock. */
interface Running {
  readonly database: string
  readonly server: string
  readonly lease: Lease
  readonly stop: StopRequest
  readonly emit: Emit
}

/** How often a step may lose its primary and come no further meanwhile. */
const mostLosses = 20

export async function adoptAll(
  driver: MigrationDriver,
  migrations: readonly AdoptedMigration[],
  running: Running,
): Promise<void> {
  for (let losses = 0; ; losses += 1) {
    await running.lease.check()
    const end = await driver.adopt(
      migrations,
      toStepRun(running, () => undefined),
    )
    if (end === 'done') return
    await awaitNext(running, losses)
  }
}

/** Repeated on the next primary, where what is there shows that it is not done yet. False where it was stopped in between. */
export async function carryOutStep(driver: MigrationDriver, step: CodeStep, running: Running): Promise<boolean> {
  const { emit, lease } = running
  const { migration, direction } = step
  const verb = direction === 'up' ? 'apply' : 'take back'
  const place = { store: 'mongodb', server: running.server } as const
  const summary = `${verb} ${migration.version}_${migration.name} in ${running.database}`
  const started = performance.now()
  let losses = 0
  const progress = (documents: number): void => {
    losses = 0
    emit({ type: 'progress', message: `mongodb: ${summary}: ${documents} documents` })
  }
  emit({ type: 'store-change-started', ...place, summary })
  for (;;) {
    await lease.check()
    const end = await driver.carryOut(step, toStepRun(running, progress))
    if (end === 'done' || (end !== 'stopped' && (await isDone(driver, step, running)))) break
    if (end === 'stopped' || running.stop.requested) return false
    if (end === 'moved') throw moved(step, running)
    await awaitNext(running, losses)
    losses += 1
  }
  emit({ type: 'store-change-finished', ...place, summary, milliseconds: performance.now() - started })
  return true
}

/** A primary that is lost again and again is not waited for without end. */
async function awaitNext({ server }: Running, losses: number): Promise<void> {
  if (losses >= mostLosses) {
    throw new ToolError('MONGODB_NO_PRIMARY', {
      what: `The primary was lost ${losses + 1} times, and the migration made no progress in between.`,
      where: { server },
      next: 'Run `wwdb setup verify`, then the command again: it continues with what is there.',
    })
  }
  await pause(Math.min(2000, 50 * 2 ** losses))
}

function toStepRun({ database, stop, lease }: Running, progress: StepRun['progress']): StepRun {
  return { database, owner: lease.owner, stop, progress }
}

async function isDone(
  driver: MigrationDriver,
  { migration, direction }: CodeStep,
  { database }: Running,
): Promise<boolean> {
  const { entries } = await driver.journal(database)
  const key = canonicalVersion(migration.version)
  const entry = entries.find(({ version }) => canonicalVersion(version) === key)
  return direction === 'up' ? entry?.state === 'applied' : entry === undefined
}

function moved({ migration }: CodeStep, { database }: Running): ToolError {
  return new ToolError('PLAN_IMPOSSIBLE', {
    what: `The record of ${migration.version} in the journal has changed since the run was planned.`,
    where: { database, file: migration.file },
    next: 'See `wwdb setup migrations`, then run the command again.',
  })
}
