import type { Config } from '../config/config.ts'
import type { Context } from '../core/context.ts'
import { ToolError } from '../core/tool-error.ts'
import type { JournalChangePlan } from '../migrations/journal-commands.ts'
import { noChange } from '../migrations/ports.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import type { LedgerSnapshot } from './fan-out/ports.ts'

/** A statement of a fan-out on one shard: `20260101000000/2026-03` is the migration's version and the shard's key. */
export interface LedgerPlace {
  readonly text: string
  readonly version: string
  readonly statement: number
}

/** True for a version as the ledger of fan-outs has it, and no journal of plain migrations. */
export function isLedgerVersion(version: string): boolean {
  return version.includes('/')
}

/**
 * What a person says of statements of fan-outs: written to the ledger by a worker of its own, when none of an earlier run is
 * connected any more. Throws ToolError `UNKNOWN_STATEMENT` for one that does not wait for a person.
 */
export async function settleLedgerRows(
  context: Pick<Context, 'shardLedgers' | 'emit'>,
  config: Config,
  target: OpenTarget,
  places: readonly LedgerPlace[],
  ran: boolean,
): Promise<readonly JournalChangePlan[]> {
  if (places.length === 0) return []
  const ledgers = await context.shardLedgers()
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
    what: `The ledger of fan-outs has no open statement ${text}`,
    where: { database: database.name, server: session.target.server },
    why: 'only a statement that a run began, and of which nobody can tell whether it ran, can be settled',
    next: 'Give the statement as the error UNSETTLED names it; where `wwdb migrate` does not report one, there is none.',
  })
}
