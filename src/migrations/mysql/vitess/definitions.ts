import type { StatementProgress } from '../../../core/progress.ts'
import { nameLiveChecks, tableOfNamedChecks } from '../../../ddl/vitess-checks.ts'
import type { Connection } from '../../../mysql/connection.ts'
import type { StatementOutcome } from '../../../mysql/facts.ts'
import { lacksPrimary } from '../../../mysql/no-primary.ts'
import { quoteString } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import type { JournalRow } from '../../journal/journal.ts'
import type { RowToOpen } from '../../journal/rows.ts'
import type { Meanwhile, Pending, Settlement } from '../../journal/settlement.ts'
import { adviseChanging } from '../../vitess/changing-shards.ts'
import { type Compared, combineShards, compareShards } from '../../vitess/compare-shards.ts'
import { pendingChange, pendingOf } from '../../vitess/pending-rows.ts'
import { isRevertRow, revertedBy, type Sought } from '../../vitess/revert-statement.ts'
import { describeFound, judgeRefused, settleDefinition } from '../../vitess/settle-definition.ts'
import { contextOf, type EndedState, isPending } from '../../vitess/shard-migrations.ts'
import { isOnline, type Strategic, strategyOf } from '../../vitess/strategy-of.ts'
import { awaitKnown } from './await-known.ts'
import type { Beside } from './beside.ts'
import { isLeftOpen, isLockLost, leftOpen, migrationEnded, reasonOf, refused, uncancelable } from './errors.ts'
import { type Ask, type Followed, followMigrations, mayComeLater } from './follow-migrations.ts'
import { Giving } from './giving.ts'
import { findChanging, readMigrations, readOnShards, setStrategy } from './keyspace.ts'
import { findReverted, Reverts } from './reverts.ts'
import { settleVschema } from './settle-vschema.ts'
import { isOfVschema, readVschemaObject } from './vschema-changes.ts'

interface Keyspace extends Strategic {
  readonly name: string
}

interface DefinitionParts extends Pick<Beside, 'follower' | 'canceler' | 'looker'> {
  readonly connection: Connection
  readonly keyspace: Keyspace
  /** Throws ToolError `LOCK_LOST` where a renewal of the lease has shown that. */
  readonly sure: () => void
  /** Makes the lease last. Throws ToolError `LOCK_LOST`. */
  readonly renew: () => Promise<void>
}

type GivenDefinition = Pick<RowToOpen, 'summary' | 'objects' | 'fingerprint'>

/** What is followed now. */
interface Following {
  readonly sought: Sought
  /** Where it is not, Vitess takes no CANCEL before it has ended. */
  readonly isOnline: boolean
  /** Ends the following, and not what is followed. */
  readonly leaving: AbortController
  /** No shard is given any of it from then on. */
  isCanceled: boolean
}

/** Definitions of a run on a keyspace: each is done once it is done on every shard. */
export class Definitions {
  readonly #parts: DefinitionParts
  readonly #ask: Ask
  readonly #giving: Giving
  readonly #reverts: Reverts
  #following: Following | null = null
  #percent = 0
  #waiting: string | null = null

  constructor(parts: DefinitionParts) {
    this.#parts = parts
    this.#ask = (question) => parts.follower.ask(question)
    this.#giving = new Giving(parts)
    const isCanceled = (): boolean => this.#following?.isCanceled === true
    this.#reverts = new Reverts({ ...parts, giving: this.#giving, isCanceled })
  }

  get progress(): StatementProgress {
    const { waiting } = this.#giving
    if (waiting !== null) return { type: 'known', stage: `not sent yet: ${waiting}`, completed: 0, estimated: 100 }
    if (this.#following === null) return { type: 'unknown' }
    const own = this.#following.isOnline ? 'online migration of Vitess' : 'migration of Vitess'
    const stage = this.#waiting === null ? own : `${own}: ${this.#waiting}`
    return { type: 'known', stage, completed: this.#percent, estimated: 100 }
  }

  /**
   * Runs one definition in a context, in which Vitess runs it once. Throws the reason of a shard where none has carried it out, and what leaves its row open where one has, or may have.
   */
  async run(text: string, row: GivenDefinition, context: string): Promise<StatementOutcome> {
    const given = await this.#giving.lead(() => this.#give(text, row, context))
    const state = await this.#follow(given, given.isOnline).catch((error: unknown) => {
      if (isLeftOpen(error) || isLockLost(error)) throw error
      throw leftOpen(`Vitess has been given it, and how it went on was not seen: ${reasonOf(error)}`)
    })
    if (state.type === 'absent') throw leftOpen('Vitess has been given it, and does not show it')
    if (state.type === 'silent') throw leftOpen(state.why)
    if (state.type === 'ended') await this.#refuse(state, row)
    const undone = await this.#reverts.findUndone(given.sought, await this.findChanging())
    if (undone !== null) throw leftOpen(undone)
    if (given.creates) await awaitKnown(this.#ask, this.#parts.keyspace.name, row.objects, this.#parts.sure)
    return { rows: 0, warnings: [], lastInsertId: null }
  }

  /** Makes the lease last for something else that no fence reaches, and that is sent next. */
  renew = (): Promise<void> => this.#giving.lead(this.#giving.renew)

  /** Why nothing may be done to tables of the keyspace now; null where it may. */
  findChanging = (): Promise<string | null> => {
    const { name, shards } = this.#parts.keyspace
    return this.#giving.persist(() => this.#ask((one) => findChanging(one, name, shards)))
  }

  async #give(text: string, row: GivenDefinition, context: string): Promise<Given> {
    const changing = await this.findChanging()
    const reverted = revertedBy(text)
    if (reverted !== null) return this.#reverts.give(reverted, changing)
    if (changing !== null) throw refused(changing)
    const live = await this.#withLiveChecks(text)
    // What no shard has taken between two primaries is given again: Vitess runs it once in its context.
    const submitted = await this.#giving.persist(() => this.#submit(live, context, row), lacksPrimary)
    const own = { isOnline: isOnline(this.#parts.keyspace, row), creates: row.summary.startsWith('CREATE TABLE') }
    return { sought: { type: 'context', context }, submitted, ...own }
  }

  /** Throws why it has not run; returns where it has all the same. */
  async #refuse(state: EndedState & { readonly type: 'ended' }, row: GivenDefinition): Promise<void> {
    if (state.isPartial) throw leftOpen(state.why)
    if (state.isRefused === true) throw migrationEnded(state)
    const compared = await this.#compare(row).catch((error: unknown) => {
      throw leftOpen(`${state.why}; what the shards have was not seen: ${reasonOf(error)}`)
    })
    const judged = judgeRefused(state.why, compared)
    if (judged.type === 'not-run') throw migrationEnded(state)
    if (judged.type === 'unknown') throw leftOpen(judged.why)
  }

  /** The migrations that Vitess makes of it. Throws its refusal where no shard has taken it. */
  async #submit(text: string, context: string, row: GivenDefinition): Promise<readonly string[]> {
    const { connection, keyspace } = this.#parts
    const sought = { type: 'context', context } as const
    // Rows of an earlier attempt would make a refusal of this one look as if it had run.
    const earlier = await this.#giving.persist(() => this.#ask((one) => readMigrations(one, keyspace.name, sought)))
    await connection.ask(`SET @@migration_context=${quoteString(context)}`)
    await connection.ask(setStrategy(strategyOf(keyspace, row)))
    const attempt = { sought, submitted: null, ignored: new Set(earlier.map(({ uuid }) => uuid)) }
    try {
      return await this.#giving.send(() => this.#send(text, attempt, isOnline(keyspace, row)))
    } finally {
      await connection.ask(setStrategy('direct')).catch(() => undefined)
    }
  }

  async #send(text: string, attempt: Submission, isOnline: boolean): Promise<readonly string[]> {
    try {
      const answers = await this.#parts.connection.run(text)
      const submitted = answers.flatMap(({ rows }) => rows.map(([uuid]) => String(uuid)))
      if (submitted.length === 0) throw leftOpen('Vitess did not say that it made a migration of it')
      return submitted
    } catch (error) {
      throw await this.#judgeRefusal(attempt, isOnline, error)
    }
  }

  /** One shard may have taken what another refuses. */
  async #judgeRefusal(what: Submission, isOnline: boolean, error: unknown): Promise<unknown> {
    const state = await this.#follow(what, isOnline).catch((failure: unknown) => {
      if (isLockLost(failure)) throw failure
      return null
    })
    if (state?.type === 'absent' && !mayComeLater(error)) return error
    const found = state === null ? 'what the shards have of it was not seen' : describeFound(state)
    return leftOpen(`${reasonOf(error)}; ${found}`)
  }

  /** Asks Vitess to cancel what is followed, stops following what it does not cancel, or ends what was not sent yet; false where nothing is. */
  async cancel(): Promise<boolean> {
    const following = this.#following
    if (following === null) return this.#giving.cancel()
    following.isCanceled = true
    if (!following.isOnline) {
      following.leaving.abort(uncancelable())
      return true
    }
    const { canceler, keyspace } = this.#parts
    const rows = await canceler.ask((one) => readMigrations(one, keyspace.name, following.sought))
    for (const uuid of new Set(rows.filter(isPending).map((row) => row.uuid)))
      await canceler.ask((one) => one.ask(`ALTER VITESS_MIGRATION ${quoteString(uuid)} CANCEL`))
    return true
  }

  /**
   * What an open row of a definition comes to. What an earlier run gave to Vitess goes on without it: its end is awaited. Null for other rows.
   */
  async settle(row: JournalRow, journal: string | null, meanwhile: Meanwhile): Promise<Settlement | null> {
    if (row.class !== 'definition') return null
    const { connection, keyspace } = this.#parts
    if (isOfVschema(row.objects)) return settleVschema(connection, keyspace.name, row, meanwhile)
    const sought = await this.#seek(row, journal)
    const state = sought === null ? ({ type: 'absent' } as const) : await this.awaitEnd(sought, meanwhile)
    const isDone = sought !== null && state.type === 'complete'
    const changing = isDone ? await this.findChanging() : null
    const undone = isDone ? await this.#reverts.findUndone(sought, changing) : null
    if (undone !== null)
      return { type: 'unknown', why: undone, ...(changing && { next: adviseChanging(keyspace.name) }) }
    const isCompleted = state.type !== 'absent' && (state.type !== 'ended' || state.isPartial)
    return settleDefinition(state, row.objects.length, isCompleted ? null : await this.#compare(row), isRevertRow(row))
  }

  /** What became of it, once nothing of it is pending: what an earlier run gave to Vitess goes on without it. */
  awaitEnd(sought: Sought, meanwhile: Meanwhile): Promise<EndedState> {
    const running = (waiting: string | null): void => meanwhile(waiting ?? 'Vitess has not completed it on every shard')
    return this.#follow({ sought, submitted: null, turns: this.#reverts.turnsOf(sought) }, true, running)
  }

  /** Why a person cannot settle a row yet; null where nothing stands against that. */
  async findPending(row: JournalRow, journal: string | null): Promise<Pending | null> {
    const sought = row.class === 'definition' && !isOfVschema(row.objects) ? await this.#seek(row, journal) : null
    if (sought === null) return null
    const rows = await this.#ask((one) => readMigrations(one, this.#parts.keyspace.name, sought))
    return pendingOf(rows) ?? pendingChange(await this.findChanging(), this.#parts.keyspace.name)
  }

  /** What tells the migrations of a row from all others; null where nothing was given to Vitess. */
  async #seek(row: JournalRow, journal: string | null): Promise<Sought | null> {
    if (journal === null) return null
    if (!isRevertRow(row)) return { type: 'context', context: contextOf(journal, row) }
    const { name } = this.#parts.keyspace
    return this.#giving.persist(() => this.#ask((one) => findReverted(one, name, row)))
  }

  /** The definitions of objects, those of all shards as one. */
  async read(objects: readonly ObjectName[]): Promise<readonly (string | null)[]> {
    const found: (string | null)[] = []
    const { connection, keyspace } = this.#parts
    for (const object of objects) {
      if (isOfVschema([object])) found.push(await readVschemaObject(connection, keyspace.name, object))
      else found.push(combineShards(await this.#readOnShards(object)))
    }
    return found
  }

  async #follow(
    submission: Submission,
    isOnline: boolean,
    running?: (waiting: string | null) => void,
  ): Promise<EndedState> {
    this.#percent = 0
    this.#waiting = null
    const { name, shards } = this.#parts.keyspace
    const leaving = new AbortController()
    const left = new Promise<never>((_, reject) => {
      leaving.signal.addEventListener('abort', () => reject(leaving.signal.reason))
    })
    const wait = (waiting: string | null): void => {
      this.#waiting = waiting
      running?.(waiting)
    }
    this.#following = { sought: submission.sought, isOnline, leaving, isCanceled: false }
    const followed: Followed = {
      ...{ keyspace: name, shards, looker: this.#parts.looker, ...submission },
      progressed: (state) => {
        if (state.type !== 'running') return
        this.#percent = state.percent
        wait(state.waiting)
      },
      sure: () => {
        leaving.signal.throwIfAborted()
        this.#parts.sure()
      },
      away: wait,
    }
    try {
      return await Promise.race([followMigrations(this.#ask, followed), left])
    } finally {
      this.#following = null
    }
  }

  async #compare(row: Parameters<typeof compareShards>[0]): Promise<Compared> {
    const own: (readonly (string | null)[])[] = []
    for (const object of row.objects) own.push(await this.#readOnShards(object))
    return compareShards(row, this.#parts.keyspace.shards, own)
  }

  /** Vitess has given the checks of a table names of its own. */
  async #withLiveChecks(text: string): Promise<string> {
    const name = tableOfNamedChecks(text)
    if (name === null) return text
    return nameLiveChecks(text, name, await this.#readOnShards({ type: 'table', schema: null, name }))
  }

  #readOnShards(object: ObjectName): Promise<readonly (string | null)[]> {
    const { name, shards } = this.#parts.keyspace
    return this.#giving.persist(() => this.#parts.looker.ask((looker) => readOnShards(looker, name, shards, object)))
  }
}

type Submission = Pick<Followed, 'sought' | 'submitted' | 'ignored' | 'turns'>

/** What was given to Vitess. */
interface Given extends Submission {
  readonly isOnline: boolean
  /** vtgate hears of the table only from its tablets. */
  readonly creates: boolean
}
