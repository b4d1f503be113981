import type { Connection } from '../../mysql/connection.ts'
import type { ResetOutcome } from '../ports.ts'

/** Statements that may change a definition, or the counting of them. */
const counted = '^Com_(alter|create|drop|rename|truncate|optimize|repair|import|install|uninstall|flush)'

/** How many of them were begun; null where the server does not say. SHOW STATUS has these counters, and performance_schema does not. */
async function count(connection: Connection, scope: 'GLOBAL' | 'SESSION'): Promise<number | null> {
  const { rows } = await connection.ask(`SHOW ${scope} STATUS WHERE Variable_name REGEXP '${counted}'`)
  return rows.length === 0 ? null : rows.reduce((sum, [, value]) => sum + Number(value), 0)
}

/**
 * Knows that no definition can have changed since all of them were last those of the baseline: where no other session of the server has begun a statement
 * that changes one. So a reset without such statements asks three questions in place of one for each table.
 */
export class DefinitionWatch {
  readonly #connections: readonly [Connection, ...Connection[]]
  /** Of other sessions, when definitions were last known; null where they are not. */
  #others: number | null = null
  /** Of the connections of the reset itself, which take definitions back. */
  #own = 0

  constructor(connections: readonly [Connection, ...Connection[]]) {
    this.#connections = connections
  }

  /** @param work brings all definitions back, and is given whether they are known to be as they were; where it fails, they are not known any more */
  async around(work: (areKnown: boolean) => Promise<ResetOutcome>): Promise<ResetOutcome> {
    const before = this.#others
    this.#others = null
    if (before === null) this.#own = await this.#countOwn()
    // Counted before definitions are read: a statement that begins meanwhile is seen by the next reset.
    const all = await count(this.#connections[0], 'GLOBAL')
    const others = all === null ? null : all - this.#own
    const outcome = await work(before !== null && others === before)
    if (outcome.restored.length + outcome.dropped.length > 0) this.#own = await this.#countOwn()
    this.#others = others
    return outcome
  }

  async #countOwn(): Promise<number> {
    const counts = await Promise.all(this.#connections.map((connection) => count(connection, 'SESSION')))
    return counts.reduce<number>((sum, one) => sum + (one ?? 0), 0)
  }
}
