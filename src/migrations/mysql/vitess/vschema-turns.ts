import type { Holder } from '../../../core/holder.ts'
import type { StatementProgress } from '../../../core/progress.ts'
import type { Connection } from '../../../mysql/connection.ts'
import { serverErrors } from '../../../mysql/errors.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import type { Lease } from './lease.ts'
import { changeVschema, type VschemaParts } from './vschema-changes.ts'

/** Milliseconds that a run waits at least for another one's change of a VSchema: longer than one that is killed keeps the lease. */
const shortestTurn = 120_000

interface TurnParts extends Pick<VschemaParts, 'keyspace' | 'readVschemas'> {
  readonly connection: Pick<Connection, 'ask' | 'run'>
  /** That of all VSchemas: one for the whole session, so that a run never waits for itself where it could not give it back. */
  readonly lease: Pick<Lease, 'take' | 'renew' | 'release'>
  /** Renews the lease of the keyspace. */
  readonly renew: () => Promise<void>
}

/** As the server ends what is canceled. */
const canceled = (): Error =>
  Object.assign(new Error('it was canceled before it was given to Vitess, which has changed nothing'), {
    ...{ code: 'ER_VITESS_VSCHEMA', errno: serverErrors.queryInterrupted, fatal: false },
  })

/** Changes VSchemas for one session, each while no other run that keeps its journal beside this one changes any. */
export class VschemaTurns {
  readonly #parts: TurnParts
  /** Milliseconds that the run waits for its own lock. */
  longestWait = 0
  /** Who changes a VSchema before this run does; null where it does not wait for that. */
  #before: Holder | null = null
  /** `unsent`: it is canceled without a trace. */
  #state: 'idle' | 'unsent' | 'canceled' | 'sent' = 'idle'

  constructor(parts: TurnParts) {
    this.#parts = parts
  }

  get progress(): StatementProgress | null {
    if (this.#before === null) return null
    const stage = `waiting for ${this.#before.user ?? 'another run'}, who changes a VSchema`
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
      return await this.#takeTurn((sure) => changeVschema({ ...this.#parts, sure }, text, objects))
    } finally {
      this.#state = 'idle'
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
