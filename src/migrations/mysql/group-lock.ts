import type { Holder } from '../../core/holder.ts'
import { ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { onConnectionLost } from '../../mysql/connection.ts'
import type { MysqlConnection } from '../../mysql/door.ts'
import { type Primary, readPrimaries } from '../../mysql/group-members.ts'
import { acquireLock, tryLock } from '../../mysql/lock.ts'
import { type OtherPrimary, reachPrimary } from '../../mysql/other-primaries.ts'

/** One place where the lock is taken. */
export interface LockPlace {
  readonly uuid: string
  readonly server: string
  readonly connection: Connection
}

export interface GroupLockRequest {
  readonly name: string
  /** In the same order for every run. */
  readonly places: readonly LockPlace[]
  readonly acquire: (place: LockPlace, milliseconds: number) => Promise<void>
  /** When the wait ends, by `Date.now()`. */
  readonly end: number
}

/**
 * Takes the lock in every place, or in none. Who waits in one place holds none of the others: a run that waits is not taken for the one that it waits for.
 * @throws ToolError `LOCK_HELD` (75), and what `acquire` throws
 */
export async function lockEverywhere({ name, places, acquire, end }: GroupLockRequest): Promise<void> {
  for (let awaited: LockPlace | null = null; ; ) {
    const held: LockPlace[] = []
    try {
      if (awaited !== null) {
        await acquire(awaited, Math.max(0, end - Date.now()))
        held.push(awaited)
      }
      let refused: LockPlace | null = null
      for (const place of places) {
        if (held.includes(place)) continue
        if (!(await tryLock(place.connection, name, 0))) {
          refused = place
          break
        }
        held.push(place)
      }
      if (refused === null) return
      awaited = refused
    } catch (error) {
      await releaseIn(name, held)
      throw error
    }
    await releaseIn(name, held)
  }
}

async function releaseIn(name: string, places: readonly LockPlace[]): Promise<void> {
  const release = ({ connection }: LockPlace) => connection.ask(`SELECT RELEASE_LOCK('${name}')`)
  await Promise.allSettled(places.map(release))
}

/** Waits in one place; shows the holder there. Throws ToolError `LOCK_HELD` (75). */
export function acquireIn(
  { connection, server }: LockPlace,
  request: Omit<Parameters<typeof acquireLock>[1], 'describeHolder'>,
  describeHolder: (connection: Connection) => Promise<Holder | null>,
): Promise<void> {
  const target = { ...request.target, server }
  return acquireLock(connection, { ...request, target, describeHolder: () => describeHolder(connection) })
}

/** How often a lost place is looked for again. Milliseconds. */
const between = 1000

/** What watches the lock on other primaries while it is held. */
export interface GroupWatch {
  readonly name: string
  /** The connection that writes, whose lock is given back where another run could have the others. */
  readonly connection: MysqlConnection
  /** Reads the group, beside the statements of the run. */
  readonly look: <T>(question: (connection: Connection) => Promise<T>) => Promise<T>
}

/**
 * Takes the lock again where a connection that held it was lost. Where the own member is out of its group by then, or sees no majority of it, the run gives up its own
 * lock: its next write is refused. A member that is gone takes no writes, and needs no lock.
 */
export class HeldElsewhere {
  readonly #watch: GroupWatch
  readonly #held = new Map<string, { readonly primary: OtherPrimary; readonly unsubscribe: () => void }>()
  /** Places that were lost before all locks were taken. */
  readonly #lost: string[] = []
  #state: 'taking' | 'held' | 'ended' = 'taking'
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(watch: GroupWatch, primaries: readonly OtherPrimary[]) {
    this.#watch = watch
    for (const primary of primaries) this.#follow(primary)
  }

  /** From now on what is lost is taken again: the run has all locks. */
  begin(): void {
    this.#state = 'held'
    for (const uuid of this.#lost) this.#settleSoon(uuid)
  }

  async close(): Promise<void> {
    this.#state = 'ended'
    for (const timer of this.#timers) clearTimeout(timer)
    for (const { unsubscribe } of this.#held.values()) unsubscribe()
    await Promise.allSettled([...this.#held.values()].map(({ primary }) => primary.connection.close()))
  }

  #follow(primary: OtherPrimary): void {
    const unsubscribe = onConnectionLost(primary.connection.raw, () => {
      this.#held.delete(primary.uuid)
      if (this.#state === 'taking') this.#lost.push(primary.uuid)
      else if (this.#state === 'held') this.#settleSoon(primary.uuid)
    })
    this.#held.set(primary.uuid, { primary, unsubscribe })
  }

  async #settle(uuid: string): Promise<void> {
    const outcome = await this.#retake(uuid).catch((): 'later' => 'later')
    if (this.#state === 'ended' || outcome === 'settled') return
    if (outcome === 'lost') {
      await this.#watch.connection.ask(`SELECT RELEASE_LOCK('${this.#watch.name}')`).catch(() => undefined)
      return
    }
    this.#settleSoon(uuid)
  }

  /** Who releases the lock ends one connection after another: by then it is seen that the run has lost its own. Meanwhile that one keeps others waiting. */
  #settleSoon(uuid: string): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      void this.#settle(uuid)
    }, between)
    timer.unref()
    this.#timers.add(timer)
  }

  async #retake(uuid: string): Promise<'settled' | 'lost' | 'later'> {
    const { connection, name } = this.#watch
    const { connectionId } = connection.facts
    const [members, isOwn] = await this.#watch.look(async (look) => {
      const { rows } = await look.ask(`SELECT IS_USED_LOCK('${name}')<=>${connectionId}`)
      return [await readPrimaries(look), Number(rows[0]?.[0]) === 1]
    })
    // The run has no lock any more: it ends, and takes none.
    if (!isOwn) return 'settled'
    if (!belongs(members, connection.facts.uuid)) return 'lost'
    const member = members.find((one) => one.uuid === uuid)
    if (member === undefined) return 'settled'
    if (member.state !== 'ONLINE') return 'later'
    const again = await reachPrimary(member, connection.toMember).catch((error: unknown) => {
      if (error instanceof ToolError) return null
      throw error
    })
    if (again === null) return 'later'
    const isTaken = this.#state === 'held' && (await tryLock(again.connection, name, 0).catch(() => false))
    if (isTaken && this.#state === 'held') {
      this.#follow(again)
      return 'settled'
    }
    await again.connection.close()
    // A run that begins has it for a moment, until it meets the lock on the own member.
    return 'later'
  }
}

/** Whether a member is online, and sees most of the others: the rest of the group goes on without one that does not. */
function belongs(members: readonly Primary[], uuid: string): boolean {
  const online = members.filter(({ state }) => state === 'ONLINE')
  return online.some((member) => member.uuid === uuid) && 2 * online.length > members.length
}
