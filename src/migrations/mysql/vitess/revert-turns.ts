import type { Asker } from '../../../mysql/connection.ts'
import { atShard } from '../../../mysql/keyspace-schema.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import { decideRevert, type RevertTurn } from '../../vitess/decide-revert.ts'
import { isByCopy, mayEnd, refuseRevert } from '../../vitess/plan-reverts.ts'
import { revertText } from '../../vitess/revert-statement.ts'
import type { ShardMigration } from '../../vitess/shard-migrations.ts'
import type { Beside } from './beside.ts'
import { reasonOf } from './errors.ts'
import { isPassing, type Turned } from './follow-migrations.ts'
import { readKept } from './kept-migrations.ts'
import { setStrategy } from './keyspace.ts'

/** What REVERTs are given and looked at with. */
export interface RevertParts extends Pick<Beside, 'looker' | 'follower'> {
  readonly keyspace: { readonly name: string; readonly shards: readonly string[] }
  /** Makes the lease last. Throws ToolError `LOCK_LOST` where this run is not to give anything any more. */
  readonly renew: () => Promise<void>
  /** Somebody has canceled what is followed. */
  readonly isCanceled: () => boolean
}

/** Milliseconds for which a shard is seen without it before it gets it again: what a vtgate that was lost has sent may be on its way. */
const longestWay = 2_000

/** More than these are refused for a reason that is not known here. */
const mostTimes = 5

/** Leads the REVERTs of one migration to their end on every shard, or to none. */
export class RevertTurns {
  readonly #parts: RevertParts
  readonly #uuid: string
  #missingSince: number | null = null
  #times = 0
  /** Why no shard gets it any more. */
  #refusal: string | null = null

  constructor(parts: RevertParts, uuid: string) {
    this.#parts = parts
    this.#uuid = uuid
  }

  take = async (rows: readonly ShardMigration[]): Promise<Turned> => {
    const turn = decideRevert(rows, this.#parts.keyspace.shards)
    if (turn.type !== 'resend') this.#missingSince = null
    const goesOn = await this.#act(turn, rows)
    return { goesOn, why: this.#refusal }
  }

  async #act(turn: RevertTurn, rows: readonly ShardMigration[]): Promise<boolean> {
    switch (turn.type) {
      case 'wait':
        return false
      case 'complete': {
        this.#refusal ??= await this.#refuseToEnd(rows)
        await this.#alter(turn.uuid, this.#refusal === null ? 'COMPLETE' : 'CANCEL')
        return false
      }
      case 'cancel':
        await this.#alter(turn.uuid, 'CANCEL')
        return false
      case 'resend':
        return this.#resend(turn.shards, rows)
      default: {
        const never: never = turn
        return never
      }
    }
  }

  async #resend(shards: readonly string[], rows: readonly ShardMigration[]): Promise<boolean> {
    this.#missingSince ??= performance.now()
    if (this.#refusal === null && performance.now() - this.#missingSince < longestWay) return true
    this.#refusal ??= await this.#giveAgain(shards, rows)
    if (this.#refusal === null) return true
    const postponed = rows.find((row) => row.isPostponed && (row.status === 'running' || row.status === 'ready'))
    if (postponed !== undefined) await this.#alter(postponed.uuid, 'CANCEL')
    return false
  }

  /** Why it is not; null where each of the shards has it. */
  async #giveAgain(shards: readonly string[], rows: readonly ShardMigration[]): Promise<string | null> {
    const { looker, keyspace, renew, isCanceled } = this.#parts
    const kept = await looker.ask((one) => readKept(one, keyspace.name, keyspace.shards, null))
    const refusal = refuseRevert(this.#uuid, kept, shards)
    if (refusal !== null) return refusal
    this.#times += 1
    if (this.#times > mostTimes) return `shard ${shards.join()} was given it ${mostTimes} times, and does not begin it`
    const isBegun = rows.some(({ status }) => status === 'complete')
    const waits = !isBegun && kept.some((row) => row.uuid === this.#uuid && isByCopy(row))
    const connection = await looker.open()
    for (const shard of shards) {
      await renew()
      if (isCanceled()) return 'it was canceled'
      try {
        await atShard(connection, keyspace.name, shard, (there) => sendRevert(there, this.#uuid, waits))
      } catch (error) {
        if (isPassing(error)) throw error
        return reasonOf(error)
      }
    }
    return null
  }

  /** What would be too late for one shard would change the others alone. Where one has changed, the others follow it. */
  async #refuseToEnd(rows: readonly ShardMigration[]): Promise<string | null> {
    if (rows.some(({ status }) => status === 'complete')) return null
    const { looker, keyspace } = this.#parts
    const kept = await looker.ask((one) => readKept(one, keyspace.name, keyspace.shards, null))
    return mayEnd(this.#uuid, kept)
      ? null
      : 'Vitess is about to remove what it needs, so it does not take the place of the table on any shard'
  }

  #alter(uuid: string, action: 'COMPLETE' | 'CANCEL'): Promise<unknown> {
    return this.#parts.follower.ask((one) => one.ask(`ALTER VITESS_MIGRATION ${quoteString(uuid)} ${action}`))
  }
}

/**
 * Gives Vitess a REVERT. It takes none from a session without autocommit.
 * @param connection in the keyspace, or on one of its shards
 * @param waits each shard waits for its COMPLETE, as on the way forward
 */
export async function sendRevert(connection: Asker, uuid: string, waits: boolean): Promise<void> {
  await connection.ask(setStrategy(waits ? 'vitess --postpone-completion' : 'vitess'))
  try {
    await connection.ask(revertText(uuid))
  } finally {
    await connection.ask(setStrategy('direct')).catch(() => undefined)
  }
}
