import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import type { Target } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { WalkKey } from '../../operate/batches/choose-key.ts'
import { describeKey, type KeyValue } from '../../operate/batches/key-range.ts'
import type { BatchProgress } from '../../operate/batches/walk-table.ts'
import type { AttemptResult, StatementFailure } from './attempt.ts'
import { statementFailed } from './failures.ts'
import type { StatementToOpen } from './step-rows.ts'

/**
 * Errors that one row causes, or the size of the chunk (1197, 1206): a smaller chunk may succeed. NULL, keys, foreign keys, values out of range or of another
 * form, partitions, JSON, CHECK constraints, SIGNAL of a trigger, subqueries with several rows.
 */
const rowErrors: ReadonlySet<number> = new Set([
  1048, 1062, 1169, 1197, 1206, 1216, 1217, 1242, 1264, 1265, 1292, 1364, 1365, 1366, 1406, 1411, 1416, 1451, 1452,
  1526, 1586, 1644, 1690, 1748, 1761, 1762, 3140, 3141, 3146, 3156, 3157, 3819, 3903, 4025,
])

export function isRowRefused(failure: StatementFailure): boolean {
  return failure.type === 'refused' && rowErrors.has(failure.number)
}

/** The error of a statement that cannot run in batches on the table as it is. */
export function batchRefused(
  { run, ready, target }: StatementToOpen & { readonly target: Target },
  why: string,
  next: string = refusedNext,
): ToolError {
  const { step } = run
  const { source, summary } = ready
  return new ToolError('BATCH_REFUSED', {
    what: `Statement ${source.index + 1} of \`${migrationLabel(step.migration)}\` cannot run in batches: ${summary}.`,
    where: {
      file: step.migration.file,
      line: source.line,
      column: source.column,
      database: target.database,
      server: target.server,
    },
    why,
    next,
  })
}

export const refusedNext =
  'Name another key with `-- wwdb:batch key=NAME`, rewrite the statement, or remove the line `-- wwdb:batch`: it then runs in one transaction.'

export const refusedUndoNext =
  'Remove the line `-- wwdb:undo`: the batch then runs, and nothing of it is kept. Or rewrite the statement.'

/** Where a batch failed. */
interface FailedWalk {
  readonly progress: BatchProgress
  readonly key: KeyValue | null
  readonly keyOf: WalkKey
}

/** The error of a chunk that did not get through, with the row where that is known. What was committed before it is said. */
export function batchFailed(
  { run, ready }: StatementToOpen,
  target: Target,
  result: AttemptResult & { readonly type: 'failed' },
  walk: FailedWalk | null,
): ToolError {
  const { source, summary } = ready
  const at = { target, step: run.step, index: source.index, summary, statement: source }
  const error = statementFailed(at, result)
  return walk === null ? error : describeFailedWalk(error, walk)
}

/** Adds where the walk failed, and what was committed before it. */
export function describeFailedWalk(error: ToolError, walk: FailedWalk): ToolError {
  const faults = error.faults.map((fault) => describeWalk(fault, walk))
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error })
}

function describeWalk(fault: Fault, { progress, key, keyOf }: FailedWalk): Fault {
  const done =
    progress.chunks === 0
      ? 'No chunk before it was committed'
      : `${countOf(progress.rows, 'row')} in ${countOf(progress.chunks, 'chunk')} before it ${progress.rows === 1 ? 'is' : 'are'} changed and committed`
  if (key === null) return { ...fault, why: `${withoutStop(fault.why)}. ${done}.` }
  return {
    ...fault,
    what: fault.what.replace(/\.$/, `, at the row with ${describeKey(keyOf, key)}.`),
    why: `${withoutStop(fault.why)}. ${done}.`,
    next: 'Correct that row, or what it conflicts with, and run the command again: it continues at this row.',
  }
}

const withoutStop = (text: string | undefined): string => (text ?? '').replace(/\.$/, '')
