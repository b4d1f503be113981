import { createHash } from 'node:crypto'
import type { StopRequest } from '../core/stop-request.ts'
import { ToolError } from '../core/tool-error.ts'
import { withTermination } from '../migrations/execute/attempt.ts'
import { findPlaceInCode, forbidsWriting } from '../migrations/execute/failures.ts'
import { noChange, openRow, type RowToOpen } from '../migrations/journal/rows.ts'
import { approveCode } from '../migrations/plan/approve-code.ts'
import { resolveText, type Schemas, schemasOf } from '../migrations/plan/placeholders.ts'
import type { Journal, Statements } from '../migrations/ports.ts'
import { beginningOf } from '../sql/mask-passwords.ts'
import type { Statement } from '../sql/statement.ts'
import { summarizeStatement } from '../sql/statement.ts'
import { hasWork, type PrunePlanning, planPrune, type TargetPlanning, versionOf } from './plan-target.ts'
import type { SeedRequest, SeedTarget } from './ports.ts'
import type { SeedOutcome, SeedScript, SeedTargetPlan } from './seed.ts'
import { attemptWrite, type Writing, writeRows } from './write-rows.ts'

/** How the seeding of one target ended. */
export interface TargetEnd {
  readonly outcome: SeedOutcome
  readonly error: unknown
}

function stopped(): ToolError {
  return new ToolError('STOPPED', {
    what: 'Stopped before the seeds were committed.',
    next: 'Run the command again when ready.',
  })
}

/**
 * Seeds one target under its lock, in one transaction: the journal's rows are opened before it, and closed with it. Never
 * throws: failures are in the outcome.
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
  // A write is killed by its attempt; this ends waits between writes, such as the query for rows that others have locked.
  const unsubscribe = request.stop.onKill(() => void session.cancel().catch(() => undefined))
  try {
    await carryOut(request, seeding, planning)
    return end('done', null)
  } catch (error) {
    return end(error instanceof ToolError && error.code === 'STOPPED' ? 'stopped' : 'failed', error)
  } finally {
    unsubscribe()
  }
}

function describeEnd(state: SeedOutcome['state'], error: unknown) {
  const known = error instanceof ToolError ? error : null
  const fault = known?.faults[0] ?? (error === null ? null : { what: String(error) })
  return { state, fault, code: known?.code ?? null }
}

async function carryOut(
  request: SeedRequest,
  seeding: SeedTarget,
  { plan, scripts, prune }: TargetPlanning,
): Promise<void> {
  const { session } = seeding.target
  const checkStop = (): void => {
    if (request.stop.requested) throw stopped()
  }
  checkStop()
  // All of it is one transaction, which a pause would keep open: it is asked once, while nothing is locked.
  if (isOfSize(plan, scripts)) await request.governors?.of(session.target)?.clear()
  checkStop()
  if (request.remember !== false) await seeding.store.createRecords()
  const rows = openRows(request, seeding, plan, scripts)
  await session.writeJournal({ ...noChange, open: rows })
  const started = performance.now()
  try {
    await writeRows(request, seeding, checkStop)
    const writing = { session, statementTimeout: request.config.timeouts.statement, stop: request.stop }
    if (request.prune) await pruneRows(writing, seeding, prune)
    const schemas = schemasOf(request.config)
    for (const script of scripts) {
      checkStop()
      await runScript(writing, script, schemas, checkStop)
      await seeding.store.programs?.write(script)
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

/** Rows from which on seeds load a server; what scripts write is not known beforehand. */
const rowsOfSize = 1000

function isOfSize({ rows }: SeedTargetPlan, scripts: readonly SeedScript[]): boolean {
  const written = rows.filter(({ action }) => action !== 'keep' && action !== 'leave')
  return scripts.length > 0 || written.length >= rowsOfSize
}

/** Rows are looked up again and locked: a row that was changed since the plan stays as it is. */
async function pruneRows(writing: Writing, { store }: SeedTarget, prune: PrunePlanning): Promise<void> {
  if (prune.doomed.length === 0) return
  const { doomed } = await planPrune(store, prune.forget, false, true)
  const about = { what: 'MySQL refused to delete a row that is no longer in the seeds.' }
  await attemptWrite(writing, about, () => store.remove(doomed))
  await store.forgetRecords(prune.forget)
}

async function settleFailure(session: Statements & Journal, rows: readonly RowToOpen[], error: unknown): Promise<void> {
  if (forbidsWriting(error)) return
  const why = error instanceof ToolError ? (error.faults[0]?.why ?? error.message) : String(error)
  const at = rows.map(({ pass, statement }) => ({ pass, statement }))
  const dropped = error instanceof ToolError && error.code === 'STOPPED'
  await session.rollback()
  await session
    .writeJournal(
      dropped ? { ...noChange, drop: at } : { ...noChange, fail: at.map((row) => ({ ...row, error: why })) },
    )
    .catch(() => undefined) // the first error is the one to report; the next run settles rows that stay open
}

/** One journal row for all rows of the database, and one for each script that runs. */
function openRows(
  { pass = 'rows' }: SeedRequest,
  { target }: SeedTarget,
  plan: SeedTargetPlan,
  scripts: readonly SeedScript[],
): readonly RowToOpen[] {
  const works = [
    ...(plan.rows.some(({ action }) => action !== 'keep' && action !== 'leave')
      ? [{ version: `S__${pass}`, name: pass, checksum: digestPlan(plan), summary: summarize(plan) }]
      : []),
    ...scripts.map((script) => ({
      version: versionOf(script),
      name: script.name,
      checksum: script.checksum,
      summary: `seed ${script.name}`,
    })),
  ]
  return works.map((work, index) =>
    openRow({ ...work, pass: target.state.nextPass + index, kind: 'seed', direction: 'up', class: 'module' }),
  )
}

function digestPlan({ rows }: SeedTargetPlan): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}

/** `seed: 3 inserted, 1 updated`. */
function summarize({ rows }: SeedTargetPlan): string {
  const words = { insert: 'inserted', update: 'updated', adopt: 'adopted', delete: 'deleted' } as const
  const parts = Object.entries(words).flatMap(([action, word]) => {
    const count = rows.filter((row) => row.action === action).length
    return count === 0 ? [] : [`${count} ${word}`]
  })
  return `seed: ${parts.join(', ')}`
}

interface ScriptWriting extends Writing {
  readonly stop: StopRequest
}

/** Runs a seed that is a program inside the transaction of the run; leaves its changes uncommitted. */
async function runScript(
  writing: ScriptWriting,
  script: SeedScript,
  schemas: Schemas,
  checkStop: () => void,
): Promise<void> {
  if (script.body.type === 'module') return runModule(writing, script, script.body)
  for (const statement of script.body.statements) {
    checkStop()
    await runStatement(writing, statement, schemas)
  }
  await forgetSession(writing.session, script.body.statements)
}

async function runStatement(writing: Writing, statement: Statement, schemas: Schemas): Promise<void> {
  const { file, line, column, text } = statement
  const about = {
    what: `A seed's statement failed: ${summarizeStatement(statement)}.`,
    where: { file, line, column, statement: beginningOf(text) },
  }
  await attemptWrite(writing, about, () => writing.session.run(resolveText(text, schemas)))
}

/** The time limit is that of the whole function: when it sends which statements is its own business. */
async function runModule(
  writing: ScriptWriting,
  { file }: SeedScript,
  { path, run }: SeedScript['body'] & { readonly type: 'module' },
): Promise<void> {
  const { session, stop } = writing
  const { database, server } = session.target
  const about = { what: "A seed's function failed.", where: { file } }
  // A seed is idempotent by its own means: of its statements, only those that touch wwdb's own tables are refused.
  const approve = approveCode(session, { file, accepted: [], known: null, permission: null })
  try {
    await withTermination(stop, (soon) => attemptWrite(writing, about, () => session.runModule(run, soon, approve)))
  } catch (error) {
    // The server's error became a sentence; its origin is in the cause.
    const place = findPlaceInCode(path, error) ?? findPlaceInCode(path, error instanceof Error ? error.cause : null)
    const where = { file, database, server, ...place }
    if (error instanceof ToolError) {
      const faults = error.faults.map((fault) => ({ ...fault, where: { ...where, ...fault.where } }))
      throw new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
    }
    const why = error instanceof Error ? error.message : String(error)
    const fault = { ...about, where, why, next: 'Everything was rolled back. Correct it and run the command again.' }
    throw new ToolError('SEED_FAILED', fault, { cause: error })
  }
}

/** What one script set in the session does not apply to the next; the transaction continues. */
async function forgetSession(session: Statements, statements: readonly Statement[]): Promise<void> {
  const userVariables = [...new Set(statements.flatMap((statement) => statement.userVariables))]
  const sessionVariables = [...new Set(statements.flatMap((statement) => statement.sessionVariables))]
  if (userVariables.length + sessionVariables.length === 0) return
  await session.restoreSession({ sessionVariables, userVariables, prepared: [], temporaryTables: [] })
}
