import type { Connection } from '../../mysql/connection.ts'
import type { ResetOutcome } from '../ports.ts'
import type { Connections } from './connections.ts'

/** Statements that may change a definition, or the counting of them. */
const counted = '^Com_(alter|create|drop|rename|truncate|optimize|repair|import|install|uninstall|flush)'

/** What the server says at one time. */
interface Reading {
  /** How many of them were begun; null where the server does not say. */
  readonly begun: number | null
  /** Clients of the whole server. */
  readonly sessions: number
}

/** SHOW STATUS has these counters, and performance_schema does not. */
async function read(connection: Connection, scope: 'GLOBAL' | 'SESSION'): Promise<Reading> {
  const { rows } = await connection.ask(
    `SHOW ${scope} STATUS WHERE Variable_name REGEXP '${counted}' OR Variable_name='Threads_connected'`,
  )
  const isSessions = ([name]: (typeof rows)[number]): boolean => name === 'Threads_connected'
  const counters = rows.filter((row) => !isSessions(row))
  return {
    begun: counters.length === 0 ? null : counters.reduce((sum, [, value]) => sum + Number(value), 0),
    sessions: Number(rows.find(isSessions)?.[1] ?? 0),
  }
}

/** A statement that begins so changes no definition, and nothing that it calls can. */
const harmless = '^[[:space:]]*(select|insert|update|delete|replace|with|show|set|do|commit|rollback)([^a-z_]|$)'

/** Threads that serve no client, and replicas that read the binary log, which are busy for good. */
const idle = "'Sleep','Daemon','Binlog Dump','Binlog Dump GTID'"

/** How many clients the account sees, and how many sessions but this one run what may change a definition. Events run as `Connect`. */
const selectSessions = `SELECT COALESCE(SUM(COMMAND NOT IN ('Daemon','Connect') AND USER<>'system user'),0),
COALESCE(SUM(ID<>CONNECTION_ID() AND COMMAND NOT IN (${idle}) AND NOT COALESCE(INFO REGEXP '${harmless}',0)),0)
FROM information_schema.PROCESSLIST`

/**
 * Knows that no definition can have changed since all of them were last those of the baseline: where no other session of the server has begun a statement
 * that changes one. So a reset without such statements asks three questions in place of one for each table.
 */
export class DefinitionWatch {
  readonly #connections: Connections
  /** Of other sessions, when definitions were last known; null where they are not. */
  #others: number | null = null
  /** Of the connections of the reset itself, which take definitions back. */
  #own = 0

  constructor(connections: Connections) {
    this.#connections = connections
  }

  /** @param work brings all definitions back, and is given whether they are known to be as they were; where it fails, they are not known any more */
  async around(work: (areKnown: boolean) => Promise<ResetOutcome>): Promise<ResetOutcome> {
    const before = this.#others
    this.#others = null
    if (before === null) this.#own = await this.#countOwn()
    // Counted before definitions are read: a statement that begins meanwhile is seen by the next reset.
    const { begun, sessions } = await read(this.#connections[0], 'GLOBAL')
    const others = begun === null ? null : begun - this.#own
    const areKnown = before !== null && others === before
    // Looked at after the counting: what was counted has ended, and is seen by the reading, or still runs, and may change a definition after it.
    const isQuiet = areKnown || (await this.#isQuiet(sessions))
    const outcome = await work(areKnown)
    const isCounted = outcome.restored.length + outcome.dropped.length === 0 || (await this.#countAgain())
    this.#others = isQuiet && isCounted ? others : null
    return outcome
  }

  /** False where it fails: what was brought back is so, and a connection that was lost is found by the next reset. */
  #countAgain(): Promise<boolean> {
    return this.#countOwn().then(
      (own) => {
        this.#own = own
        return true
      },
      () => false,
    )
  }

  /** Without PROCESS, an account sees its own sessions alone: what it does not see may run anything. */
  async #isQuiet(sessions: number): Promise<boolean> {
    const { rows } = await this.#connections[0].ask(selectSessions)
    const [seen, busy] = rows[0] ?? []
    return Number(seen) === sessions && Number(busy) === 0
  }

  async #countOwn(): Promise<number> {
    const readings = await Promise.all(this.#connections.map((connection) => read(connection, 'SESSION')))
    return readings.reduce((sum, { begun }) => sum + (begun ?? 0), 0)
  }
}
