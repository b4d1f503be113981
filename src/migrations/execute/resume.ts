import type { Script } from '../../core/migration.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal/journal.ts'
import type { Schemas } from '../plan/placeholders.ts'
import type { Step } from '../plan.ts'
import { migrationLabel } from '../plan.ts'
import type { Session } from '../ports.ts'
import type { OpenTarget } from '../targets.ts'
import { readyStatement } from './ready-statement.ts'
import type { SessionTrack } from './session-track.ts'
import type { Resumption, StepRun, Work } from './work.ts'

function changedStatement(step: Step, statement: Statement, row: JournalRow): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of \`${migrationLabel(step.migration)}\` was changed after it ran: ${row.summary}.`,
    where: {
      file: step.migration.file,
      line: statement.line,
      column: statement.column,
      database: step.migration.database,
    },
    why: 'What ran is no longer what the file says; only the statement that failed and those after it may be edited.',
    next: 'Put that statement back as it was, and change what it made with a statement after it.',
  })
}

function removedStatement(step: Step, row: JournalRow): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of \`${migrationLabel(step.migration)}\` ran and is no longer in the file: ${row.summary}.`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'Only the statement that failed and those after it may be edited.',
    next: 'Put it back where it was.',
  })
}

/** The first closed row that the script does not have any more, or null when all are as they ran. */
async function findChange(
  step: Step,
  script: Script,
  rows: ReadonlyMap<number, JournalRow>,
): Promise<ToolError | null> {
  if (script.type === 'module') return null
  let left = rows.size
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (left === 0) return null
    const row = rows.get(statement.index)
    if (row === undefined) continue
    if (row.hash !== statement.hash) return changedStatement(step, statement, row)
    left -= 1
  }
  const last = [...rows.values()].find((row) => row.statement >= step.total)
  return last === undefined ? null : removedStatement(step, last)
}

/** What resuming asks of a journal. */
type JournalToResume = Pick<OpenTarget, 'state'> & { readonly snapshot: Pick<OpenTarget['snapshot'], 'rows'> }

async function findResumption(target: JournalToResume, step: Step): Promise<Resumption | null> {
  if (step.type === 'record') return null
  const state = target.state.states.get(step.migration.version)
  if (state === undefined || (state.type !== 'partial' && state.type !== 'reverting')) return null
  if ((state.type === 'reverting') !== (step.type === 'revert')) return null
  const closed = target.snapshot.rows.filter((row) => row.pass === state.pass.pass && row.state === 'closed')
  const rows = new Map(closed.map((row) => [row.statement, row]))
  const script = step.type === 'revert' ? step.migration.down : step.migration.up
  const change = script === null ? null : await findChange(step, script, rows)
  if (change === null) return { pass: state.pass, rows }
  if (step.migration.kind === 'repeatable') return null
  throw change
}

/**
 * Gives every step the pass it is journaled under: a new one, or the stopped one that it continues.
 * Throws ToolError `STATEMENT_CHANGED` when a statement that already ran is no longer what it was.
 */
export async function assignPasses(target: JournalToResume, steps: readonly Step[]): Promise<readonly StepRun[]> {
  let next = target.state.nextPass
  const runs: StepRun[] = []
  for (const step of steps) {
    const resumption = await findResumption(target, step)
    if (resumption !== null)
      runs.push({ step: { ...step, from: resumption.pass.closed }, pass: resumption.pass.pass, resumption })
    else {
      runs.push({ step: { ...step, from: 0 }, pass: next, resumption: null })
      next += 1
    }
  }
  return runs
}

type Replay = Work & { readonly type: 'replay' }

/**
 * Gives the connection what a closed statement left in the one it ran on: remembered values are set, and statements that
 * changed only the session are run again. Throws ToolError `RESUME_FAILED` where that is not possible any more.
 */
export async function replayStatement(
  work: Replay,
  { session, schemas }: { readonly session: Session; readonly schemas: Schemas },
  track: SessionTrack,
): Promise<void> {
  const { statement, row } = work
  if (row.memory !== null) await session.restoreMemory(row.memory)
  if (row.class !== 'session') return
  const ready = readyStatement(statement, statement, schemas, track.temporary)
  if (!(assignsOnly(statement) && row.memory !== null)) {
    checkSource(work)
    await repeat(work, session, ready.text)
    // It may have set variables again, to other values than the first time.
    if (row.memory !== null) await session.restoreMemory(row.memory)
  }
  await track.observe(statement, ready.text)
}

function assignsOnly(statement: Statement): boolean {
  return (
    statement.class === 'session' &&
    statement.sessionVariables.length === 0 &&
    statement.prepared === null &&
    !/TABLE/.test(statement.verb)
  )
}

/**
 * A temporary table that was filled from other tables can be made again only while those are as they were. Whether they
 * are cannot be seen once a later statement has changed anything; it does not matter once the table was dropped.
 */
function checkSource(work: Replay): void {
  const { statement, row } = work
  const fills = /^(?:CREATE TEMPORARY TABLE|INSERT|REPLACE|UPDATE|DELETE|WITH)$/.test(statement.verb)
  if (!fills || !/\bselect\b[\s\S]*\bfrom\b/i.test(statement.text)) return
  const later = [...(work.run.resumption?.rows.values() ?? [])].filter((other) => other.statement > row.statement)
  const isDropped = statement.objects.every((object) => later.some((other) => drops(other, object.name)))
  if (isDropped || !later.some((other) => /^(?:data|definition|call)$/.test(other.class))) return
  throw resumeFailed(work, 'statements after it have changed data, so what it reads may no longer be what it read')
}

function drops(row: JournalRow, name: string): boolean {
  const isDrop = row.class === 'session' && row.summary.startsWith('DROP')
  return isDrop && row.objects.some((object) => object.name.toLowerCase() === name.toLowerCase())
}

async function repeat(work: Replay, session: Session, text: string): Promise<void> {
  try {
    await session.run(text)
  } catch (cause) {
    const failure = session.explain(cause)
    if (failure === null) throw cause
    if (failure.type !== 'lost') throw resumeFailed(work, failure.why, cause)
    const what = `The connection was lost before \`${migrationLabel(work.run.step.migration)}\` could continue`
    const next = 'Run again when the server answers.'
    throw new ToolError('CONNECTION_LOST', { what, where: placeOf(work), why: failure.why, next }, { cause })
  }
}

function placeOf({ run, statement }: Replay) {
  return { file: statement.file, line: statement.line, column: statement.column, database: run.step.migration.database }
}

function resumeFailed(work: Replay, why: string, cause?: unknown): ToolError {
  const { migration, from, total } = work.run.step
  const fault = {
    what: `\`${migrationLabel(migration)}\` cannot continue at statement ${from + 1} of ${total}: the session state of statement ${work.row.statement + 1} cannot be restored: ${work.row.summary}.`,
    where: placeOf(work),
    why,
    next: `Do the rest of the file by hand, then record it with \`wwdb mark ${migration.version} --applied -t ${migration.database}\`.`,
  }
  return new ToolError('RESUME_FAILED', fault, { cause })
}
