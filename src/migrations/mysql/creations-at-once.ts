import type { Connection } from '../../mysql/connection.ts'
import type { TimedOutcome } from '../../mysql/facts.ts'
import { runTogether } from '../../mysql/run-statement.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { Creation } from '../ports.ts'

/**
 * Connections in use in parallel, including the session's own: the server waits for its disk in each CREATE TABLE, for all of them together.
 */
const most = 8

/** Fewer tables are not worth another connection. */
const fewest = 4

/**
 * Creates tables on several connections in parallel, in a scratch schema: after a kill it is unknown which of them were created, and there it does
 * not matter.
 */
export class CreationsAtOnce {
  readonly #own: Connection
  readonly #connect: () => Promise<Connection>
  #helpers: readonly Connection[] = []
  /** The server may allow no more connections: the open ones have to suffice. */
  #isLimited = false

  /**
   * @param own the session's connection
   * @param connect opens one with the same settings in the same schema
   */
  constructor(own: Connection, connect: () => Promise<Connection>) {
    this.#own = own
    this.#connect = connect
  }

  /** Returns the answers of those that were created, in order: none after one that failed. Created tables after it are dropped. */
  readonly run = async (creations: readonly Creation[]): Promise<readonly TimedOutcome[]> => {
    await this.#open(Math.min(most, Math.floor(creations.length / fewest)) - 1)
    const connections = [this.#own, ...this.#helpers]
    const places = creations.map((creation, index) => ({ creation, index, by: index % connections.length }))
    const outcomes = new Map<number, TimedOutcome>()
    const unknown = new Set<number>()
    const settled = await Promise.allSettled(
      connections.map(async (connection, by) => {
        const own = places.filter((place) => place.by === by)
        if (own.length === 0) return
        for (const { index } of own) unknown.add(index)
        const answers = await runTogether(
          connection,
          own.map(({ creation }) => creation.text),
        )
        for (const [at, { index }] of own.entries()) {
          unknown.delete(index)
          const answer = answers[at]
          if (answer !== undefined) outcomes.set(index, answer)
        }
      }),
    )
    this.#helpers = this.#helpers.filter((_, index) => settled[index + 1]?.status === 'fulfilled')
    const lost = settled[0]
    if (lost?.status === 'rejected') throw lost.reason
    const failed = creations.findIndex((_, index) => !outcomes.has(index))
    if (failed === -1) return creations.flatMap((_, index) => outcomes.get(index) ?? [])
    const behind = creations.filter((_, index) => unknown.has(index) || (index > failed && outcomes.has(index)))
    if (behind.length > 0) await this.#own.ask(`DROP TABLE IF EXISTS ${behind.map(nameOf).join(',')}`)
    return creations.slice(0, failed).flatMap((_, index) => outcomes.get(index) ?? [])
  }

  async #open(wanted: number): Promise<void> {
    const lacking = this.#isLimited ? 0 : wanted - this.#helpers.length
    if (lacking <= 0) return
    const opened = await Promise.allSettled(Array.from({ length: lacking }, () => this.#connect()))
    const open = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    this.#isLimited = open.length < lacking
    this.#helpers = [...this.#helpers, ...open]
  }

  async close(): Promise<void> {
    await Promise.all(this.#helpers.map((connection) => connection.close()))
  }
}

function nameOf({ table: { schema, name } }: Creation): string {
  return schema === null ? quoteName(name) : `${quoteName(schema)}.${quoteName(name)}`
}
