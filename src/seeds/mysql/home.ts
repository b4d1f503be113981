import type { Target } from '../../core/target.ts'
import { insideOf } from '../../migrations/mysql/inside-session.ts'
import { fence } from '../../migrations/mysql/journal-tables.ts'
import { translatingErrors, translatingFenceErrors } from '../../migrations/mysql/translate-errors.ts'
import type { Session } from '../../migrations/ports.ts'
import { type Asking, inPackets } from '../../mysql/asking.ts'
import type { Connection } from '../../mysql/connection.ts'
import { namingBlockers } from '../../mysql/watch-blockers.ts'
import type { SeedStore } from '../ports.ts'

/** Where seeds are compared with rows, and what differs there between a server of MySQL and a vtgate. */
export interface SeedHome extends Pick<SeedStore, 'refuse' | 'refuseScripts'> {
  readonly target: Target
  /** Holds the lock, and its data is committed with the journal. */
  readonly connection: Connection
  readonly asking: Asking
  /** Errors of the server become sentences. */
  readonly guard: <T>(work: () => Promise<T>) => Promise<T>
  /** Creates a table under the lock. Throws ToolError `LOCK_LOST`. */
  readonly create: (text: string) => Promise<void>
  /** What locks the rows `t` of a query, and those that they refer to: `p0`, `p1` and so on, so many. */
  readonly locks: (parents: number) => string
  /** The server's own words in the message of its error. */
  readonly wordsOf: (message: string) => string
  /** True where temporary tables may end before their connection does. */
  readonly losesStages: boolean
}

const nothing = async () => []

/** A server of MySQL. */
export function mysqlHome(session: Session): SeedHome {
  const { connection, waiter, lock } = insideOf(session)
  const { target } = waiter
  return {
    target,
    connection,
    asking: inPackets(connection),
    refuse: nothing,
    refuseScripts: nothing,
    guard: (work) => translatingErrors(target, () => namingBlockers(waiter, work)),
    create: (text) =>
      translatingFenceErrors(target, () =>
        namingBlockers(waiter, async () => {
          await connection.askAll(`SELECT ${fence(lock)};${text}`)
        }),
      ),
    locks: (parents) => {
      const shared = Array.from({ length: parents }, (_, index) => ` FOR SHARE OF p${index}`)
      return ` FOR UPDATE OF t${shared.join('')}`
    },
    wordsOf: (message) => message,
    losesStages: false,
  }
}
