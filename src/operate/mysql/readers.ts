import { untilOpen } from '../../calendar/daily-window.ts'
import type { DatabaseConfig, ServerConfig, Timeouts } from '../../config/config.ts'
import type { ReplicaConfig, ThrottleConfig } from '../../config/throttle-config.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { placeOf } from '../../mysql/place.ts'
import { type ThrottleReader, throttleReaders } from '../ports.ts'
import type { Reading } from '../reading.ts'
import { ProbeConnection } from './probe-connection.ts'
import { readHeartbeat, readLag } from './replica-lag.ts'
import { questionsOf, readGroupQueues } from './server-load.ts'

/** Milliseconds to wait for a server: work stops within a second of exceeding a bound, so a late answer counts as none. */
const patience = 1000

export const driver = driverOf(throttleReaders, (door) => {
  const shared = new Map<string, SharedReader>()
  return {
    open: (database, throttle, timeouts) => {
      const { label } = database.server
      const reader = shared.get(label) ?? new SharedReader(new Readings(door, database, throttle, timeouts), throttle)
      shared.set(label, reader.share())
      return {
        read: (unbounded) => reader.read(unbounded),
        close: async () => {
          if (await reader.leave()) shared.delete(label)
        },
      }
    },
  }
})

/** Databases of one server share readings: a reading is valid for half the time between two of them. */
class SharedReader {
  readonly #readings: Readings
  readonly #every: number
  #users = 0
  #last: { readonly at: number; readonly readings: Promise<readonly Reading[]> } | null = null

  constructor(readings: Readings, { every }: ThrottleConfig) {
    this.#readings = readings
    this.#every = every
  }

  share(): this {
    this.#users += 1
    return this
  }

  /** True where this was the last user. */
  async leave(): Promise<boolean> {
    this.#users -= 1
    if (this.#users > 0) return false
    await this.#readings.close()
    return true
  }

  read(unbounded = false): Promise<readonly Reading[]> {
    if (unbounded) return this.#readings.read(true)
    const now = performance.now()
    if (this.#last === null || now - this.#last.at > this.#every / 2)
      this.#last = { at: now, readings: this.#readings.read() }
    return this.#last.readings
  }
}

/** All limited values, on the server that is written to and on every replica. */
class Readings implements ThrottleReader {
  readonly #throttle: ThrottleConfig
  readonly #label: string
  readonly #source: ProbeConnection
  readonly #replicas: readonly (ReplicaConfig & { readonly probe: ProbeConnection })[]

  constructor(door: Door, database: DatabaseConfig, throttle: ThrottleConfig, timeouts: Timeouts) {
    const connect = Math.min(timeouts.connect, patience)
    const probe = (server: ServerConfig): ProbeConnection =>
      new ProbeConnection(
        // It writes nothing, so there is nothing to record.
        () => door.openPinned(placeOf({ ...database, server }, { ...timeouts, connect }, null), { purpose: 'scratch' }),
        patience,
      )
    this.#throttle = throttle
    this.#label = database.server.label
    this.#source = probe(database.server)
    this.#replicas = throttle.replicas.map((replica) => ({ ...replica, probe: probe(replica.server) }))
  }

  async read(unbounded = false): Promise<readonly Reading[]> {
    const [lags, load] = await Promise.all([this.#readLags(unbounded), this.#readLoad(unbounded)])
    return [...this.#readWindow(), ...lags, ...load]
  }

  async close(): Promise<void> {
    await Promise.all([this.#source.close(), ...this.#replicas.map(({ probe }) => probe.close())])
  }

  #readWindow(): readonly Reading[] {
    const { window, windowText } = this.#throttle
    if (window === null) return []
    const value = untilOpen(window, Date.now())
    return [{ measure: 'window', of: '', value, bound: 0, why: null, text: windowText }]
  }

  async #readLags(unbounded: boolean): Promise<readonly Reading[]> {
    const { lag: bound, heartbeat } = this.#throttle
    if (bound === null && !unbounded) return []
    // A bound for which nothing is read would never stop any work.
    if (bound !== null && this.#replicas.length === 0)
      return [{ measure: 'lag', of: '', value: null, bound, why: '`throttle.replicas` names no replica' }]
    return Promise.all(
      this.#replicas.map(async ({ name, probe }): Promise<Reading> => {
        const said = await probe.ask((connection) =>
          heartbeat === null ? readLag(connection) : readHeartbeat(connection, heartbeat),
        )
        const lag = said.type === 'answer' ? said.answer : said
        const value = lag.type === 'known' ? lag.milliseconds : null
        return { measure: 'lag', of: name, value, bound, why: lag.type === 'known' ? null : lag.why }
      }),
    )
  }

  async #readLoad(unbounded: boolean): Promise<readonly Reading[]> {
    const readings: Reading[] = []
    // One after the other: they share the connection, and each has the full time to answer.
    for (const { read, ...question } of questionsOf(this.#throttle, this.#label, unbounded)) {
      const said = await this.#source.ask(read)
      readings.push({ ...question, ...(said.type === 'answer' ? said.answer : { value: null, why: said.why }) })
    }
    return [...readings, ...(await this.#readGroup(unbounded))]
  }

  async #readGroup(unbounded: boolean): Promise<readonly Reading[]> {
    const { groupQueue: bound } = this.#throttle
    if (bound === null && !unbounded) return []
    const said = await this.#source.ask((connection) => readGroupQueues(connection, bound))
    // A bound of which nothing is read would let all work through.
    const isRead = said.type === 'answer' && (said.answer.length > 0 || bound === null)
    if (isRead) return said.answer
    const why = said.type === 'answer' ? 'the server is in no group' : said.why
    return [{ measure: 'group-queue', of: this.#label, value: null, bound, why }]
  }
}
