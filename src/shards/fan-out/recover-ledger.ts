import type { Context } from '../../command/context.ts'
import type { Emit } from '../../command/event.ts'
import type { Config } from '../../config/config.ts'
import { groupBy } from '../../core/group-by.ts'
import { migrationLabel } from '../../core/migration-label.ts'
import { ToolError } from '../../core/tool-error.ts'
import {
  keepCheckpoint,
  needsLooking,
  settleByLooking,
  settleChange,
  settleElsewhere,
} from '../../migrations/execute/recover.ts'
import type { JournalRow, Pass } from '../../migrations/journal/journal.ts'
import { noChange } from '../../migrations/journal/rows.ts'
import type { Settlement } from '../../migrations/journal/settlement.ts'
import type { JournalChangePlan } from '../../migrations/journal-commands.ts'
import type { OnlineChanges } from '../../migrations/online-changes.ts'
import type { Reads, Session } from '../../migrations/ports.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import type { SettledChange } from '../../operate/online/settle.ts'
import { type LedgerSnapshot, shardLedgers } from './ports.ts'

interface OpenRow {
  readonly row: JournalRow
  readonly pass: Pass
}

/** Open rows by the worker that opened them, in the order in which the worker would have run them. */
function groupByWorker(ledger: LedgerSnapshot): readonly (readonly OpenRow[])[] {
  const passes = new Map(ledger.passes.map((pass) => [pass.pass, pass]))
  const open = ledger.rows.flatMap((row): readonly OpenRow[] => {
    const pass = passes.get(row.pass)
    return pass === undefined || (row.state !== 'open' && row.state !== 'entered') ? [] : [{ row, pass }]
  })
  return [...groupBy(open, ({ row }) => row.connectionId).values()]
}

function unsettled(session: Session, { row, pass }: OpenRow, why: string): ToolError {
  const at = `${session.target.database}/${pass.version}:${row.statement + 1}`
  return new ToolError('UNSETTLED', {
    what: `It is unknown whether statement ${row.statement + 1} of \`${migrationLabel(pass)}\` ran: ${row.summary}.`,
    where: { database: session.target.database, server: session.target.server },
    why,
    next: `Check \`${pass.name}\`, then settle it: \`wwdb repair --ran ${at}\` or \`wwdb repair --not-run ${at}\`.`,
  })
}

type Found = ReadonlyMap<JournalRow, readonly (string | null)[]>

/** Reads all objects of a worker's open rows together: their definitions by row, each as when the row was opened. */
async function lookAt(session: Reads, rows: readonly OpenRow[]): Promise<Found> {
  const looked = rows.map(({ row }) => row).filter(needsLooking)
  const found = new Map<JournalRow, readonly (string | null)[]>()
  for (const identity of [false, true]) {
    const alike = looked.filter((row) => row.identity === identity)
    const objects = alike.flatMap((row) => row.objects)
    const definitions = objects.length === 0 ? [] : await session.readDefinitions(objects, identity)
    let read = 0
    for (const row of alike) {
      found.set(row, definitions.slice(read, read + row.objects.length))
      read += row.objects.length
    }
  }
  return found
}

async function settleWorker(
  session: Session,
  rows: readonly OpenRow[],
  { passes }: LedgerSnapshot,
  changes: readonly SettledChange[],
  emit: Emit,
): Promise<void> {
  const present = await lookAt(session, rows)
  let reachedEnd = false
  const settled = rows.flatMap(({ row, pass }) => {
    const kept = keepCheckpoint(row, pass, passes)
    if (kept !== null) {
      reachedEnd = true
      return [{ row, pass, ran: false, why: kept }]
    }
    const settlement: Settlement = reachedEnd
      ? { type: 'not-run', why: 'a statement before it did not run' }
      : (settleChange(row, pass, changes) ??
        settleElsewhere(row, session.facts.uuid) ??
        settleByLooking(row, present.get(row) ?? null))
    if (settlement.type === 'unknown') throw unsettled(session, { row, pass }, settlement.why)
    const ran: boolean = settlement.type === 'ran'
    reachedEnd ||= !ran
    return [{ row, pass, ran, why: settlement.why }]
  })
  await session.writeJournal({
    ...noChange,
    settle: settled
      .filter(({ row, pass }) => keepCheckpoint(row, pass, passes) === null)
      .map(({ row, ran }) => ({ pass: row.pass, statement: row.statement, ran })),
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
 * statements in order, so none after the first one that did not run has run. Returns whether anything was settled.
 * Throws ToolError `UNSETTLED` where the definitions do not show it.
 */
export async function recoverLedger(
  session: Session,
  ledger: LedgerSnapshot,
  emit: Emit,
  online?: OnlineChanges,
): Promise<boolean> {
  const groups = groupByWorker(ledger)
  const hasDefinitions = groups.some((rows) => rows.some(({ row }) => row.class === 'definition'))
  const changes = hasDefinitions ? ((await online?.settle(session, true)) ?? []) : []
  for (const rows of groups) await settleWorker(session, rows, ledger, changes, emit)
  return groups.length > 0
}

/** A statement of a fan-out on one shard: `20260101000000/2026-03` is the migration's version and the shard's key. */
export interface LedgerPlace {
  readonly text: string
  readonly version: string
  readonly statement: number
}

/** True for a version in the ledger of fan-outs, unlike those in the journal of plain migrations. */
export function isLedgerVersion(version: string): boolean {
  return version.includes('/')
}

/**
 * A person's answers about statements of fan-outs: written to the ledger by a separate worker, when none of an earlier run is
 * connected any more. Throws ToolError `UNKNOWN_STATEMENT` for a statement that does not wait for an answer.
 */
export async function settleLedgerRows(
  context: Pick<Context, 'port' | 'emit'>,
  config: Config,
  target: OpenTarget,
  places: readonly LedgerPlace[],
  ran: boolean,
): Promise<readonly JournalChangePlan[]> {
  if (places.length === 0) return []
  const ledgers = await context.port(shardLedgers)
  const reading = await ledgers.open(target.database, config.timeouts, null)
  const snapshot = await reading.read(null).finally(() => reading.close())
  return places.map((place) => {
    const row = findRow(snapshot, place)
    if (row === null) throw notOpen(target, place)
    const apply: JournalChangePlan['apply'] = async ({ database, session }) => {
      const ledger = await ledgers.open(database, config.timeouts, session.facts.connectionId)
      try {
        await ledger.awaitWorkers(config.timeouts.lock, (holder, milliseconds) =>
          context.emit({ type: 'lock-waiting', target: session.target, holder, milliseconds }),
        )
        const worker = await ledger.openWorker(0)
        await worker.writeJournal({ ...noChange, settle: [{ ...row, ran }] }).finally(() => worker.close())
      } finally {
        await ledger.close()
      }
    }
    const counts = ran ? 'counts as run' : 'counts as not run'
    return { what: `statement ${place.statement + 1} of ${place.version} ${counts}`, apply }
  })
}

function findRow(
  { passes, rows }: LedgerSnapshot,
  { version, statement }: LedgerPlace,
): { readonly pass: number; readonly statement: number } | null {
  const own = new Set(passes.filter((pass) => pass.version === version).map(({ pass }) => pass))
  const row = rows.find(
    (one) => own.has(one.pass) && one.statement === statement && (one.state === 'open' || one.state === 'entered'),
  )
  return row === undefined ? null : { pass: row.pass, statement: row.statement }
}

function notOpen({ database, session }: OpenTarget, { text }: LedgerPlace): ToolError {
  return new ToolError('UNKNOWN_STATEMENT', {
    what: `The ledger of fan-outs has no open statement ${text}.`,
    where: { database: database.name, server: session.target.server },
    why: 'Only a statement that a run started and whose outcome is unknown can be settled.',
    next: 'Give the statement as the error UNSETTLED names it; if `wwdb migrate` reports none, there is nothing to settle.',
  })
}
