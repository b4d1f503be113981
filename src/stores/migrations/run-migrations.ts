import type { Emit } from '../../command/event.ts'
import type { ErrorCode } from '../../core/error-codes.ts'
import { exitCodes } from '../../core/exit-code.ts'
import type { StopRequest } from '../../core/stop-request.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import { canonicalVersion } from '../../migrations/files/migration-name.ts'
import { faultOf } from '../outcome.ts'
import type { Lease } from '../take-lease.ts'
import { adoptAll, carryOutStep } from './carry-out-step.ts'
import {
  compareWithJournal,
  type MigrationPlan,
  type MigrationRequest,
  planMigrations,
  readBound,
} from './plan-migrations.ts'
import type { CodeFolder, CodeManner, CodeStep, Journal, MigrationDriver } from './ports.ts'
import { findMisfit } from './read-shape.ts'

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
  await driver.refuseAlone()
  const planned = await planAll(driver, request, null)
  if (request.dryRun || planned.every(isIdle)) return { databases: planned.map(toPlanned), error: null }
  await request.confirm(planned.flatMap((work) => toPlanned(work).steps))
  const lease = await driver.lock(request.lockWait)
  try {
    const works = await planAll(driver, request, planned)
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

/** @param confirmed what was shown before: nothing else is taken back */
async function planAll(
  driver: MigrationDriver,
  request: RunRequest,
  confirmed: readonly Work[] | null,
): Promise<readonly Work[]> {
  const found: { readonly folder: CodeFolder; readonly database: string; readonly journal: Journal }[] = []
  for (const folder of request.folders) {
    const database = `${request.prefix}${folder.name}`
    found.push({ folder, database, journal: await driver.journal(database) })
  }
  const bound = readBound(
    found.flatMap(({ folder, journal }) => compareWithJournal(folder, journal)),
    request.to,
  )
  const works: Work[] = []
  for (const [at, { folder, database, journal }] of found.entries()) {
    const only = request.direction === 'down' ? versionsOf(confirmed?.[at]) : null
    const plan = planMigrations(folder, journal, { ...request, bound, only })
    if (confirmed === null) for (const message of plan.notes) request.emit({ type: 'warning', message, target: null })
    works.push({ folder, database, plan, steps: await addShapes(driver, plan, request) })
  }
  return works
}

function versionsOf(work: Work | undefined): ReadonlySet<string> | null {
  if (work === undefined) return null
  return new Set(work.plan.steps.map(({ migration }) => canonicalVersion(migration.version)))
}

/** @throws ToolError MODULE_INCOMPLETE where a file exports nothing for the direction, PLAN_IMPOSSIBLE where it was begun as something else. */
async function addShapes(
  driver: MigrationDriver,
  { steps }: MigrationPlan,
  { direction }: RunRequest,
): Promise<readonly CodeStep[]> {
  const shapes = await driver.shapes(steps.map(({ migration }) => migration))
  const made = steps.map(({ migration, entry }, at): CodeStep => {
    const shape = shapes[at]?.[direction] ?? null
    if (shape === null) {
      throw new ToolError('MODULE_INCOMPLETE', {
        what: `${migration.version} cannot be rolled back: the file exports no \`${direction}\`.`,
        where: { file: migration.file },
        next: `Export \`${direction}\`, or roll back no further than to this version.`,
      })
    }
    const continued = entry?.state === 'open' ? entry.documents : null
    return { id: entry?.version ?? migration.version, migration, direction, shape, continued }
  })
  const faults = made.flatMap((step, at) => findMisfit(step, steps[at]?.entry ?? null))
  if (faults.length > 0) throw new ToolError('PLAN_IMPOSSIBLE', faults)
  return made
}

interface Ended {
  readonly run: CodeDatabaseRun
  readonly error: ToolError | null
}

async function runDatabase(
  driver: MigrationDriver,
  { work, request, lease }: { readonly work: Work; readonly request: RunRequest; readonly lease: Lease },
): Promise<Ended> {
  const running = { ...request, database: work.database, lease }
  const planned = toPlanned(work)
  const adopted = planned.steps.filter(({ direction }) => direction === 'adopt')
  const steps: CodeRunStep[] = []
  const end = (error: ToolError | null): Ended => {
    const rest = planned.steps.slice(steps.length).map((step) => ({ ...step, state: 'not-started' as const }))
    const said = error === null ? {} : faultOf(error)
    return { run: { ...planned, steps: [...steps, ...rest], ...said }, error }
  }
  try {
    if (adopted.length > 0) await adoptAll(driver, work.plan.adopted, running)
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
      const done = await carryOutStep(driver, step, running)
      steps.push({ ...shown, state: done ? 'done' : 'stopped', milliseconds: since() })
      if (!done) return end(stopped(work, request))
    } catch (error) {
      const failure = asToolError(error)
      steps.push({ ...shown, state: failure.code === 'STOPPED' ? 'stopped' : 'failed', milliseconds: since() })
      return end(failure)
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
