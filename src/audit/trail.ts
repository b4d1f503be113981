import type { Emit, RunEvent } from '../command/event.ts'
import { formatDuration } from '../core/duration.ts'
import type { Target } from '../core/target.ts'
import { inOneSentence, ToolError } from '../core/tool-error.ts'
import type { Lender, Place, RecordedDatabase } from '../mysql/place.ts'
import { describeSession } from '../operate/kill-blockers.ts'
import { describeReading } from '../operate/reading.ts'
import { Stalls } from '../operate/stall.ts'
import { describeUndone } from '../operate/undo/describe-undone.ts'
import type { EndOf } from './ending.ts'
import type { RunEnd, RunLedger, RunLedgers } from './ports.ts'
import { describeRemoved, removeOldRecord } from './retention.ts'
import type { RunIdentity } from './run-identity.ts'

/** What a trail needs. */
export interface TrailRequest {
  readonly identity: () => RunIdentity
  /** The commit of the project's files, where it is known. It is read once, when the first row is written. */
  readonly readCommit: () => Promise<string | null>
  readonly ledgers: () => Promise<RunLedgers>
  /** Takes warnings. */
  readonly emit: Emit
  /** The run calls it before its first change; it throws where the run must not change anything. */
  readonly begin?: () => Promise<void>
  /** Milliseconds that the record is kept; null keeps it forever. Is called when a run that has a row ends. */
  readonly keep: () => Promise<number | null>
  /** Masks secrets. */
  readonly redact: (text: string) => string
}

/** A row that is open. */
interface Entry {
  readonly database: RecordedDatabase
  readonly ledger: RunLedger
}

/** Changes in one row: any beyond this number are only counted. */
const mostChanges = 200

/**
 * Writes a row of the run into each target that it writes to: open when it takes the target, closed when the command ends. A command that takes no target
 * writes nothing and connects to nothing. A row that cannot be written is a warning: the record of a run must not stop the run.
 */
export class Trail {
  readonly #request: TrailRequest
  readonly #entries = new Map<string, Promise<Entry | null>>()
  readonly #ledgers = new Map<string, Promise<RunLedger>>()
  readonly #changes: string[] = []
  readonly #stalls = new Stalls()
  #hasWarned = false
  #commit: Promise<string | null> | null = null
  #planned: readonly { readonly target: Pick<Target, 'database'>; readonly inputsDigest: string }[] = []

  constructor(request: TrailRequest) {
    this.#request = request
  }

  /** The digests of the last plan by the name of the database. */
  get planDigests(): ReadonlyMap<string, string> {
    return new Map(this.#planned.map(({ target, inputsDigest }) => [target.database, inputsDigest]))
  }

  /** Takes from an event what the row will hold. */
  observe(event: RunEvent): void {
    if (event.type === 'plan-ready') this.#planned = event.plan.targets
    if (event.type === 'throttle-ended')
      this.note(
        `\`${event.target.database}\` paused ${formatDuration(event.milliseconds)}: ${describeReading(event.because, 'was')}.`,
      )
    this.#stalls.observe(event)
    if (event.type === 'blocker-killed')
      this.note(`Killed on ${event.target.server}: ${describeSession(event.session)}.`)
    if (event.type === 'batch-undone') this.note(describeUndone(event))
    if (event.type === 'store-change-finished') this.note(`${event.store}: ${event.summary}.`)
  }

  /** Notes a change outside the databases that no other table shows: a sentence. */
  note(change: string): void {
    this.#changes.push(change)
  }

  /** The run is about to change something, in whatever system: throws where a hook forbids it. */
  async begin(): Promise<void> {
    await this.#request.begin?.()
  }

  /** Warns, once, that what the run does is not recorded anywhere. */
  warnUnrecorded(message: string): void {
    if (this.#hasWarned) return
    this.#hasWarned = true
    this.#request.emit({ type: 'warning', message, target: null })
  }

  /**
   * From here on, the run writes to the database. The first call returns when the row is written; later calls do nothing. Throws where a hook forbids the
   * run.
   */
  async enter(database: RecordedDatabase, timeouts: Place['timeouts'], lender?: Lender): Promise<void> {
    if (isTemporary(database.schema)) return
    await this.begin()
    const key = `${database.server.label}/${database.schema}`
    const entry = this.#entries.get(key) ?? this.#begin(database, timeouts, lender)
    this.#entries.set(key, entry)
    try {
      await entry
    } catch (error) {
      this.#entries.set(key, Promise.resolve(null))
      this.#warn(database, error)
    }
  }

  /** Closes the row of one target whose work has ended, and the connection that was lent for it: a run over many targets does not keep them all. Never throws. */
  async leave({ server, schema }: Target, end: Omit<RunEnd, 'changes'>): Promise<void> {
    const key = `${server}/${schema}`
    const entry = (await this.#entries.get(key)) ?? null
    const lent = this.#ledgers.get(key)
    this.#entries.delete(key)
    this.#ledgers.delete(key)
    if (entry !== null) await this.#close(entry, { ...end, changes: [] })
    await lent?.then(
      (open) => open.close(),
      () => undefined,
    )
  }

  /** Closes the rows. Never throws. */
  async finish(endOf: EndOf): Promise<void> {
    const entries = await Promise.all(this.#entries.values())
    await Promise.all(
      entries.map(async (entry) => {
        if (entry === null) return
        const planDigest = this.planDigests.get(entry.database.name) ?? null
        await this.#close(entry, { ...endOf(entry.database.name), planDigest, changes: this.#listChanges() })
      }),
    )
    for (const ledger of this.#ledgers.values())
      await ledger.then(
        (open) => open.close(),
        () => undefined,
      )
    this.#entries.clear()
    this.#ledgers.clear()
  }

  async #close(entry: Entry, { error, ...ended }: RunEnd): Promise<void> {
    const end = { ...ended, error: error === null ? null : this.#request.redact(error) }
    try {
      await entry.ledger.end(entry.database.schema, end)
    } catch (thrown) {
      return this.#warn(entry.database, thrown)
    }
    // A person who stopped a run, or whose run failed, does not wait for the cleanup: the next run removes what is
    // old.
    if (end.outcome === 'done') await this.#removeOld(entry, end)
  }

  async #begin(database: RecordedDatabase, timeouts: Place['timeouts'], lender?: Lender): Promise<Entry> {
    const identity = this.#request.identity()
    this.#commit ??= this.#request.readCommit()
    const { server, vitess } = database
    // Databases that lend a connection are recorded beside one another: what takes time is the server's, for the table of each.
    const isShared = lender === undefined && vitess === undefined
    const key = isShared ? server.label : `${server.label}/${database.schema}`
    const opening = this.#ledgers.get(key) ?? this.#open(database, timeouts, identity.id, lender)
    this.#ledgers.set(key, opening)
    const [ledger, commit] = await Promise.all([opening, this.#commit])
    await ledger.begin(database.schema, {
      identity,
      commit,
      planDigest: this.planDigests.get(database.name) ?? null,
    })
    return { database, ledger }
  }

  async #open(
    database: RecordedDatabase,
    timeouts: Place['timeouts'],
    id: string,
    lender?: Lender,
  ): Promise<RunLedger> {
    const ledgers = await this.#request.ledgers()
    const { server, vitess } = database
    if (vitess !== undefined) return ledgers.openKeyspace(database, vitess, timeouts, id)
    return ledgers.open(server, timeouts, id, lender)
  }

  /** Removes what is older than the retention of the record, and notes it in the row. Never throws. */
  async #removeOld({ ledger, database }: Entry, end: RunEnd): Promise<void> {
    try {
      const keep = await this.#request.keep()
      if (keep === null) return
      const removed = await removeOldRecord(ledger, database.schema, keep, () => performance.now())
      const summary = describeRemoved(removed, keep)
      if (summary === null) return
      this.#request.emit({ type: 'record-removed', target: targetOf(database), ...removed, summary })
      await ledger.end(database.schema, { ...end, changes: [...end.changes, summary] })
    } catch (error) {
      this.#warn(database, error, `Old rows of the record of runs could not be removed from \`${database.name}\``)
    }
  }

  #listChanges(): readonly string[] {
    const changes = [...this.#changes, ...this.#stalls.describe()]
    const shown = changes.slice(0, mostChanges).map(this.#request.redact)
    const more = changes.length - shown.length
    return more > 0 ? [...shown, `and ${more} more`] : shown
  }

  #warn(
    database: RecordedDatabase,
    error: unknown,
    what = `The run could not be recorded in \`wwdb_runs\` of \`${database.name}\``,
  ): void {
    const [fault] = error instanceof ToolError ? error.faults : []
    const why = fault === undefined ? String(error) : [inOneSentence(fault), fault.next].filter(Boolean).join(' ')
    this.#request.emit({ type: 'warning', message: `${what}: ${why}`, target: targetOf(database) })
  }
}

function targetOf({ name, schema, server }: RecordedDatabase): Target {
  return { database: name, schema, server: server.label }
}

/** Schemas that are dropped when the command ends, and templates of test environments, whose rows are copied. */
function isTemporary(schema: string): boolean {
  return /^wwdb_(?:scratch|template)_/.test(schema)
}
