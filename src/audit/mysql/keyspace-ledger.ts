import type { VitessConfig } from '../../config/vitess-config.ts'
import type { Target } from '../../core/target.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { Door } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { isAbandonedRun, keyspaceRuns } from '../../mysql/keyspace-tables.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { type Place, placeOf, type RecordedDatabase } from '../../mysql/place.ts'
import { translateRunError } from '../../mysql/refusals.ts'
import { pinKeeper } from '../../mysql/vtgate.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { RunLedger } from '../ports.ts'
import { createRunTable, isOlder, renderEnd, renderStart } from './run-table.ts'

/** The runs of a keyspace, beside its journal. Its lease shows which one is alive, so that no lock of a connection is needed. */
export async function openKeyspaceLedger(
  door: Door,
  database: RecordedDatabase,
  { journal }: VitessConfig,
  timeouts: Place['timeouts'],
  runId: string,
): Promise<RunLedger> {
  const place = placeOf(database, timeouts, journal)
  const { target, server } = place
  const connection = new MonitorConnection(() => door.openPinned(place, { purpose: 'record', pin: pinKeeper }))
  const table = keyspaceRuns(journal, target.schema)
  const ask = <T>(work: (there: Connection) => Promise<T>): Promise<T> =>
    translating(target, () => connection.ask(work))
  await ask(async () => undefined)
  return {
    begin: (schema, start) =>
      ask(async (there) => {
        const end = `UPDATE ${table} SET outcome='stopped' WHERE ${isAbandonedRun(table, journal, quoteString(schema))}`
        const row = renderStart(table, start, quoteString(server.user))
        try {
          await there.ask(end)
        } catch (error) {
          if (!hasNumber(error, serverErrors.unknownTable)) throw error
          await there.ask(createRunTable(table))
        }
        await there.ask(row)
      }),
    end: (_schema, end) => ask(async (there) => void (await there.ask(renderEnd(table, runId, end)))),
    // A keyspace has no registry of shards.
    removeOldEvents: async () => 0,
    removeOldRuns: (_schema, keep, most) =>
      ask(async (there) => {
        const { affected } = await there.ask(
          `DELETE FROM ${table} WHERE outcome<>'running' AND ${isOlder('started_at', keep)} LIMIT ${most}`,
        )
        return affected ?? 0
      }),
    close: () => connection.close(),
  }
}

async function translating<T>(target: Target, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateRunError(error, target)
  }
}
