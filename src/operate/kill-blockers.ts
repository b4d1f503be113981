import type { Emit } from '../command/event.ts'
import type { GuardKill } from '../config/guard-config.ts'
import type { Holder } from '../core/holder.ts'
import { countOf } from '../core/plural.ts'
import type { Target } from '../core/target.ts'

/** A session that holds the tables of a definition, as far as it matters whether it may be ended. */
export interface BlockingSession {
  readonly connectionId: number
  readonly user: string | null
  readonly host: string | null
  /** Of its transaction; null without one. */
  readonly seconds: number | null
  /** Rows that its transaction has changed; null without one. */
  readonly rows: number | null
  /** The statement that it runs, or its last one, shortened. */
  readonly statement: string | null
  /** What keeps it from being ended by anybody but its owner. */
  readonly holds: readonly ('replication' | 'server-lock' | 'table-lock' | 'prepared' | 'wwdb' | 'unseen')[]
}

/** What ends sessions on one server. */
export interface SessionEnder {
  readonly target: Target
  /** Null where it is gone. */
  readonly readSession: (connectionId: number) => Promise<BlockingSession | null>
  /** Ends it, and returns true once the server does not have it any more; false where it still has it after that many milliseconds. */
  readonly endSession: (connectionId: number, milliseconds: number) => Promise<boolean>
}

const reasons = {
  replication: 'it belongs to replication or to the server itself',
  'server-lock': 'it holds `LOCK INSTANCE FOR BACKUP` or `FLUSH TABLES WITH READ LOCK`, as a backup does',
  'table-lock': 'it holds `LOCK TABLES`, `FLUSH TABLES ... FOR EXPORT` or the lock of an ALTER TABLE',
  prepared: 'its XA transaction is prepared, and would outlive it',
  wwdb: 'it is a run of wwdb',
  unseen: 'the server cannot show its locks while its statement runs (MySQL before 8.4)',
} as const

/** True where its transaction is not the one that was seen: that one has ended. */
const isYounger = ({ seconds }: BlockingSession, seen: number | null): boolean =>
  seconds !== null && seen !== null && seconds < seen

/** Why a session is not ended, as a clause; null where it may be. */
export function whySpared(session: BlockingSession, { users, rows }: GuardKill): string | null {
  const [first] = session.holds
  if (first !== undefined) return reasons[first]
  if (session.user === null || !users.includes(session.user))
    return `\`guard.kill.users\` does not name ${session.user === null ? 'its user' : `\`${session.user}\``}`
  if (session.rows === null || session.seconds === null) return 'it has no transaction that could be seen'
  if (session.rows > rows)
    return `its transaction has changed ${countOf(session.rows, 'row')}, more than \`guard.kill.rows\``
  return null
}

/** `connection 42 of app from 10.0.0.3, in a transaction of 61 s, 2 rows changed, last statement `SELECT 1``. */
export function describeSession({ connectionId, user, host, seconds, rows, statement }: BlockingSession): string {
  const who = `connection ${connectionId} of ${user ?? 'an unknown user'}${host === null ? '' : ` from ${host}`}`
  const what = seconds === null ? '' : `, in a transaction of ${seconds} s, ${countOf(rows ?? 0, 'row')} changed`
  return `${who}${what}${statement === null ? '' : `, last statement \`${statement}\``}`
}

/** Ends sessions that keep definitions waiting, in one run: those of declared users, and no more than the configuration says. */
export class BlockerKiller {
  readonly #kill: GuardKill
  readonly #emit: Emit
  readonly #spared = new Set<string>()
  #left: number

  constructor(kill: GuardKill, emit: Emit) {
    this.#kill = kill
    this.#emit = emit
    this.#left = kill.most
  }

  /**
   * Ends those that may be ended. Throws what the server says where it refuses.
   * @param milliseconds that the end of one may take
   */
  async relieve(ender: SessionEnder, by: readonly Holder[], milliseconds: number): Promise<void> {
    for (const { connectionId, seconds } of by) {
      if (connectionId === 0) continue
      // It is looked at again at the last moment: its transaction may have ended meanwhile.
      const session = await ender.readSession(connectionId)
      if (session === null || (session.holds.length === 0 && isYounger(session, seconds))) continue
      const why = this.#left > 0 ? whySpared(session, this.#kill) : '`guard.kill.most` sessions were ended in this run'
      if (why !== null) {
        this.#spare(ender, session, why)
        continue
      }
      this.#left -= 1
      const isGone = await ender.endSession(connectionId, milliseconds)
      this.#emit({ type: 'blocker-killed', target: ender.target, session, isGone })
    }
  }

  /** Said once of each. */
  #spare({ target }: SessionEnder, session: BlockingSession, why: string): void {
    const key = `${target.server}/${session.connectionId}/${why}`
    if (this.#spared.has(key)) return
    this.#spared.add(key)
    this.#emit({ type: 'blocker-spared', target, session, why })
  }
}
