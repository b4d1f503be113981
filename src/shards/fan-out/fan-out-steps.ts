import type { Config } from '../../config/config.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { groupDigits } from '../../core/plural.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { StepRun } from '../../migrations/execute/work.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { Step } from '../../migrations/plan.ts'
import type { Session } from '../../migrations/ports.ts'
import type { PreparedSteps, ShardStepsRun } from '../../migrations/shard-steps.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import type { DataFunction } from '../../migrations/user-code.ts'
import { type CarryReport, carryOut } from './carry-out.ts'
import { type FanOutServices, findFamily, isFanOutStep, listPending, withFanOutPlace } from './services.ts'

/** What the fan-outs of a run need from it. */
interface FanOutRun extends ShardStepsRun {
  readonly config: Config
  readonly services: FanOutServices
}

/** The number of failed shards that are listed individually. */
const mostFailures = 20

/**
 * Turns the steps that run on shards into fan-outs for the executor of plain steps: each becomes a single statement of
 * the target's journal, opened before the first shard and closed after the last, on a session that knows how to run it.
 */
export function fanOutSteps(run: FanOutRun, target: OpenTarget, runs: readonly StepRun[]): PreparedSteps {
  const { session } = target
  if (!runs.some(({ step }) => isFanOutStep(step))) return { runs, session }
  const own = new Map<DataFunction, () => Promise<void>>()
  const swapped = runs.map((one) => {
    if (!isFanOutStep(one.step)) return one
    const work = (): Promise<void> => carryStep(run, target, one.step)
    const carry: DataFunction = () => work()
    own.set(carry, work)
    return { ...one, step: toSingleStatement(one.step, carry) }
  })
  const runModule: Session['runModule'] = async (migrate, soon, approve) => {
    const work = own.get(migrate)
    if (work === undefined) return session.runModule(migrate, soon, approve)
    await work()
    return { rows: null, warnings: [], lastInsertId: null }
  }
  return { runs: swapped, session: { ...session, runModule } }
}

function toSingleStatement(step: Step, carry: DataFunction): Step {
  const script = { type: 'module', path: step.migration.file, run: carry } as const
  const migration: Migration = { ...withoutScripts(step.migration), up: script, down: script }
  return { ...step, migration, from: 0, total: 1 }
}

/** Scripts are split on access: spreading would access them. */
function withoutScripts(migration: Migration): Omit<Migration, 'up' | 'down'> {
  const { database, version, name, kind, file, checksum, requires, conditions, accepted, shards } = migration
  const base = { database, version, name, kind, file, checksum, requires, conditions, accepted }
  return shards === undefined ? base : { ...base, shards }
}

async function carryStep(run: FanOutRun, target: OpenTarget, step: Step): Promise<void> {
  const { services, config } = run
  const families = await services.families()
  const family = findFamily(families, step.migration)
  const leader = target.session.facts.connectionId
  const report = await withFanOutPlace(services, target.database, config.timeouts, leader, async (place) => {
    const carried = await carryOut({
      ...run,
      ...place,
      families,
      family,
      migration: step.migration,
      direction: step.type === 'revert' ? 'down' : 'up',
      migrations: target.all,
      pending: listPending(target, family),
      prove: services.prove,
      proven: step.fanOut?.proven === true ? step.fanOut.version : null,
      together: isInstant(step),
      errorBudget: services.errorBudget,
      failedOnly: services.failedOnly,
    })
    if (carried.undone.length > 0) await place.ledger.forgetChanges(target.session, carried.undone)
    return carried
  })
  if (report.error !== null) throw report.error
  if (report.stopped) throw stoppedHere(step, report)
  if (report.done < report.total) throw incomplete(step, report, target)
}

/** Every definition is INSTANT by the server's own answers; data statements may take any time. */
function isInstant({ type, migration, algorithms }: Step): boolean {
  const script = type === 'revert' ? migration.down : migration.up
  if (script?.type !== 'statements') return false
  return script.statements.every(
    (statement) => statement.class === 'definition' && algorithms.get(statement.index) === 'INSTANT',
  )
}

function countCompleted({ done, total }: CarryReport): string {
  return `${groupDigits(done)} of ${groupDigits(total)} shards`
}

function stoppedHere({ migration }: Step, report: CarryReport): ToolError {
  return new ToolError('STOPPED', {
    what: `\`${migrationLabel(migration)}\` was stopped after ${countCompleted(report)} of ${migration.shards}.`,
    next: 'Run the command again later: it continues with the remaining shards.',
  })
}

function incomplete({ migration }: Step, report: CarryReport, { database }: OpenTarget): ToolError {
  const { failures } = report
  const left = report.total - report.done - failures.length
  const rest = left > 0 ? `; ${groupDigits(left)} more were not started` : ''
  const summary: Fault = {
    what: `\`${migrationLabel(migration)}\` is complete on ${countCompleted(report)} of ${migration.shards}: ${groupDigits(failures.length)} failed${rest}.`,
    where: { file: migration.file, database: database.name },
    why: failures[0]?.error.faults[0]?.why ?? 'only some of the shards were selected',
    next: 'Fix the errors below and run the command again: it continues with the remaining shards. `--error-budget` lets more shards fail before it stops.',
  }
  const faults = failures.slice(0, mostFailures).flatMap(({ error }) => error.faults)
  return new ToolError('FAN_OUT_INCOMPLETE', [summary, ...faults])
}
