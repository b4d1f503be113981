import { type Fault, ToolError } from '../core/tool-error.ts'
import type { RunFailure, Session } from '../migrations/ports.ts'
import type { PlannedRow } from './plan-rows.ts'
import type { SeedTable } from './seed.ts'

/** Where seeds are written, and how long one statement of theirs may run. */
export interface Writing {
  readonly session: Session
  /** Milliseconds, or null without limit. */
  readonly statementTimeout: number | null
}

/**
 * Runs one statement of seeds and ends it at the server when it takes longer than it may. What the server says against it
 * becomes a sentence; anything else is thrown as it is.
 * @param about what failed, and where
 */
export async function attemptWrite<Result>(
  { session, statementTimeout }: Writing,
  about: Fault,
  work: () => Promise<Result>,
): Promise<Result> {
  let timedOut = false
  const end = (): void => {
    timedOut = true
    void session.cancel().catch(() => undefined)
  }
  const timer = statementTimeout === null ? undefined : setTimeout(end, statementTimeout)
  try {
    return await work()
  } catch (error) {
    const failure = error instanceof ToolError ? null : session.explain(error)
    if (failure === null) throw error
    throw failure.type === 'cancelled' && timedOut
      ? timeoutError(session, failure, about, error)
      : toError(session, failure, about, error)
  } finally {
    clearTimeout(timer)
  }
}

const nothing = 'All seeds of a database are one transaction: nothing of it was kept.'

function timeoutError(session: Session, { why }: RunFailure, about: Fault, cause: unknown): ToolError {
  const { database, server } = session.target
  const where = { ...about.where, database, server }
  const fault = {
    ...about,
    where,
    why: `it took longer than --statement-timeout: ${why}`,
    next: `${nothing} Raise the limit, then run again.`,
  }
  return new ToolError('STATEMENT_TIMEOUT', fault, { cause })
}

/** Runs a write of rows; what the server says against it becomes a sentence about them. */
export async function refuseWrite(
  writing: Writing,
  seed: SeedTable,
  rows: readonly PlannedRow[],
  work: () => Promise<void>,
): Promise<void> {
  if (rows.length === 0) return
  const where = rows[0]?.row.place ?? seed.tablePlace
  const what = `MySQL did not take ${rows.length === 1 ? 'a row' : `one of ${rows.length} rows`} of "${seed.table}".`
  await attemptWrite(writing, { what, where }, work)
}

function toError(session: Session, failure: RunFailure, about: Fault, cause: unknown): ToolError {
  const { database, server } = session.target
  const where = { ...about.where, database, server }
  switch (failure.type) {
    case 'lost':
      return new ToolError(
        'CONNECTION_LOST',
        { ...about, where, why: failure.why, next: `${nothing} Run again when the server is back.` },
        { cause },
      )
    case 'waited':
      return new ToolError(
        'SEED_WAITED',
        { ...about, where, why: failure.why, next: `${nothing} Run again when the others are done.` },
        { cause },
      )
    case 'cancelled':
      return new ToolError('STOPPED', { ...about, where, why: failure.why, next: `${nothing} Run again.` }, { cause })
    case 'refused':
      return new ToolError(
        'SEED_REFUSED',
        {
          ...about,
          where,
          why: `${failure.why} (error ${failure.number})`,
          next: `${nothing} Correct it and run again.`,
        },
        { cause },
      )
  }
}
