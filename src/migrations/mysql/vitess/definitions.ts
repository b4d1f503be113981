import type { VitessConfig } from '../../../config/vitess-config.ts'
import type { StatementProgress } from '../../../core/progress.ts'
import type { Target } from '../../../core/target.ts'
import type { Connection } from '../../../mysql/connection.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import type { MonitorConnection } from '../../../mysql/monitor-connection.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import { digestDefinitions } from '../../execute/recover.ts'
import type { JournalRow } from '../../journal/journal.ts'
import type { RowToOpen } from '../../journal/rows.ts'
import type { Settlement } from '../../journal/settlement.ts'
import type { Meanwhile } from '../../ports.ts'
import { contextOf, type MigrationState } from '../../vitess/shard-migrations.ts'
import { leftOpen, migrationEnded } from './errors.ts'
import { type EndedState, followMigrations, readMigrations, readOnShards } from './keyspace.ts'
import { isOfVschema, readVschemaObject } from './vschema-changes.ts'

interface Keyspace {
  readonly name: string
  readonly shards: readonly string[]
  readonly strategy: VitessConfig['ddlStrategy']
}

interface DefinitionParts {
  readonly connection: Connection
  /** Follows migrations; never in another keyspace or on one shard. */
  readonly keeper: MonitorConnection
  /** Looks at single shards, for which it leaves the keyspace. */
  readonly looker: MonitorConnection
  readonly keyspace: Keyspace
  readonly target: Target
}

/** `direct` is plain DDL too, but Vitess sends it: so a run that was paused and comes back repeats nothing. */
const managed: Readonly<Record<VitessConfig['ddlStrategy'], string>> = { vitess: 'vitess', direct: 'mysql' }

const changesTable = /^(?:ALTER TABLE|CREATE INDEX|DROP INDEX)\b/

const setStrategy = (strategy: string): string => `SET @@ddl_strategy='${strategy}'`

/** Definitions of a run on a keyspace: each is done once it is done on every shard. */
export class Definitions {
  readonly #parts: DefinitionParts
  /** The context that is followed now; null where none is. */
  #followed: string | null = null
  #percent = 0
  #waiting: string | null = null

  constructor(parts: DefinitionParts) {
    this.#parts = parts
  }

  get progress(): StatementProgress {
    if (this.#followed === null) return { type: 'unknown' }
    const stage = this.#waiting === null ? 'online migration of Vitess' : `online migration of Vitess: ${this.#waiting}`
    return { type: 'known', stage, completed: this.#percent, estimated: 100 }
  }

  /**
   * Runs one definition, under the context of its row. Throws the reason of a shard where none has carried it out, and what leaves its row open where one has, or may have.
   */
  async run(
    text: string,
    row: Pick<RowToOpen, 'pass' | 'statement' | 'hash' | 'summary'>,
    journal: string,
  ): Promise<StatementOutcome> {
    const context = contextOf(journal, row)
    const submitted = await this.#submit(text, context, this.#strategyOf(row))
    const state = await this.#follow(context, submitted).catch((error: unknown) => {
      throw leftOpen(`Vitess has been given it, and how it went on was not seen: ${reasonOf(error)}`)
    })
    if (state.type === 'absent') throw leftOpen('Vitess has been given it, and does not show it')
    if (state.type === 'ended') throw state.isPartial ? leftOpen(state.why) : migrationEnded(state)
    return { rows: 0, warnings: [], lastInsertId: null }
  }

  /** An online change of several shards waits for all of them before its copies take the place of the table. */
  #strategyOf({ summary }: Pick<RowToOpen, 'summary'>): string {
    const { strategy, shards } = this.#parts.keyspace
    const isGated = strategy === 'vitess' && shards.length > 1 && changesTable.test(summary)
    return isGated ? `${managed.vitess} --postpone-completion` : managed[strategy]
  }

  /** The migrations that Vitess makes of it. Throws its refusal where no shard has taken it. */
  async #submit(text: string, context: string, strategy: string): Promise<readonly string[]> {
    const { connection } = this.#parts
    await connection.ask(`SET @@migration_context=${quoteString(context)}`)
    await connection.ask(setStrategy(strategy))
    try {
      const answers = await connection.run(text)
      const submitted = answers.flatMap(({ rows }) => rows.map(([uuid]) => String(uuid)))
      if (submitted.length === 0) throw leftOpen('Vitess did not say that it made a migration of it')
      return submitted
    } catch (error) {
      throw await this.#judgeRefusal(context, error)
    } finally {
      await connection.ask(setStrategy('direct')).catch(() => undefined)
    }
  }

  /** One shard may have taken what another refuses. */
  async #judgeRefusal(context: string, error: unknown): Promise<unknown> {
    const state = await this.#follow(context, null).catch(() => null)
    if (state?.type === 'absent') return error
    const found = state === null ? 'what the shards have of it was not seen' : describeFound(state)
    return leftOpen(`${reasonOf(error)}; ${found}`)
  }

  /** Asks Vitess to cancel what is followed; false where nothing is. */
  async cancel(): Promise<boolean> {
    const context = this.#followed
    if (context === null) return false
    const { keeper, keyspace } = this.#parts
    const rows = await keeper.ask((one) => readMigrations(one, keyspace.name, context))
    for (const uuid of new Set(rows.map((row) => row.uuid)))
      await keeper.ask((one) => one.ask(`ALTER VITESS_MIGRATION ${quoteString(uuid)} CANCEL`))
    return true
  }

  /**
   * What an open row of a definition comes to. What an earlier run gave to Vitess goes on without it: its end is awaited. Where no shard has completed it, it is given to Vitess again, in
   * its context. Where some have, a person is asked: its text may have been corrected since. Null for other rows.
   */
  async settle(row: JournalRow, journal: string | null, meanwhile: Meanwhile): Promise<Settlement | null> {
    // What ALTER VSCHEMA has changed is in the topology, and not on shards: what it names shows whether it ran.
    if (row.class !== 'definition' || isOfVschema(row.objects)) return null
    const state =
      journal === null
        ? ({ type: 'absent' } as const)
        : await this.#follow(contextOf(journal, row), null, (waiting) =>
            meanwhile(waiting ?? 'Vitess has not completed it on every shard'),
          )
    switch (state.type) {
      case 'absent':
        return this.#settleByLooking(row)
      case 'complete':
        if (state.tables === row.objects.length) return { type: 'ran', why: 'Vitess has completed it on every shard' }
        return {
          ...{ type: 'not-run', why: 'it is given to Vitess again, which runs it once on each shard' },
          ...(state.tables > 0 && { partly: true }),
        }
      case 'ended':
        if (!state.isPartial)
          return { type: 'not-run', why: `no shard has completed it, and it is given to Vitess again: ${state.why}` }
        return {
          type: 'unknown',
          why: `Vitess has completed it on some shards alone: ${state.why}. After \`--not-run\`, the same text is run where it is missing; a corrected text would be run on every shard`,
        }
      default: {
        const never: never = state
        return never
      }
    }
  }

  /** The definitions of objects, those of all shards as one. */
  async read(objects: readonly ObjectName[]): Promise<readonly (string | null)[]> {
    const found: (string | null)[] = []
    const { connection, keyspace } = this.#parts
    for (const object of objects) {
      if (isOfVschema([object])) {
        found.push(await readVschemaObject(connection, keyspace.name, object))
        continue
      }
      const own = await this.#readOnShards(object)
      found.push(own.every((one) => one === null) ? null : own.join('\n'))
    }
    return found
  }

  async #follow(
    context: string,
    submitted: readonly string[] | null,
    running?: (waiting: string | null) => void,
  ): Promise<EndedState> {
    this.#followed = context
    this.#percent = 0
    this.#waiting = null
    const { keeper, keyspace } = this.#parts
    const { name, shards } = keyspace
    const progressed = (state: MigrationState): void => {
      if (state.type !== 'running') return
      this.#percent = state.percent
      this.#waiting = state.waiting
      running?.(state.waiting)
    }
    try {
      const followed = { keyspace: name, context, shards, submitted, progressed }
      return await keeper.ask((one) => followMigrations(one, followed))
    } finally {
      this.#followed = null
    }
  }

  #readOnShards(object: ObjectName): Promise<readonly (string | null)[]> {
    const { name, shards } = this.#parts.keyspace
    return this.#parts.looker.ask((looker) => readOnShards(looker, name, shards, object))
  }

  /** Vitess knows nothing of it: it was never given to it. */
  async #settleByLooking(row: JournalRow): Promise<Settlement> {
    if (row.fingerprint === null || row.objects.length === 0)
      return { type: 'unknown', why: 'the state of no object shows whether it ran' }
    const { keyspace, target } = this.#parts
    for (const object of row.objects) {
      const own = await this.#readOnShards(object)
      const differing = own.findIndex((one) => one !== own[0])
      if (differing > 0)
        return {
          type: 'unknown',
          why: `\`${object.name}\` is not the same on the shards ${keyspace.shards[0]} and ${keyspace.shards[differing]} of ${target.database}: it may have run on some of them`,
        }
    }
    if (digestDefinitions(row.objects, await this.read(row.objects)) === row.fingerprint)
      return { type: 'not-run', why: 'the objects it names are as they were before it, on every shard' }
    return { type: 'ran', why: 'the objects it names have changed on every shard since it was opened' }
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function describeFound(state: EndedState): string {
  if (state.type === 'ended') return state.why
  return state.type === 'complete' ? 'Vitess has completed it on every shard that took it' : 'no shard has it'
}
