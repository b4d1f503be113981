import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { Holder } from '../../../core/holder.ts'
import type { Target } from '../../../core/target.ts'
import { ToolError } from '../../../core/tool-error.ts'
import type { Asker } from '../../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../../mysql/errors.ts'
import { leaseTable } from '../../../mysql/keyspace-tables.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import { judgeAttempt, type LeaseRow, usualLease } from '../../vitess/lease.ts'
import type { IsAlive } from '../holders.ts'

const createTable = (table: string): string => `CREATE TABLE IF NOT EXISTS ${table} (
  \`name\` VARCHAR(64) NOT NULL COMMENT 'the keyspace that it is about',
  \`token\` BIGINT UNSIGNED NOT NULL COMMENT 'grows with each run that takes it',
  \`owner\` VARCHAR(64) NOT NULL COMMENT 'random; empty where it was given back',
  \`person\` VARCHAR(255) NOT NULL,
  \`runner\` VARCHAR(255) NOT NULL COMMENT 'host:process',
  \`connection_id\` BIGINT UNSIGNED NOT NULL,
  \`taken_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`expires\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`beats\` BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (\`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: who changes a keyspace'`

/** Where a lease is, and which. */
export interface LeasePlace {
  readonly keyspace: string
  readonly name: string
}

/** Null where there is none, and where nobody has had one yet. */
export async function readLease(connection: Asker, { keyspace, name }: LeasePlace): Promise<LeaseRow | null> {
  const since = 'TIMESTAMPDIFF(MICROSECOND,taken_at,UTC_TIMESTAMP(6))'
  const left = 'TIMESTAMPDIFF(MICROSECOND,UTC_TIMESTAMP(6),expires)'
  const text = `SELECT CAST(token AS CHAR),owner,person,runner,connection_id,${since},${left} FROM ${leaseTable(keyspace)} WHERE name=${quoteString(name)}`
  const { rows } = await connection.ask(text).catch((error: unknown) => {
    if (hasNumber(error, serverErrors.unknownTable)) return { rows: [] }
    throw error
  })
  const [row] = rows
  if (row === undefined) return null
  const [token, owner, person, runner, connectionId, heldFor, remaining] = row
  return {
    ...{ token: String(token), owner: String(owner), person: String(person), runner: String(runner) },
    ...{ connectionId: Number(connectionId), heldFor: Number(heldFor) / 1000, left: Number(remaining) / 1000 },
  }
}

/** Who holds it; null where nobody does. */
export function holderOf(row: LeaseRow | null, isAlive: IsAlive): Holder | null {
  if (row === null || row.owner === '' || row.left <= 0) return null
  const [, host, process] = /^(.*):(\d+)$/.exec(row.runner) ?? []
  const isDead = host !== undefined && isAlive(host, Number(process)) === false
  const lease = { left: Math.ceil(row.left / 1000), isDead }
  const seconds = Math.max(0, Math.round(row.heldFor / 1000))
  const { connectionId, person: user } = row
  return { connectionId, user, host: null, seconds, state: null, statement: null, orphaned: false, lease }
}

function leaseLost({ target: { database, server }, subject }: Pick<LeaseRequest, 'target' | 'subject'>): ToolError {
  return new ToolError('LOCK_LOST', {
    what: `The lease of ${subject} was lost during the run.`,
    where: { database, server },
    why: 'It had ended, because the run could not renew it in time, or `wwdb lock release` took it. Nothing was written to the journal after that; a definition that Vitess had been given goes on.',
    next: 'Find out what another run did meanwhile, then run the command again: it waits for that definition and continues.',
  })
}

interface LeaseRequest extends LeasePlace {
  readonly target: Target
  /** What it is the lease of, as a sentence says it. */
  readonly subject: string
  readonly person: string
  readonly runner: string
  readonly connectionId: number
  readonly isAlive: IsAlive
}

/** The transaction of its holder has the row, which therefore exists. */
const isLocked = (error: unknown): boolean =>
  hasNumber(error, serverErrors.lockWaitTimeout, serverErrors.queryInterrupted)

type Keeper = <T>(question: (connection: Asker) => Promise<T>) => Promise<T>

/** Milliseconds that a run goes on without a renewal while the journal's shard may be between two primaries. What no fence reaches is sent after a renewal alone. */
const longestOutage = 5 * 60_000

/** Milliseconds between two attempts, doubled at random so that waiting runs do not meet again and again. */
const interval = 150

/**
 * The lock of a keyspace as a row with a token and an end, because named locks do not hold behind vtgate. Only the clock of the journal's database counts. Whoever takes it
 * gets a token that nobody had before; each write to the journal is fenced by the own token in its transaction, so nothing is written by a run that was paused too long. What no
 * fence reaches, a definition, is renewed for before it is sent, and Vitess runs it once in its context.
 */
export class Lease {
  readonly #request: LeaseRequest
  readonly #keeper: Keeper
  readonly #owner = randomBytes(16).toString('hex')
  #token: string | null = null
  #lost = false
  /** When it has ended at the latest, where nothing renews it, by the clock of this machine: a renewal counts from when it was asked for. */
  #end = Number.POSITIVE_INFINITY
  /** Milliseconds of the longest renewal: a lease never lasts longer from now on, whatever a clock that was set had made of its end. */
  #longest = usualLease
  #timer: NodeJS.Timeout | undefined

  /** @param keeper asks on a connection on which each statement is a transaction of its own, and again where that was lost */
  constructor(request: LeaseRequest, keeper: Keeper) {
    this.#request = request
    this.#keeper = keeper
  }

  /** Throws ToolError `LOCK_HELD` (75). */
  async take(milliseconds: number, waiting: (holder: Holder | null, waited: number) => void): Promise<void> {
    const started = performance.now()
    await this.#keeper((keeper) => this.#prepare(keeper))
    for (;;) {
      const asked = performance.now()
      const attempt = judgeAttempt(await this.#keeper((keeper) => this.#attempt(keeper)), this.#owner)
      if (attempt.type === 'taken') {
        this.#token = attempt.token
        this.#lost = false
        this.#end = asked + usualLease
        break
      }
      const waited = performance.now() - started
      if (waited >= milliseconds) throw this.#held(attempt.row, waited)
      waiting(holderOf(attempt.row, this.#request.isAlive), waited)
      await pause(interval * (1 + Math.random()))
    }
    // One at a time: while the journal's database does not answer none is added, or the release would wait behind all of them.
    let isRenewing = false
    this.#timer = setInterval(() => {
      if (isRenewing) return
      isRenewing = true
      void this.renew()
        .catch(() => undefined)
        .finally(() => {
          isRenewing = false
        })
    }, usualLease / 3)
    this.#timer.unref()
  }

  async #attempt(keeper: Asker): Promise<LeaseRow | null> {
    const what = `token=token+1,owner='${this.#owner}',${this.#holder()},taken_at=UTC_TIMESTAMP(6)`
    await keeper.ask(this.#assign(what, 'expires<=UTC_TIMESTAMP(6)')).catch((error: unknown) => {
      // The row is locked by the transaction of its holder: it is held, and its end is read below.
      if (!isLocked(error)) throw error
    })
    return readLease(keeper, this.#request)
  }

  /**
   * Fences a transaction: the row stays locked until it ends, so nobody takes the lease before its COMMIT. Throws ToolError `LOCK_LOST`; then nothing of it may be committed.
   */
  async fence(connection: Asker): Promise<void> {
    const asked = performance.now()
    const { affected } = await connection.ask(this.#assign('beats=beats+1', this.#isMine(), true))
    if (affected === 1) {
      this.#end = Math.max(this.#end, asked + usualLease)
      return
    }
    this.#lost = true
    throw leaseLost(this.#request)
  }

  /** Makes it last so long from now on, at least. Throws ToolError `LOCK_LOST`. */
  async renew(milliseconds: number = usualLease): Promise<void> {
    this.#longest = Math.max(this.#longest, milliseconds)
    // An answer that was longer on its way than the lease lasts says nothing of now.
    do {
      if (this.#lost) break
      const asked = performance.now()
      const text = this.#assign('beats=beats+1', this.#isMine(), true, milliseconds)
      this.#lost = (await this.#keeper((keeper) => keeper.ask(text))).affected !== 1
      if (!this.#lost) this.#end = Math.max(this.#end, asked + milliseconds)
    } while (performance.now() >= this.#end)
    this.sure()
  }

  /** Throws ToolError `LOCK_LOST` where a renewal or a fence has shown it, and where none has succeeded for longer than a shard is waited for. */
  sure(): void {
    if (this.#lost || performance.now() >= this.#end + longestOutage) throw leaseLost(this.#request)
  }

  /** Gives it back, where it is still this run's. */
  async release(): Promise<void> {
    clearInterval(this.#timer)
    if (this.#token === null || this.#lost) return
    const isMine = this.#isMine()
    this.#token = null
    this.#end = Number.POSITIVE_INFINITY
    const { keyspace, name } = this.#request
    const text = `UPDATE ${leaseTable(keyspace)} SET owner='',expires=UTC_TIMESTAMP(6) WHERE name=${quoteString(name)} AND ${isMine}`
    await this.#keeper((keeper) => keeper.ask(text))
  }

  /** Ends the renewals, as a connection that is lost does. */
  stop(): void {
    clearInterval(this.#timer)
  }

  async #prepare(keeper: Asker): Promise<void> {
    const { keyspace, name } = this.#request
    const row = `INSERT IGNORE INTO ${leaseTable(keyspace)} VALUES (${quoteString(name)},0,'','','',0,UTC_TIMESTAMP(6),UTC_TIMESTAMP(6),0)`
    await keeper.ask(row).catch(async (error: unknown) => {
      if (isLocked(error)) return
      if (!hasNumber(error, serverErrors.unknownTable)) throw error
      await keeper.ask(createTable(leaseTable(keyspace)))
      await keeper.ask(row)
    })
  }

  #isMine(): string {
    if (this.#token === null) throw new Error('a lease is used that was not taken')
    // The owner, too: a failover of the journal's database that loses its last writes gives a token a second time, and a lease that was given back keeps its own.
    return `token=${this.#token} AND owner='${this.#owner}'`
  }

  #holder(): string {
    const { person, runner, connectionId } = this.#request
    return `person=${quoteString(person.slice(0, 255))},runner=${quoteString(runner.slice(0, 255))},connection_id=${connectionId}`
  }

  #assign(what: string, where: string, isKept = false, milliseconds: number = usualLease): string {
    const { keyspace, name } = this.#request
    const after = (time: number): string => `UTC_TIMESTAMP(6)+INTERVAL ${Math.round(time * 1000)} MICROSECOND`
    const end = after(milliseconds)
    const kept = `LEAST(GREATEST(expires,${end}),${after(this.#longest)})`
    return `UPDATE ${leaseTable(keyspace)} SET ${what},expires=${isKept ? kept : end} WHERE name=${quoteString(name)} AND ${where}`
  }

  #held(row: LeaseRow | null, waited: number): ToolError {
    const { target, subject, isAlive } = this.#request
    const holder = holderOf(row, isAlive)
    const dead = holder?.lease?.isDead === true ? '; its process has ended, so nobody renews it' : ''
    const by =
      row === null || holder === null
        ? 'a run that has just ended'
        : `${row.person} (${row.runner}) for ${holder.seconds} s, until ${Math.ceil(row.left / 1000)} s from now unless it is renewed${dead}`
    return new ToolError('LOCK_HELD', {
      what: `Another run holds the lease of ${subject}.`,
      where: { database: target.database, server: target.server },
      why: `It is held by ${by}. The wait ended after ${(waited / 1000).toFixed(1)} s.`,
      next: 'Wait and run the command again, or increase `--lock-timeout`; `wwdb lock status` shows the holder.',
    })
  }
}

/** The name and the subject of the lease under which VSchemas are changed. No keyspace has this name. */
export const vschemaLease = ['/vschema', 'all VSchemas'] as const
