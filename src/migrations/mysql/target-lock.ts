import type { Holder } from '../../core/holder.ts'
import type { Connection } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import type { MonitorConnection } from '../../mysql/monitor-connection.ts'
import { catchUp, connectPrimaries, type OtherPrimary } from '../../mysql/other-primaries.ts'
import { acquireIn, HeldElsewhere, lockEverywhere } from './group-lock.ts'
import { acquireProvenLock, type IsAlive, proveHeld, readHolder } from './holders.ts'
import type { JournalPlace } from './journal-tables.ts'

/** Called while another run holds the lock. */
export type Waiting = (holder: Holder | null, waited: number) => void

/**
 * The lock of a target on the connection that writes. In a group with several primaries it is taken on each of them: two runs through different members meet on all.
 * What is written is fenced by the lock on the own member alone: as long as that member is in the group, no other run has all locks, and once it
 * is not, it commits nothing, and the run gives up its lock when it notices that.
 */
export class TargetLock {
  readonly #connection: MysqlConnection
  readonly #monitor: MonitorConnection
  readonly #place: Pick<JournalPlace, 'table' | 'lockName' | 'leader'>
  readonly #isAlive: IsAlive
  #elsewhere: HeldElsewhere | null = null
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
    const isSpread = this.#connection.facts.severalPrimaries === true && this.#place.leader === null
    if (isSpread) await this.#acquireEverywhere(milliseconds, waiting)
    else await acquireProvenLock(this.#connection, this.#monitor, this.#request(milliseconds, waiting))
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
  close = async (): Promise<void> => {
    await this.#elsewhere?.close()
  }

  #request(milliseconds: number, waiting: Waiting) {
    const { place, facts } = this.#connection
    const { lockName: name, table: journal } = this.#place
    const { connectionId } = facts
    return { name, journal, milliseconds, waiting, connectionId, target: place.target, isAlive: this.#isAlive }
  }

  async #acquireEverywhere(milliseconds: number, waiting: Waiting): Promise<void> {
    const end = Date.now() + milliseconds
    const others = await connectPrimaries(this.#connection, milliseconds)
    const look: MonitorConnection['ask'] = (question) => this.#monitor.ask(question)
    const held = new HeldElsewhere({ name: this.#place.lockName, connection: this.#connection, look }, others)
    try {
      await this.#lock(others, milliseconds, end, waiting)
      const here = await this.#monitor.open()
      await proveHeld(this.#connection, here, this.#request(milliseconds, waiting))
      await catchUp(this.#connection, here, others)
    } catch (error) {
      await held.close()
      await this.#connection.ask(`SELECT RELEASE_LOCK('${this.#place.lockName}')`).catch(() => undefined)
      throw error
    }
    held.begin()
    this.#elsewhere = held
  }

  #lock(others: readonly OtherPrimary[], whole: number, end: number, waiting: Waiting): Promise<void> {
    const { facts, place } = this.#connection
    const { lockName: name, table: journal } = this.#place
    const own = { uuid: facts.uuid, server: place.target.server, connection: this.#connection }
    const describe = (there: Connection) => readHolder(there, name, place.target.schema, this.#isAlive, journal)
    return lockEverywhere({
      name,
      end,
      places: [own, ...others].toSorted((a, b) => (a.uuid < b.uuid ? -1 : 1)),
      acquire: (where, left) => acquireIn(where, { ...this.#request(left, waiting), whole }, describe),
    })
  }
}
