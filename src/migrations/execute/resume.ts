import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { assignsOnly, type Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal/journal.ts'
import type { Script } from '../migration.ts'
import type { Schemas } from '../plan/placeholders.ts'
import type { Step } from '../plan.ts'
import type { Session } from '../ports.ts'
import type { OpenTarget } from '../targets.ts'
import { readyStatement } from './ready-statement.ts'
import {
  type Fill,
  fillsTables,
  isNeeded,
  judgeRefill,
  type LaterStatement,
  listCallsAhead,
  renderCondition,
  renderNoneStored,
} from './refill.ts'
import { listOthers } from './secret-variables.ts'
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
    why: 'The file no longer contains what ran; only the statement that failed and those after it may be edited.',
    next: 'Restore that statement, and change its result with a statement after it.',
  })
}

function removedStatement(step: Step, row: JournalRow): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of \`${migrationLabel(step.migration)}\` ran and is no longer in the file: ${row.summary}.`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'Only the statement that failed and those after it may be edited.',
    next: 'Restore it where it was.',
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

const isHalfBatch = ({ state, batch }: JournalRow): boolean =>
  state !== 'closed' && batch !== undefined && batch.chunks > 0

/** A batch that is half done is continued as it began: with another text, or without its header, its rows would be changed in two ways. */
async function findBatchChange(step: Step, script: Script, row: JournalRow | null): Promise<ToolError | null> {
  if (row === null) return null
  if (script.type === 'module') return row.hash === step.migration.checksum ? null : changedCode(step, row)
  for await (const statement of script.type === 'statements' ? script.statements : script.open()) {
    if (statement.index !== row.statement) continue
    return row.hash === statement.hash && statement.batch !== undefined ? null : changedBatch(step, row)
  }
  return changedBatch(step, row)
}

function changedCode({ migration }: Step, row: JournalRow): ToolError {
  const { file, database, version } = migration
  return new ToolError('STATEMENT_CHANGED', {
    what: `The code of \`${migrationLabel(migration)}\` was changed after its batches had changed ${countOf(row.batch?.rows ?? 0, 'row')}.`,
    where: { file, database },
    why: 'Some rows were changed by the earlier code, and the others would be changed by other code.',
    next: `Restore the file; or, if the new code may run on all rows again, run \`wwdb repair --not-run ${database}/${version}:1\` first.`,
  })
}

function changedBatch({ migration }: Step, row: JournalRow): ToolError {
  const { file, database, version } = migration
  const rows = countOf(row.batch?.rows ?? 0, 'row')
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of \`${migrationLabel(migration)}\` was changed after its batch had changed ${rows}: ${row.summary}.`,
    where: { file, database },
    why: 'Some of its rows were changed by the earlier statement, and the others would be changed by another one.',
    next: `Restore the statement and its line \`-- wwdb:batch\`; or, if the new one may run on all rows again, run \`wwdb repair --not-run ${database}/${version}:${row.statement + 1}\` first.`,
  })
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
  const batch = target.snapshot.rows.find((row) => row.pass === state.pass.pass && isHalfBatch(row)) ?? null
  const change =
    script === null ? null : ((await findChange(step, script, rows)) ?? (await findBatchChange(step, script, batch)))
  if (change === null) return { pass: state.pass, rows, batch }
  if (step.migration.kind === 'repeatable') return null
  throw change
}

/**
 * Gives every step the pass it is journaled under: a new one, or the stopped one that it continues. Throws ToolError
 * `STATEMENT_CHANGED` when a statement that already ran has changed.
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
 * Restores on the connection the session state that closed statements left on theirs: remembered values are set, and
 * statements that changed only the session are run again. Throws ToolError `RESUME_FAILED` where that is no longer
 * possible.
 */
export async function replayStatement(
  work: Replay,
  { session, schemas }: { readonly session: Session; readonly schemas: Schemas },
  track: SessionTrack,
): Promise<void> {
  const { statement, row } = work
  if (row.memory !== null) await session.restoreMemory(row.memory)
  if (row.class !== 'session') return checkHidden(work, session)
  const ready = readyStatement(statement, statement, schemas, track.temporary)
  if (!(assignsOnly(statement) && row.memory !== null && row.memory.hidden === undefined)) {
    const fill = { ...statement, text: ready.text, objects: ready.objects }
    if (fillsTables(statement) && !(await isNeededLater(work, session)))
      // A value that nothing needs any more may differ, or be missing.
      await session.run(ready.text).catch(unlessRefused(session))
    else {
      await checkSource(work, fill, session, track)
      await repeat(work, session, ready.text)
    }
    // It may have set variables again, to other values than the first time.
    if (row.memory !== null) await session.restoreMemory(row.memory)
  }
  await checkHidden(work, session)
  await track.observe(statement, ready.text)
}

/** The journal keeps no value of a variable that holds a secret: it was set again, to the same value or not. */
async function checkHidden(work: Replay, session: Session): Promise<void> {
  const { hidden } = work.row.memory ?? {}
  if (hidden === undefined) return
  const others = listOthers(hidden, await session.readVariables(Object.keys(hidden)))
  if (others.length === 0) return
  const names = others.map((name) => `\`@${name}\``).join(', ')
  throw resumeFailed(
    work,
    `${names} holds a secret, whose value the journal does not keep, and running its statement again gives another value.`,
    'Set the secret from a literal in a statement of a new file instead',
  )
}

/**
 * A temporary table that was filled from other tables is filled again where that gives the same rows. Whether other sessions have changed them since is
 * unknown; changes of the migration itself are known.
 */
async function checkSource(work: Replay, fill: Fill, session: Session, track: SessionTrack): Promise<void> {
  const { schema } = session.target
  const refill = judgeRefill(fill, listLater(work), track.temporary, schema)
  if (refill.type === 'same') return
  if (refill.type === 'changed') throw cannotRefill(work, refill.why)
  if ((await session.evaluate(renderCondition(refill, schema))) === '1') return
  const why =
    'statements that ran after it may have changed what it reads: it reads a view, or a trigger, a stored function, a foreign key with CASCADE or SET NULL, or triggers cannot be seen without the TRIGGER privilege'
  throw cannotRefill(work, why)
}

/** The later statements; of a file too large to keep in memory, those that ran, as their rows describe them. */
function listLater({ run, statement }: Replay): readonly LaterStatement[] {
  const { step, resumption } = run
  const rows = resumption?.rows ?? new Map<number, JournalRow>()
  const script = step.type === 'revert' ? step.migration.down : step.migration.up
  if (script?.type === 'statements')
    return script.statements.flatMap((one): readonly LaterStatement[] =>
      one.index > statement.index ? [{ statement: one, row: rows.get(one.index) ?? null }] : [],
    )
  return [...rows.values()].flatMap((row): readonly LaterStatement[] => {
    const { summary, objects } = row
    const described = { text: summary, verb: summary, class: 'definition', objects, line: row.statement + 1 } as const
    return row.statement > statement.index ? [{ statement: described, row }] : []
  })
}

async function isNeededLater(work: Replay, session: Session): Promise<boolean> {
  const { step } = work.run
  const script = step.type === 'revert' ? step.migration.down : step.migration.up
  if (script?.type !== 'statements') return true
  const later = listLater(work)
  if (isNeeded(work.statement.objects, later)) return true
  return (await session.evaluate(renderNoneStored(listCallsAhead(later)))) !== '1'
}

const unlessRefused =
  (session: Session) =>
  (error: unknown): void => {
    const failure = session.explain(error)
    if (failure === null || failure.type === 'lost') throw error
  }

function cannotRefill(work: Replay, why: string): ToolError {
  const names = [...new Set(work.statement.objects.map(({ name }) => `\`${name}\``))].join(', ')
  return resumeFailed(
    work,
    `The temporary table was lost with its session, and filling it again may give other rows: ${why}.`,
    `Rewrite the statements of the file that have not run so that none needs ${names}, and run \`wwdb migrate\` again`,
  )
}

async function repeat(work: Replay, session: Session, text: string): Promise<void> {
  try {
    await session.run(text)
  } catch (cause) {
    const failure = session.explain(cause)
    if (failure === null) throw cause
    if (failure.type !== 'lost')
      throw resumeFailed(work, failure.why, 'Fix what the server refuses there, and run `wwdb migrate` again', cause)
    const what = `The connection was lost before \`${migrationLabel(work.run.step.migration)}\` could continue`
    const next = 'Run the command again when the server is reachable.'
    throw new ToolError('CONNECTION_LOST', { what, where: placeOf(work), why: failure.why, next }, { cause })
  }
}

function placeOf({ run, statement }: Replay) {
  return { file: statement.file, line: statement.line, column: statement.column, database: run.step.migration.database }
}

function resumeFailed(work: Replay, why: string, way: string, cause?: unknown): ToolError {
  const { migration, from, total } = work.run.step
  const fault = {
    what: `\`${migrationLabel(migration)}\` cannot continue at statement ${from + 1} of ${total}: the session state of statement ${work.row.statement + 1} cannot be restored: ${work.row.summary}.`,
    where: placeOf(work),
    why,
    next: `${way}; or run the rest of the file by hand, then record it with \`wwdb mark ${migration.version} --applied -t ${migration.database}\`.`,
  }
  return new ToolError('RESUME_FAILED', fault, { cause })
}
