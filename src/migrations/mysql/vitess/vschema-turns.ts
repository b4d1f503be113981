import { setTimeout as pause } from 'node:timers/promises'
import type { Holder } from '../../../core/holder.ts'
import type { StatementProgress } from '../../../core/progress.ts'
import type { Asker, Connection } from '../../../mysql/connection.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { canceled } from './errors.ts'
import { digestShown, isBehindChange, readLastChange, writeLastChange } from './last-change.ts'
import type { Lease } from './lease.ts'
import { interval, longestLag } from './settled-vschema.ts'
import { changeVschema, publish, type VschemaParts } from './vschema-changes.ts'

/** Milliseconds that a run waits at least for another one's change of a VSchema: longer than one that is killed keeps the lease. */
const shortestTurn = 120_000

interface TurnParts extends Pick<VschemaParts, 'keyspace' | 'readVschemas'> {
  readonly connection: Pick<Connection, 'ask' | 'run'>
  /** That of all VSchemas: one for the whole session, so that a run never waits for itself where it could not give it back. */
  readonly lease: Pick<Lease, 'take' | 'renew' | 'release'>
  /** The keyspace of the journal, and who asks there: each statement is a transaction of its own. */
  readonly journal: string
  readonly keeper: <T>(question: (connection: Asker) => Promise<T>) => Promise<T>
  /** Renews the lease of the keyspace. */
  readonly renew: () => Promise<void>
}

/** Changes VSchemas for one session, each while no other run that keeps its journal beside this one changes any. */
export class VschemaTurns {
  readonly #parts: TurnParts
  /** Milliseconds that the run waits for its own lock. */
  longestWait = 0
  /** Who changes a VSchema before this run does; null where it does not wait for that. */
  #before: Holder | null = null
  #isBehind = false
  /** `unsent`: it is canceled without a trace. */
  #state: 'idle' | 'unsent' | 'canceled' | 'sent' = 'idle'

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  get progress(): StatementProgress | null {
    const stage =
      this.#before === null
        ? 'waiting until this vtgate shows the last change of a VSchema'
        : `waiting for ${this.#before.user ?? 'another run'}, who changes a VSchema`
    if (this.#before === null && !this.#isBehind) return null
    return { type: 'known', stage, completed: 0, estimated: 1 }
  }

  /** Ends what waits for its turn; false where nothing does. */
  cancel(): boolean {
    if (this.#state === 'unsent') this.#state = 'canceled'
    return this.#state === 'canceled'
  }

  /** Runs one `ALTER VSCHEMA`. Throws ToolError `LOCK_HELD` (75), and as `changeVschema` does. */
  async run(text: string, objects: readonly ObjectName[]): Promise<StatementOutcome> {
    this.#state = 'unsent'
    try {
      return await this.#takeTurn((sure) => this.#change(text, objects, sure))
    } finally {
      this.#state = 'idle'
    }
  }

  async #change(text: string, objects: readonly ObjectName[], sure: () => Promise<void>): Promise<StatementOutcome> {
    const { connection, keyspace, journal, keeper } = this.#parts
    const behind = await this.#waitForLast()
    const look = (): Promise<string> => digestShown(connection, { keyspace, objects }, keyspace)
    const before = await look()
    const outcome = await changeVschema({ ...this.#parts, sure }, text, objects)
    const record = async (): Promise<void> => {
      const after = await look()
      if (after === before) return
      await keeper((one) => writeLastChange(one, journal, { keyspace, objects, before, after }))
    }
    // It has run: what is not recorded makes no other run wait for it.
    await record().catch(() => undefined)
    return { ...outcome, warnings: [...behind, ...outcome.warnings] }
  }

  /** A vtgate publishes the VSchemas of all keyspaces as it knows them: one that does not know the last change yet would take it back. Returns what a person should know where the wait has ended without it. */
  async #waitForLast(): Promise<readonly string[]> {
    const { connection, keyspace, journal, keeper } = this.#parts
    const last = await keeper((one) => readLastChange(one, journal))
    if (last === null) return []
    try {
      for (
        const end = performance.now() + longestLag;
        await isBehindChange(connection, last, keyspace);
        await pause(interval)
      ) {
        this.#isBehind = true
        this.#check()
        if (performance.now() < end) continue
        const names = last.objects.map(({ name }) => `\`${name}\``).join(', ')
        return [
          `This vtgate has not shown the last change of the VSchema of \`${last.keyspace}\` (${names}) for ${longestLag / 1000} s: it was taken back by hand, or vtgates do not read it. ${publish}`,
        ]
      }
      return []
    } finally {
      this.#isBehind = false
    }
  }

  async #takeTurn<T>(work: (sure: () => Promise<void>) => Promise<T>): Promise<T> {
    const { lease, renew } = this.#parts
    try {
      await lease.take(Math.max(shortestTurn, this.longestWait), (holder) => {
        this.#before = holder
        this.#check()
      })
    } finally {
      this.#before = null
    }
    try {
      return await work(async () => {
        await renew()
        await lease.renew()
        this.#check()
        this.#state = 'sent'
      })
    } finally {
      // It ends by itself where it cannot be given back.
      await lease.release().catch(() => undefined)
    }
  }

  #check(): void {
    if (this.#state === 'canceled') throw canceled()
  }
}
