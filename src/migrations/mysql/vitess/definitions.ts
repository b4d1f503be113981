import { setTimeout as pause } from 'node:timers/promises'
import type { VitessConfig } from '../../../config/vitess.ts'
import type { StatementProgress } from '../../../core/progress.ts'
import type { Target } from '../../../core/target.ts'
import type { Connection } from '../../../mysql/connection.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import type { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import { runStatement } from '../../../mysql/run-statement.ts'
import { quoteName, quoteString } from '../../../sql/quote-name.ts'
import { digestDefinitions } from '../../execute/recover.ts'
import type { JournalRow } from '../../journal/journal.ts'
import type { RowToOpen } from '../../journal/rows.ts'
import type { Settlement } from '../../journal/settlement.ts'
import { contextOf, type MigrationState } from '../../vitess/shard-migrations.ts'
import { migrationEnded } from './errors.ts'
import { type EndedState, followMigrations, readMigrations, readOnShards } from './keyspace.ts'

interface Keyspace {
  readonly name: string
  readonly shards: readonly string[]
  readonly strategy: VitessConfig['ddlStrategy']
}

/** These Vitess takes as migrations; others reach each shard at once, whatever the strategy. */
const online = /^\s*(?:CREATE|ALTER|DROP)\b/i

const setStrategy = (strategy: VitessConfig['ddlStrategy']): string => `SET @@ddl_strategy='${strategy}'`

/** Definitions of a run on a keyspace: each is done once it is done on every shard. */
export class Definitions {
  readonly #connection: Connection
  readonly #keeper: MonitorConnection
  readonly #keyspace: Keyspace
  readonly #target: Target
  /** The context that is followed now; null where none is. */
  #followed: string | null = null
  #percent = 0

  constructor(connection: Connection, keeper: MonitorConnection, keyspace: Keyspace, target: Target) {
    this.#connection = connection
    this.#keeper = keeper
    this.#keyspace = keyspace
    this.#target = target
  }

  get progress(): StatementProgress {
    if (this.#followed === null) return { type: 'unknown' }
    return { type: 'known', stage: 'online migration of Vitess', completed: this.#percent, estimated: 100 }
  }

  /** Runs one definition, under the context of its row. Throws the reason of a shard where it was not carried out everywhere. */
  async run(text: string, row: Pick<RowToOpen, 'pass' | 'statement'>, journal: string): Promise<StatementOutcome> {
    if (this.#keyspace.strategy === 'direct' || !online.test(text))
      return { ...(await runStatement(this.#connection, text)), lastInsertId: null }
    const context = contextOf(journal, row)
    await this.#connection.ask(`SET @@migration_context=${quoteString(context)}`)
    await this.#connection.ask(setStrategy('vitess'))
    try {
      await this.#connection.run(text)
    } finally {
      await this.#connection.ask(setStrategy('direct')).catch(() => undefined)
    }
    const state = await this.#follow(context)
    if (state.type !== 'complete') throw migrationEnded(state)
    return { rows: 0, warnings: [], lastInsertId: null }
  }

  /** Asks Vitess to cancel what is followed; false where nothing is. */
  async cancel(): Promise<boolean> {
    const context = this.#followed
    if (context === null) return false
    const { name } = this.#keyspace
    const rows = await this.#keeper.ask((keeper) => readMigrations(keeper, name, context))
    for (const uuid of new Set(rows.map((row) => row.uuid)))
      await this.#keeper.ask((keeper) => keeper.ask(`ALTER VITESS_MIGRATION ${quoteString(uuid)} CANCEL`))
    return true
  }

  /**
   * What an open row of a definition comes to. What an earlier run gave to Vitess goes on without it: its end is awaited. Where it did not end well everywhere it is given to Vitess
   * again, in its context, where the shards that have completed it do nothing. Null for other rows.
   */
  async settle(row: JournalRow, journal: string | null): Promise<Settlement | null> {
    if (row.class !== 'definition') return null
    const state = journal === null ? ({ type: 'absent' } as const) : await this.#follow(contextOf(journal, row))
    if (state.type === 'complete' && row.objects.length === 1)
      return { type: 'ran', why: 'Vitess has completed it on every shard' }
    if (state.type !== 'absent')
      return { type: 'not-run', why: 'it is given to Vitess again, which runs it once on each shard' }
    await this.#awaitEnd(row)
    return this.#settleByLooking(row)
  }

  async #follow(context: string): Promise<EndedState> {
    this.#followed = context
    this.#percent = 0
    const { name: keyspace, shards } = this.#keyspace
    const progressed = (state: MigrationState): void => {
      if (state.type === 'running') this.#percent = state.percent
    }
    try {
      return await this.#keeper.ask((keeper) => followMigrations(keeper, { keyspace, context, shards, progressed }))
    } finally {
      this.#followed = null
    }
  }

  /** A definition that a run sent at once goes on in the server when the run is gone. */
  async #awaitEnd(row: JournalRow): Promise<void> {
    const names = row.objects.map(({ name }) => name.toLowerCase())
    for (;;) {
      const running = await Promise.all([this.#findRunning(names)])
      if (!running.includes(true)) return
      await pause(200)
    }
  }

  async #findRunning(names: readonly string[]): Promise<boolean> {
    const { name, shards } = this.#keyspace
    return this.#keeper.ask(async (keeper) => {
      let isRunning = false
      for (const shard of shards) {
        await keeper.ask(`USE ${quoteName(`${name}:${shard}`)}`)
        const { rows } = await keeper.ask(
          "SELECT LOWER(INFO) FROM information_schema.PROCESSLIST WHERE INFO IS NOT NULL AND LOWER(INFO) REGEXP '^(create|alter|drop|rename|truncate)'",
        )
        isRunning ||= rows.some(([text]) => names.some((one) => String(text).includes(one)))
      }
      await keeper.ask(`USE ${quoteName(name)}`)
      return isRunning
    })
  }

  async #settleByLooking(row: JournalRow): Promise<Settlement> {
    if (row.fingerprint === null || row.objects.length === 0)
      return { type: 'unknown', why: 'the state of no object shows whether it ran' }
    const { name, shards } = this.#keyspace
    const definitions: (string | null)[] = []
    for (const object of row.objects) {
      const own = await this.#keeper.ask((keeper) => readOnShards(keeper, name, shards, object))
      const differing = own.findIndex((one) => one !== own[0])
      if (differing > 0)
        return {
          type: 'unknown',
          why: `\`${object.name}\` is not the same on the shards ${shards[0]} and ${shards[differing]} of ${this.#target.database}: it may have run on some of them`,
        }
      definitions.push(own.every((one) => one === null) ? null : own.join('\n'))
    }
    if (digestDefinitions(row.objects, definitions) === row.fingerprint)
      return { type: 'not-run', why: 'the objects it names are as they were before it, on every shard' }
    return { type: 'ran', why: 'the objects it names have changed on every shard since it was opened' }
  }
}
