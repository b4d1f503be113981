import type { Emit } from '../../command/event.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import { faultOf } from '../outcome.ts'
import type { Lease } from '../take-lease.ts'
import { type MigrationPlan, type MigrationRequest, planMigrations } from './plan-migrations.ts'
import type { CodeFolder, CodeManner, CodeStep, MigrationDriver, StepRun } from './ports.ts'

/** One migration of a run, as it is planned and as it ended. */
export interface CodeRunStep {
  readonly version: string
  readonly name: string
  readonly file: string
  /** - `adopt` it is recorded as applied: migrate-mongo has run it. */
  readonly direction: 'up' | 'down' | 'adopt'
  readonly manner: CodeManner | null
  /** The collections that it walks. */
  readonly collections: readonly string[]
  /** Where an earlier run has begun it: how many documents its walk has passed; null where it is begun now. */
  readonly continued: number | null
  readonly state: 'planned' | 'done' | 'failed' | 'stopped' | 'not-started'
  readonly milliseconds: number | null
}

/** What a run did, or would do, in one database. */
export interface CodeDatabaseRun {
  /** With the prefix. */
  readonly database: string
  /** How many were applied before it. */
  readonly applied: number
  readonly steps: readonly CodeRunStep[]
  readonly fault: Fault | null
  readonly code: ErrorCode | null
}

export interface RunRequest extends MigrationRequest {
  readonly folders: readonly CodeFolder[]
  /** Before the names of databases. */
  readonly prefix: string
  readonly server: string
  readonly dryRun: boolean
  /** Milliseconds to wait for another run. */
  readonly lockWait: number
  readonly emit: Emit
  readonly stop: StopRequest
  /** Asks before something is taken back; throws where the answer is not yes. */
  readonly confirm: (steps: readonly CodeRunStep[]) => Promise<void>
}

interface Work {
  readonly folder: CodeFolder
  readonly database: string
  readonly plan: MigrationPlan
  readonly steps: readonly CodeStep[]
}

/** The first failure of any database decides the exit code; null when there was none. */
export interface RunReport {
  readonly databases: readonly CodeDatabaseRun[]
  readonly error: ToolError | null
}

/** Plans every database, takes the lock where something is to be done, plans again, and carries out. A dry run writes nothing. */
export async function runMigrations(driver: MigrationDriver, request: RunRequest): Promise<RunReport> {
  const planned = await planAll(driver, request)
  if (request.dryRun || planned.every(isIdle)) return { databases: planned.map(toPlanned), error: null }
  await request.confirm(planned.flatMap((work) => toPlanned(work).steps))
  const lease = await driver.lock(request.lockWait)
  try {
    const works = await planAll(driver, request)
    const databases: CodeDatabaseRun[] = []
    let error: ToolError | null = null
    for (const work of works) {
      const ended: Ended =
        error === null ? await runDatabase(driver, { work, request, lease }) : { run: toNotStarted(work), error: null }
      databases.push(ended.run)
      error ??= ended.error
    }
    return { databases, error }
  } finally {
    await lease.release()
  }
}

function isIdle({ plan }: Work): boolean {
  return plan.steps.length === 0 && plan.adopted.length === 0
}

async function planAll(driver: MigrationDriver, request: RunRequest): Promise<readonly Work[]> {
  const works: Work[] = []
  for (const folder of request.folders) {
    const database = `${request.prefix}${folder.name}`
    const plan = planMigrations(folder, await driver.journal(database), request)
    works.push({ folder, database, plan, steps: await addShapes(driver, plan, request) })
  }
  return works
}

/** @throws ToolError MODULE_INCOMPLETE where a file exports nothing for the direction. */
async function addShapes(
  driver: MigrationDriver,
  { steps }: MigrationPlan,
  { direction }: RunRequest,
): Promise<readonly CodeStep[]> {
  const shapes = await driver.shapes(steps.map(({ migration }) => migration))
  return steps.map(({ migration, continued }, at) => {
    const shape = shapes[at]?.[direction] ?? null
    if (shape === null) {
      throw new ToolError('MODULE_INCOMPLETE', {
        what: `${migration.version} cannot be rolled back: the file exports no \`${direction}\`.`,
        where: { file: migration.file },
        next: `Export \`${direction}\`, or roll back no further than to this version.`,
      })
    }
    return { migration, direction, shape, continued }
  })
}

interface Ended {
  readonly run: CodeDatabaseRun
  readonly error: ToolError | null
}

interface Running {
  readonly work: Work
  readonly request: RunRequest
  readonly lease: Lease
}

async function runDatabase(driver: MigrationDriver, running: Running): Promise<Ended> {
  const { work, request } = running
  const planned = toPlanned(work)
  const adopted = planned.steps.filter(({ direction }) => direction === 'adopt')
  const steps: CodeRunStep[] = []
  const end = (error: ToolError | null): Ended => {
    const rest = planned.steps.slice(steps.length).map((step) => ({ ...step, state: 'not-started' as const }))
    const said = error === null ? {} : faultOf(error)
    return { run: { ...planned, steps: [...steps, ...rest], ...said }, error }
  }
  try {
    if (adopted.length > 0) await adoptAll(driver, running)
    steps.push(...adopted.map((step) => ({ ...step, state: 'done' as const })))
  } catch (error) {
    return end(asToolError(error))
  }
  for (const [at, step] of work.steps.entries()) {
    const shown = planned.steps[adopted.length + at]
    if (shown === undefined) break
    if (request.stop.requested) return end(stopped(work, request))
    const started = performance.now()
    const since = (): number => performance.now() - started
    try {
      const done = await carryOut(driver, step, running)
      steps.push({ ...shown, state: done ? 'done' : 'stopped', milliseconds: since() })
      if (!done) return end(stopped(work, request))
    } catch (error) {
      steps.push({ ...shown, state: 'failed', milliseconds: since() })
      return end(asToolError(error))
    }
  }
  return end(null)
}

function stopped({ database }: Work, { direction }: RunRequest): ToolError {
  const command = direction === 'up' ? 'migrate' : 'rollback'
  const fault = {
    what: 'The run was stopped.',
    where: { database },
    next: `\`wwdb setup ${command}\` continues where it ended.`,
  }
  return new ToolError('STOPPED', fault, { exitCode: exitCodes.interrupted })
}

function asToolError(error: unknown): ToolError {
  if (error instanceof ToolError) return error
  throw error
}

async function adoptAll(driver: MigrationDriver, running: Running): Promise<void> {
  const { work, lease } = running
  await lease.check()
  while (
    (await driver.adopt(
      work.plan.adopted,
      toStepRun(running, () => undefined),
    )) === 'elsewhere'
  )
    await lease.check()
}

/** Repeated on the next primary, where what is there shows that it is not done yet. False where it was stopped in between. */
async function carryOut(driver: MigrationDriver, step: CodeStep, running: Running): Promise<boolean> {
  const { work, request, lease } = running
  const { migration, direction } = step
  const verb = direction === 'up' ? 'apply' : 'take back'
  const place = { store: 'mongodb', server: request.server } as const
  const summary = `${verb} ${migration.version}_${migration.name} in ${work.database}`
  const started = performance.now()
  const progress = (documents: number): void => {
    request.emit({ type: 'progress', message: `mongodb: ${summary}: ${documents} documents` })
  }
  request.emit({ type: 'store-change-started', ...place, summary })
  for (;;) {
    await lease.check()
    const end = await driver.carryOut(step, toStepRun(running, progress))
    if (end === 'stopped') return false
    if (end === 'done' || (await isDone(driver, step, work))) break
  }
  request.emit({ type: 'store-change-finished', ...place, summary, milliseconds: performance.now() - started })
  return true
}

function toStepRun({ work, request, lease }: Running, progress: StepRun['progress']): StepRun {
  return { database: work.database, owner: lease.owner, stop: request.stop, progress }
}

async function isDone(
  driver: MigrationDriver,
  { migration, direction }: CodeStep,
  { database }: Work,
): Promise<boolean> {
  const { entries } = await driver.journal(database)
  const key = canonicalVersion(migration.version)
  const entry = entries.find(({ version }) => canonicalVersion(version) === key)
  return direction === 'up' ? entry?.state === 'applied' : entry === undefined
}

function toPlanned({ database, plan, steps }: Work): CodeDatabaseRun {
  const adopted = plan.adopted.map(
    ({ version, name, file }): CodeRunStep => ({
      ...{ version, name, file, direction: 'adopt', manner: null, collections: [], continued: null },
      ...{ state: 'planned', milliseconds: null },
    }),
  )
  const run = steps.map(
    ({ migration: { version, name, file }, direction, shape, continued }): CodeRunStep => ({
      ...{ version, name, file, direction, manner: shape.manner, collections: shape.collections, continued },
      ...{ state: 'planned', milliseconds: null },
    }),
  )
  return { database, applied: plan.applied, steps: [...adopted, ...run], fault: null, code: null }
}

function toNotStarted(work: Work): CodeDatabaseRun {
  const planned = toPlanned(work)
  return { ...planned, steps: planned.steps.map((step) => ({ ...step, state: 'not-started' })) }
}
