import type { Holder } from '../../core/holder.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { acquireLock } from '../../mysql/lock.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { acquireProvenLock, type IsAlive, readHolder } from './holders.ts'
import type { JournalPlace } from './journal-tables.ts'
import { catchUp, closePrimaries, connectPrimaries, type OtherPrimary } from './other-primaries.ts'

/** Called while another run holds the lock. */
export type Waiting = (holder: Holder | null, waited: number) => void

/**
 * The lock of a target on the connection that writes. In a group with several primaries it is taken on each of them, in the same order by every run:
 * two runs through different members meet on all. What is written is fenced by the lock on the own member alone: as long as that member is in
 * the group, no other run has all locks, and once it is not, it commits nothing.
 */
export class TargetLock {
  readonly #connection: MysqlConnection
  readonly #monitor: MonitorConnection
  readonly #place: Pick<JournalPlace, 'table' | 'lockName' | 'leader'>
  readonly #isAlive: IsAlive
  #elsewhere: readonly OtherPrimary[] = []
  #held = false

  /** @param place a worker of a fan-out has a lock of its own there: it is taken on its server alone */
  constructor(
    connection: MysqlConnection,
    monitor: MonitorConnection,
    place: Pick<JournalPlace, 'table' | 'lockName' | 'leader'>,
    isAlive: IsAlive,
  ) {
    this.#connection = connection
    this.#monitor = monitor
    this.#place = place
    this.#isAlive = isAlive
  }

  /** Takes the lock and proves it. Throws ToolError `LOCK_HELD` (75) or `LOCK_UNRELIABLE`, with the lock released. */
  async acquire(milliseconds: number, waiting: Waiting): Promise<void> {
    const others = this.#place.leader === null ? await connectPrimaries(this.#connection) : []
    if (others.length === 0) await this.#acquireHere(milliseconds, waiting)
    else await this.#acquireEverywhere(others, milliseconds, waiting)
    this.#elsewhere = others
    this.#held = true
  }

  /** Does nothing where it is not held. */
  async release(): Promise<void> {
    if (!this.#held) return
    this.#held = false
    await this.#connection.ask(`SELECT RELEASE_LOCK('${this.#place.lockName}')`)
    await this.close()
  }

  /** For a connection that is being closed: its own lock goes with it. */
  close(): Promise<void> {
    return closePrimaries(this.#elsewhere)
  }

  #acquireHere(milliseconds: number, waiting: Waiting): Promise<void> {
    const { place, facts } = this.#connection
    const { lockName: name, table: journal } = this.#place
    const request = { name, journal, milliseconds, waiting, target: place.target, isAlive: this.#isAlive }
    return acquireProvenLock(this.#connection, this.#monitor, { ...request, connectionId: facts.connectionId })
  }

  async #acquireEverywhere(others: readonly OtherPrimary[], milliseconds: number, waiting: Waiting): Promise<void> {
    const { facts } = this.#connection
    const end = Date.now() + milliseconds
    const left = (): number => Math.max(0, end - Date.now())
    const steps = [
      { uuid: facts.uuid, take: () => this.#acquireHere(left(), waiting) },
      ...others.map((other) => ({ uuid: other.uuid, take: () => this.#acquireThere(other, left(), waiting) })),
    ].toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1))
    try {
      for (const { take } of steps) await take()
      await catchUp(await this.#monitor.open(), this.#connection, others, left())
    } catch (error) {
      await closePrimaries(others)
      await this.#connection.ask(`SELECT RELEASE_LOCK('${this.#place.lockName}')`).catch(() => undefined)
      throw error
    }
  }

  #acquireThere({ connection, server }: OtherPrimary, milliseconds: number, waiting: Waiting): Promise<void> {
    const target = { ...this.#connection.place.target, server }
    const { lockName: name, table: journal } = this.#place
    const describeHolder = () => readHolder(connection, name, target.schema, this.#isAlive, journal)
    return acquireLock(connection, { name, target, milliseconds, waiting, describeHolder })
  }
}
