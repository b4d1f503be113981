import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { findBlockers } from '../../mysql/find-blockers.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { readProgress } from '../../mysql/statement-progress.ts'
import { endSession, readSession } from '../../operate/mysql/end-session.ts'
import { StallProbe } from '../../operate/mysql/stall-probe.ts'
import { findTableHolders } from '../../operate/mysql/table-holders.ts'
import type { Session } from '../ports.ts'

/** What is asked on other connections while a statement of a session waits or runs. */
interface BesideStatement
  extends Pick<Session, 'findBlockers' | 'findTableHolders' | 'readProgress' | 'watchReads' | 'ender'> {
  readonly killQuery: () => Promise<void>
  readonly close: () => Promise<void>
}

/** @param pins what pins a session that only looks */
export function besideStatement(
  connection: MysqlConnection,
  monitor: MonitorConnection,
  pins: string,
): BesideStatement {
  const { facts, place } = connection
  const { connectionId } = facts
  const pin = async (one: Connection): Promise<void> => {
    await one.ask(pins)
    await one.ask('SET SESSION TRANSACTION READ ONLY')
  }
  const probe = new StallProbe(() => connection.beside({ purpose: 'scratch', pin }))
  return {
    findTableHolders: (tables, milliseconds) =>
      monitor.ask((other) => findTableHolders(other, { tables, ...place.target, ...facts }, milliseconds)),
    findBlockers: () => monitor.ask((other) => findBlockers(other, connectionId)),
    readProgress: () => monitor.ask((other) => readProgress(other, connectionId)),
    watchReads: (tables) => probe.watch(tables),
    ender: {
      target: place.target,
      readSession: (id) => monitor.ask((other) => readSession(other, id)),
      endSession: (id, milliseconds) => monitor.ask((other) => endSession(other, id, milliseconds)),
    },
    killQuery: () =>
      monitor.ask(async (other) => {
        await other.ask(`KILL QUERY ${connectionId}`).catch((error: unknown) => {
          if (!hasNumber(error, serverErrors.unknownThread)) throw error
        })
      }),
    close: () => probe.close(),
  }
}
