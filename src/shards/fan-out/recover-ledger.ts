import type { Emit } from '../../core/event.ts'
import { ToolError } from '../../core/tool-error.ts'
import {
  digestDefinitions,
  needsLooking,
  type Settlement,
  settleElsewhere,
  settleRow,
} from '../../migrations/execute/recover.ts'
import type { JournalRow, Pass } from '../../migrations/journal/journal.ts'
import { migrationLabel } from '../../migrations/plan.ts'
import { noChange, type Session } from '../../migrations/ports.ts'
import type { LedgerSnapshot } from './ports.ts'

interface OpenRow {
  readonly row: JournalRow
  readonly pass: Pass
}

/** Open rows by the worker that opened them, each worker's in the order in which it was to run them. */
function groupByWorker(ledger: LedgerSnapshot): readonly (readonly OpenRow[])[] {
  const passes = new Map(ledger.passes.map((pass) => [pass.pass, pass]))
  const groups = new Map<number, OpenRow[]>()
  for (const row of ledger.rows) {
    const pass = passes.get(row.pass)
    if (pass === undefined || (row.state !== 'open' && row.state !== 'entered')) continue
    groups.set(row.connectionId, [...(groups.get(row.connectionId) ?? []), { row, pass }])
  }
  return [...groups.values()]
}

function unsettled(session: Session, { row, pass }: OpenRow, why: string): ToolError {
  const at = `${session.target.database}/${pass.version}:${row.statement + 1}`
  return new ToolError('UNSETTLED', {
    what: `Nobody can tell whether statement ${row.statement + 1} of ${migrationLabel(pass)} ran: ${row.summary}`,
    where: { database: session.target.database, server: session.target.server },
    why,
    next: `Look at ${pass.name}, then say which it is: \`wwdb repair --ran ${at}\` or \`wwdb repair --not-run ${at}\`.`,
  })
}

/** Looks at all objects of a worker's open rows together: their definitions digested, by row. */
async function lookAt(session: Session, rows: readonly OpenRow[]): Promise<ReadonlyMap<JournalRow, string>> {
  const looked = rows.map(({ row }) => row).filter(needsLooking)
  const identity = looked.some((row) => row.identity)
  const found = await session.readDefinitions(
    looked.flatMap((row) => row.objects),
    identity,
  )
  let read = 0
  return new Map(
    looked.map((row) => {
      const own = found.slice(read, read + row.objects.length)
      read += row.objects.length
      return [row, digestDefinitions(row.objects, own)]
    }),
  )
}

async function settleWorker(session: Session, rows: readonly OpenRow[], emit: Emit): Promise<void> {
  const present = await lookAt(session, rows)
  let reachedEnd = false
  const settled = rows.map(({ row, pass }) => {
    const settlement: Settlement = reachedEnd
      ? { type: 'not-run', why: 'a statement before it did not run' }
      : (settleElsewhere(row, session.facts.uuid) ?? settleRow(row, present.get(row) ?? null))
    if (settlement.type === 'unknown') throw unsettled(session, { row, pass }, settlement.why)
    const ran: boolean = settlement.type === 'ran'
    reachedEnd ||= !ran
    return { row, pass, ran, why: settlement.why }
  })
  await session.writeJournal({
    ...noChange,
    settle: settled.map(({ row, ran }) => ({ pass: row.pass, statement: row.statement, ran })),
  })
  for (const { row, pass, ran, why } of settled) {
    const { version, name, direction, total } = pass
    const { statement, summary } = row
    const at = { target: session.target, version, name, direction, statement, total, summary }
    emit({ type: 'statement-settled', ...at, ran, why })
  }
}

/**
 * Settles what the workers of an earlier fan-out left open, when none of them is connected any more. A worker runs its
 * statements in order, so that behind the first one that did not run none did.
 * Returns whether anything was settled. Throws ToolError `UNSETTLED` where looking cannot tell.
 */
export async function recoverLedger(session: Session, ledger: LedgerSnapshot, emit: Emit): Promise<boolean> {
  const groups = groupByWorker(ledger)
  for (const rows of groups) await settleWorker(session, rows, emit)
  return groups.length > 0
}
