import { migrationLabel } from '../../core/migration-label.ts'
import { countOf } from '../../core/plural.ts'
import { ToolError } from '../../core/tool-error.ts'
import { chooseKey, type WalkKey } from '../../operate/batches/choose-key.ts'
import { renderOrder } from '../../operate/batches/key-range.ts'
import { readWalk, type Walk, type WalkReading } from '../../operate/batches/read-walk.ts'
import type { BatchProgress, WalkRequest } from '../../operate/batches/walk-table.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import { quoteName } from '../../sql/quote-name.ts'
import { readBatchOptions } from '../files/batch-header.ts'
import { rolledBack } from '../user-code.ts'
import type { ExecutionRequest, StepRun } from './work.ts'

/** How the rows of a call of `batch()` are walked. */
export interface CodeWalk extends Pick<WalkRequest, 'aim'> {
  readonly walk: Walk
  readonly key: WalkKey
  /** Rows of the table, by InnoDB. */
  readonly estimate: number
}

/** The way through a query, whose chunks are read with locks: what the code computes from a row is not overwritten by others. Throws ToolError `BATCH_REFUSED`. */
export async function chooseCodeWalk(
  { session }: Pick<ExecutionRequest, 'session'>,
  run: StepRun,
  sql: string,
  given: Readonly<Record<string, unknown>>,
  standing: BatchProgress | null,
): Promise<CodeWalk> {
  const refused = (why: string): ToolError => batchOfCodeRefused(run, sql, why)
  const options = readBatchOptions(given)
  if (typeof options === 'string') throw refused(options)
  const reading = readRowsToWalk(sql)
  if (reading.type === 'refused') throw refused(reading.why)
  const { walk } = reading
  const table = await session.readBatchTable(walk.table)
  if (table === null) throw refused(`\`${walk.table.name}\` does not exist.`)
  const choice = chooseKey(table, walk, options, standing)
  if (choice.type === 'refused') throw refused(choice.why)
  const after = `${renderOrder(walk.alias, choice.key)} FOR UPDATE OF ${quoteName(walk.alias)}`
  const aim = { time: options.time, rows: options.rows }
  return { walk: { ...walk, after }, key: choice.key, aim, estimate: table.rows }
}

const insert = 'INSERT INTO wwdb_rows '

/** The rows of a SELECT that code changes chunk by chunk: each must come from exactly one row of the walked table, as those of INSERT ... SELECT. */
function readRowsToWalk(text: string): WalkReading {
  if (!/^\s*select\b/i.test(text)) return { type: 'refused', why: 'It is not a SELECT.' }
  const reading = readWalk(`${insert}${text}`)
  if (reading.type === 'refused') return reading
  const { into: _, ...walk } = reading.walk
  // What the code does with them is not known: they are judged like those of an UPDATE.
  return { type: 'walk', walk: { ...walk, verb: 'UPDATE', before: walk.before.slice(insert.length) } }
}

function batchOfCodeRefused({ step }: StepRun, sql: string, why: string): ToolError {
  return new ToolError('BATCH_REFUSED', {
    what: `A call of \`batch()\` in \`${migrationLabel(step.migration)}\` cannot run in chunks.`,
    where: { file: step.migration.file, statement: beginningOf(sql) },
    why,
    next: 'Name another key with the option `key`, or rewrite the query.',
  })
}

/** What was written before a batch would be committed with its first chunk, and written again by a run that continues. */
export function refuseBegin(sql: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: 'A data migration changed rows before it called `batch()`.',
    where: { statement: beginningOf(sql) },
    why: 'A run that continues after a kill calls the function again, and would change them a second time.',
    next: 'Change them after the last `batch()`, within its function, or in a migration of its own before this one.',
  })
}

/** The savepoint of knex's transaction would be gone with the first chunk. */
export function refuseWithinTransaction(sql: string): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: '`batch()` was called within a transaction of knex.',
    where: { statement: beginningOf(sql) },
    why: 'Each chunk is a transaction of its own, and is committed before the next one.',
    next: 'Call `batch()` outside of `knex.transaction()`.',
  })
}

/** The function ended while its batch was running: the rest of the rows would be passed over. */
export function refuseUnawaited({ step }: StepRun): ToolError {
  return new ToolError('DATA_MIGRATION_REFUSED', {
    what: `A call of \`batch()\` in \`${migrationLabel(step.migration)}\` was not awaited.`,
    where: { file: step.migration.file },
    why: 'The function ended before its batch did.',
    next: `${rolledBack.nothingKept} Write \`await batch(...)\`, then run the command again.`,
  })
}

/** Code that fails behind a committed chunk keeps what the chunks changed, and is continued only with the same text. */
export function sayWhatIsCommitted(error: ToolError, { rows, chunks }: BatchProgress, { step }: StepRun): ToolError {
  const { database, version } = step.migration
  const done = `${countOf(rows, 'row')} in ${countOf(chunks, 'chunk')} ${rows === 1 ? 'is' : 'are'} changed and committed; what the code changed after them was rolled back.`
  const again = `The next run continues there, with the same text of the file: if the text has to change and all rows may be changed again, run \`wwdb repair --not-run ${database}/${version}:1\` first.`
  const faults = error.faults.map((fault) => {
    const { next } = fault
    const claim = Object.values(rolledBack).find((one) => next?.includes(one))
    if (next === undefined || claim === undefined) return fault
    return { ...fault, next: next.replace(claim, () => `${done} ${again}`) }
  })
  return new ToolError(error.code, faults, { exitCode: error.exitCode, cause: error.cause })
}

/** The query of a call differs from that of the run that is continued. */
export function codeChanged({ step }: StepRun, sql: string): ToolError {
  return new ToolError('STATEMENT_CHANGED', {
    what: `\`batch()\` in \`${migrationLabel(step.migration)}\` was called with another query than in the run that it continues.`,
    where: { file: step.migration.file, statement: beginningOf(sql) },
    why: 'A run that continues needs the same calls in the same order, with the same values: some rows were changed by the earlier ones.',
    next: `Give the query the values of that time instead of the current ones; or, if all rows may be changed again, run \`wwdb repair --not-run ${step.migration.database}/${step.migration.version}:1\` first.`,
  })
}
