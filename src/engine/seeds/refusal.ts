import type { SeedTable } from '../../domain/seeds/seed.ts'
import { type Fault, ToolError } from '../../domain/tool-error.ts'
import type { RunFailure, Session } from '../ports.ts'
import type { PlannedRow } from './plan-rows.ts'

/** Runs a write; what the server says against it becomes a sentence about the rows. */
export async function refuseWrite(
  session: Session,
  seed: SeedTable,
  rows: readonly PlannedRow[],
  work: () => Promise<void>,
): Promise<void> {
  if (rows.length === 0) return
  try {
    await work()
  } catch (error) {
    const failure = session.explain(error)
    if (failure === null) throw error
    const where = rows[0]?.row.place ?? seed.tablePlace
    const about = rows.length === 1 ? 'a row' : `one of ${rows.length} rows`
    throw toError(session, failure, { what: `MySQL did not take ${about} of "${seed.table}".`, where }, error)
  }
}

/** @param about what failed, and where */
export function toError(session: Session, failure: RunFailure, about: Fault, cause: unknown): ToolError {
  const { database, server } = session.target
  const where = { ...about.where, database, server }
  const nothing = 'All seeds of a database are one transaction: nothing of it was kept.'
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
