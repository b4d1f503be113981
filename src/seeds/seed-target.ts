import { createHash } from 'node:crypto'
import type { ErrorCode } from '../core/error-codes.ts'
import { ToolError } from '../core/tool-error.ts'
import type { Schemas } from '../migrations/plan/placeholders.ts'
import { noChange, type RowToOpen, type Session } from '../migrations/ports.ts'
import { type PrunePlanning, planPrune } from './plan-prune.ts'
import { hasWork, type TargetPlanning, versionOf } from './plan-target.ts'
import { attemptWrite, type Writing } from './refusal.ts'
import type { SeedRequest, SeedTarget } from './request.ts'
import { runScript } from './run-script.ts'
import type { SeedScript } from './seed.ts'
import type { SeedOutcome, SeedTargetPlan } from './seed-plan.ts'
import { writeRows } from './write-rows.ts'

/** How the seeding of one target ended. */
export interface TargetEnd {
  readonly outcome: SeedOutcome
  readonly error: unknown
}

function stopped(): ToolError {
  return new ToolError('STOPPED', { what: 'Stopped before the seeds were committed', next: 'Run again when it suits.' })
}

/**
 * Seeds one target under its lock, in one transaction: the journal's rows are opened before it, and closed with it. Never
 * throws: what went wrong is in the outcome.
 */
export async function seedTarget(
  request: SeedRequest,
  seeding: SeedTarget,
  planning: TargetPlanning,
): Promise<TargetEnd> {
  const { plan } = planning
  const started = performance.now()
  const end = (state: SeedOutcome['state'], error: unknown): TargetEnd => ({
    outcome: { ...plan, ...describeEnd(state, error), milliseconds: performance.now() - started },
    error,
  })
  if (!hasWork(plan)) return end('nothing-to-do', null)
  const { session } = seeding.target
  const deafen = request.stop.onKill(() => void session.cancel().catch(() => undefined))
  try {
    await carryOut(request, seeding, planning)
    return end('done', null)
  } catch (error) {
    return end(error instanceof ToolError && error.code === 'STOPPED' ? 'stopped' : 'failed', error)
  } finally {
    deafen()
  }
}

function describeEnd(state: SeedOutcome['state'], error: unknown) {
  const told = error instanceof ToolError ? error : null
  const fault = told?.faults[0] ?? (error === null ? null : { what: String(error) })
  return { state, fault, code: told?.code ?? null }
}

async function carryOut(
  request: SeedRequest,
  seeding: SeedTarget,
  { plan, scripts, prune }: TargetPlanning,
): Promise<void> {
  const { session } = seeding.target
  const goOn = (): void => {
    if (request.stop.requested) throw stopped()
  }
  goOn()
  if (request.remember !== false) await seeding.store.createRecords()
  const rows = openRows(request, seeding, plan, scripts)
  await session.writeJournal({ ...noChange, open: rows })
  const started = performance.now()
  try {
    await writeRows(request, seeding, goOn)
    const writing = { session, statementTimeout: request.config.timeouts.statement, stop: request.stop }
    if (request.prune) await pruneRows(writing, seeding, prune)
    const schemas: Schemas = new Map(request.config.databases.map((database) => [database.name, database.schema]))
    for (const script of scripts) {
      goOn()
      await runScript(writing, script, schemas, goOn)
    }
  } catch (error) {
    await settleFailure(session, rows, error)
    throw error
  }
  const milliseconds = performance.now() - started
  await session.writeJournal({
    ...noChange,
    close: rows.map(({ pass, statement }) => ({ pass, statement, milliseconds, rows: null, memory: null })),
  })
}

/** Rows are looked up once more and locked: one that somebody took for himself since the plan stays. */
async function pruneRows(writing: Writing, { store }: SeedTarget, prune: PrunePlanning): Promise<void> {
  if (prune.doomed.length === 0) return
  const { doomed } = await planPrune(store, prune.forget, false, true)
  const about = { what: 'MySQL does not let a row go that left the seeds.' }
  await attemptWrite(writing, about, () => store.remove(doomed))
  await store.forgetRecords(prune.forget)
}

/** After these nobody may write: the rows stay open, and the next run sees that nothing was kept. */
const leavesRowsOpen: ReadonlySet<ErrorCode> = new Set(['CONNECTION_LOST', 'LOCK_LOST'])

async function settleFailure(session: Session, rows: readonly RowToOpen[], error: unknown): Promise<void> {
  if (error instanceof ToolError && leavesRowsOpen.has(error.code)) return
  const why = error instanceof ToolError ? (error.faults[0]?.why ?? error.message) : String(error)
  const at = rows.map(({ pass, statement }) => ({ pass, statement }))
  const dropped = error instanceof ToolError && error.code === 'STOPPED'
  await session.rollback()
  await session
    .writeJournal(
      dropped ? { ...noChange, drop: at } : { ...noChange, fail: at.map((row) => ({ ...row, error: why })) },
    )
    .catch(() => undefined) // the first error is the one to tell; rows that stay open are settled by the next run
}

/** One row for all rows of the database, and one for each script that runs. */
function openRows(
  { pass = 'rows' }: SeedRequest,
  { target }: SeedTarget,
  plan: SeedTargetPlan,
  scripts: readonly SeedScript[],
): readonly RowToOpen[] {
  const works = [
    ...(plan.rows.some(({ action }) => action !== 'keep' && action !== 'leave')
      ? [{ version: `S__${pass}`, name: pass, checksum: digestPlan(plan), summary: summarise(plan) }]
      : []),
    ...scripts.map((script) => ({
      version: versionOf(script),
      name: script.name,
      checksum: script.checksum,
      summary: `seed ${script.name}`,
    })),
  ]
  return works.map((work, index) => ({
    ...work,
    pass: target.state.nextPass + index,
    statement: 0,
    kind: 'seed',
    direction: 'up',
    total: 1,
    hash: work.checksum,
    class: 'module',
    objects: [],
    fingerprint: null,
    identity: false,
  }))
}

function digestPlan({ rows }: SeedTargetPlan): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}

/** `seed: 3 inserted, 1 updated`. */
function summarise({ rows }: SeedTargetPlan): string {
  const words = { insert: 'inserted', update: 'updated', adopt: 'adopted', delete: 'deleted' } as const
  const parts = Object.entries(words).flatMap(([action, word]) => {
    const count = rows.filter((row) => row.action === action).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return `seed: ${parts.join(', ')}`
}
