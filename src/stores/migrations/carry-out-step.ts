import { setTimeout as pause } from 'node:timers/promises'
import type { Emit } from '../../command/event.ts'
import { formatDuration } from '../../core/duration.ts'
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
  /** Milliseconds for which a primary is waited for, while the step comes no further; two minutes unless given. */
  readonly patience?: number
}

/** An election takes seconds; where no majority of the set is there, none is elected however long it takes. */
const usualPatience = 120_000

/** How often the primary was lost since the step last came further, and since when. */
interface Losses {
  readonly count: number
  readonly since: number
}

const noLosses = (): Losses => ({ count: 0, since: performance.now() })

export async function adoptAll(
  driver: MigrationDriver,
  migrations: readonly AdoptedMigration[],
  running: Running,
): Promise<void> {
  for (let losses = noLosses(); ; losses = await awaitNext(running, losses)) {
    await running.lease.check()
    const end = await driver.adopt(
      migrations,
      toStepRun(running, () => undefined),
    )
    if (end === 'done') return
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
  let losses = noLosses()
  const progress = (documents: number): void => {
    losses = noLosses()
    emit({ type: 'progress', message: `mongodb: ${summary}: ${documents} documents` })
  }
  emit({ type: 'store-change-started', ...place, summary })
  for (;;) {
    await lease.check()
    const end = await driver.carryOut(step, toStepRun(running, progress))
    if (end === 'done' || (end !== 'stopped' && (await isDone(driver, step, running)))) break
    if (end === 'stopped' || running.stop.requested) return false
    if (end === 'moved') throw moved(step, running)
    losses = await awaitNext(running, losses)
  }
  emit({ type: 'store-change-finished', ...place, summary, milliseconds: performance.now() - started })
  return true
}

/** A primary that is lost again and again, or that no majority elects, is not waited for without end. */
async function awaitNext({ server, patience = usualPatience }: Running, { count, since }: Losses): Promise<Losses> {
  const waited = performance.now() - since
  if (waited >= patience) {
    throw new ToolError('MONGODB_NO_PRIMARY', {
      what: `The migration made no progress for ${formatDuration(waited)}: its primary was lost, and no other one carried it out.`,
      where: { server },
      why: 'What it had sent to be committed last may be there or not: the journal says which, once a majority of the set is there.',
      next: 'Run `wwdb setup verify`, then the command again: it continues with what is there.',
    })
  }
  await pause(Math.min(2000, 50 * 2 ** count))
  return { count: count + 1, since }
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
