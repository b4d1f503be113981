import type { Script } from '../../core/migration.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Statement } from '../../sql/statement.ts'
import type { JournalRow } from '../journal.ts'
import { migrationLabel } from '../migration-label.ts'
import type { Step } from '../plan.ts'
import type { OpenTarget } from '../targets.ts'
import type { Resumption, StepRun } from './work.ts'

function changedStatement(step: Step, statement: Statement, row: JournalRow): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of ${migrationLabel(step.migration)} was changed after it ran: ${row.summary}`,
    where: {
      file: step.migration.file,
      line: statement.line,
      column: statement.column,
      database: step.migration.database,
    },
    why: 'what ran is no longer what the file says; only the statement that failed and those after it may be edited',
    next: 'Put that statement back as it was, and change what it made with a statement after it.',
  })
}

function removedStatement(step: Step, row: JournalRow): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `Statement ${row.statement + 1} of ${migrationLabel(step.migration)} ran and is no longer in the file: ${row.summary}`,
    where: { file: step.migration.file, database: step.migration.database },
    why: 'only the statement that failed and those after it may be edited',
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
 * Gives every step the pass it is journalled under: a new one, or the stopped one it goes on with.
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
