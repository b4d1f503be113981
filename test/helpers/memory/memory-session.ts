import type { DatabaseConfig } from '../../../src/config/config.ts'
import type { Holder } from '../../../src/core/holder.ts'
import type { Target } from '../../../src/core/target.ts'
import { ToolError } from '../../../src/core/tool-error.ts'
import type { SessionMemory } from '../../../src/migrations/journal/journal.ts'
import type { UpgradeStep } from '../../../src/migrations/journal/journal-format.ts'
import {
  type JournalChange,
  noChange,
  type QuickStatement,
  type RowToOpen,
} from '../../../src/migrations/journal/rows.ts'
import type { FirstChoices, RunFailure, ServerPort, Session } from '../../../src/migrations/ports.ts'
import type { DataFunction, ModuleQuery } from '../../../src/migrations/user-code.ts'
import type { ServerFacts, SessionLeftovers, StatementOutcome, TimedOutcome } from '../../../src/mysql/facts.ts'
import type { ObjectName } from '../../../src/sql/statement.ts'
import { ConnectionLost, type MemoryProcess, ProcessDied } from './process.ts'
import { Canceled, MemoryConnection, type MemoryServer, Refused } from './server.ts'

export { tinyFacts } from './language.ts'
export { MemoryProcess, type Mishap } from './process.ts'
export { type Effect, MemoryServer } from './server.ts'

const outcome = (rows: number | null, lastInsertId: string | null): StatementOutcome => ({
  rows,
  warnings: [],
  lastInsertId,
})

/** The engine's `Session` over a server in memory. What each call means is what migrations/mysql makes of it: see the contract. */
class MemorySession implements Session {
  readonly target: Target
  readonly facts: ServerFacts
  readonly sendsAlone: boolean
  readonly #connection: MemoryConnection
  readonly #process: MemoryProcess

  constructor(process: MemoryProcess, connection: MemoryConnection, target: Target) {
    this.target = target
    this.sendsAlone = process.sendsAlone
    this.#process = process
    this.#connection = connection
    this.facts = {
      version: '8.0.30',
      uuid: 'memory',
      connectionId: connection.id,
      epochSeconds: 0,
      foldsNames: false,
      notices: [],
      isReadOnly: false,
      differences: [],
      morePins: [],
    }
  }

  readJournal = () =>
    this.#ask(() => {
      this.#connection.rollback()
      return this.#journal.read()
    })

  readRunsUnderWay = async () => []

  createJournal = (chosen?: FirstChoices) =>
    this.#ask(() => {
      this.#journal.exists = true
      if (chosen === undefined) return
      this.#demandLock()
      this.#journal.recordSettings(chosen.settings)
    })

  recordSettings = (settings: ReadonlyMap<string, string>) =>
    this.#ask(() => {
      this.#demandLock()
      this.#journal.recordSettings(settings)
    })

  upgradeJournal = (steps: readonly UpgradeStep[]) =>
    this.#ask(() => {
      this.#demandLock()
      for (const { to } of steps) this.#journal.writeFormat(to)
    })

  lock = async (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) => {
    const { server, lock } = this.#connection
    const started = performance.now()
    while (!(await this.#ask(() => server.tryLock(this.#connection)))) {
      const holder = server.holderOf(lock)
      waiting(holder === null ? null : describeHolder(holder), performance.now() - started)
      if (holder?.orphaned) holder.finishOrphan()
      else await this.#waitForLock(milliseconds - (performance.now() - started))
    }
  }

  unlock = () => this.#ask(() => this.#connection.server.unlock(this.#connection))

  writeJournal = (change: JournalChange) =>
    this.#ask(() => {
      this.#demandLock()
      this.#connection.commit()
      const close = change.close.map((row) => ({ ...row, memory: this.#writeDown(row.memory) }))
      this.#journal.apply({ ...change, close }, this.#writing)
    })

  markCallStarted = (pass: number, statement: number) =>
    this.#ask(() => {
      const journal = this.#journal
      if (journal.hasEntered(pass, statement)) throw new ToolError('CALL_ENTERED', { what: 'The CALL has committed' })
      this.#connection.stage(() => journal.enter(pass, statement))
    })

  run = (text: string) =>
    this.#call(async () => {
      const rows = await this.#connection.run(text)
      return outcome(rows, rows === 1 ? this.#connection.lastInsertId : null)
    }, text)

  runAndClose = async (statements: readonly QuickStatement[], open: readonly RowToOpen[] = []) => {
    if (open.length > 0) await this.writeJournal({ ...noChange, open })
    const outcomes: StatementOutcome[] = []
    for (const { text, ...at } of statements) {
      const outcome = await this.#runAndCloseOne(text, at)
      if (outcome === null) break
      outcomes.push(outcome)
    }
    return outcomes
  }

  #runAndCloseOne(text: string, at: { readonly pass: number; readonly statement: number }) {
    return this.#call(async () => {
      const rows = await this.#connection.run(text)
      this.#demandLock()
      const { lastInsertId } = this.#connection
      const close = [{ ...at, milliseconds: 0, rows, memory: { lastInsertId, variables: {} } }]
      this.#connection.commit()
      this.#journal.apply({ close, open: [], fail: [], drop: [], settle: [], amend: null }, this.#writing)
      return outcome(rows, lastInsertId)
    }).catch((error: unknown) => {
      if (error instanceof Refused || error instanceof Canceled) {
        this.#connection.rollback()
        return null
      }
      throw error
    })
  }

  runTogether = async (texts: readonly string[]) => {
    const outcomes: TimedOutcome[] = []
    for (const text of texts) {
      try {
        outcomes.push({ ...(await this.run(text)), milliseconds: 0 })
      } catch (error) {
        if (!(error instanceof Refused || error instanceof Canceled)) throw error
        break
      }
    }
    return outcomes
  }

  warmUp = () => {}

  explain = (error: unknown): RunFailure | null => {
    if (error instanceof ConnectionLost) return { type: 'lost', why: error.message }
    if (error instanceof Canceled) return { type: 'canceled', why: error.message }
    if (error instanceof Refused) return { type: 'refused', why: error.message, number: 1064, line: null }
    return null
  }

  rollback = () =>
    this.#call(() => this.#connection.rollback()).catch((error: unknown) => {
      if (!(error instanceof ConnectionLost)) throw error
    })

  readDefinitions = (objects: readonly ObjectName[], identity: boolean) =>
    this.#ask(() =>
      objects.map(({ name }) => {
        const table = this.#schema.tables.get(name)
        return table === undefined ? null : `${table.changes.join(',')}${identity ? `\n#${table.id}` : ''}`
      }),
    )

  evaluate = (literal: string) => this.#ask(() => literal.replace(/^'(.*)'$/, '$1'))

  readText = (variable: string) => this.#ask(() => this.#connection.variables.get(variable) ?? null)

  readVariables = (names: readonly string[]) =>
    this.#ask(() => Object.fromEntries(names.map((name) => [name, this.#connection.variables.get(name) ?? 'NULL'])))

  restoreMemory = (memory: SessionMemory) =>
    this.#ask(() => {
      for (const [name, value] of Object.entries(memory.variables)) {
        if (value === 'NULL') this.#connection.variables.delete(name)
        else this.#connection.variables.set(name, value)
      }
      if (memory.lastInsertId !== null) this.#connection.lastInsertId = memory.lastInsertId
    })

  runModule = (run: DataFunction) =>
    this.#call(async () => {
      let rows = 0
      const { signal } = new AbortController()
      const connection = this.#connection
      const query = async function* ({ sql }: ModuleQuery) {
        const affectedRows = (await connection.run(sql)) ?? 0
        rows += affectedRows
        yield { type: 'header' as const, header: { affectedRows } }
      }
      await run({ query, now: signal, soon: signal })
      return outcome(rows, null)
    })

  restoreSession = ({ userVariables, prepared }: SessionLeftovers) =>
    this.#ask(() => this.#connection.forget(userVariables, prepared))

  readTableStates = async () => ({ schema: this.target.schema, states: new Map() })

  readProcedures = async () => new Map()

  readTriggers = async () => new Map()

  readFunctions = async () => new Map()

  readViews = async () => new Map()

  readEvents = async () => new Map()

  readBatchTable = async () => null

  readRows = async () => []

  askAboutRows = async () => new Map()

  lookHere = async () => new Map()

  probe = async () => ({ answers: null, notes: [] })

  findTableHolders = async () => []

  findBlockers = async () => []

  watchReads = () => ({ end: () => null })

  ender = {
    target: { database: 'app', schema: 'app', server: 'memory' },
    readSession: async () => null,
    endSession: async () => true,
  }

  readProgress = async () => ({ type: 'unknown' }) as const

  cancel = async () => this.#connection.interrupt()

  close = async () => {
    if (!this.#connection.closed) this.#connection.close()
  }

  get #schema() {
    return this.#connection.server.schema(this.#connection.schema)
  }

  get #journal() {
    return this.#connection.leader === null ? this.#schema.journal : this.#schema.ledger
  }

  get #writing() {
    return { connectionId: this.#connection.id, now: this.#connection.server.now() }
  }

  /** Where the last insert id matters it is the session's own, also where a caller expected another. */
  #writeDown(memory: SessionMemory | null): SessionMemory | null {
    if (memory === null || memory.lastInsertId === null) return memory
    return { ...memory, lastInsertId: this.#connection.lastInsertId ?? '0' }
  }

  #demandLock(): void {
    if (!this.#connection.holdsLock()) throw new ToolError('LOCK_LOST', { what: 'The lock was lost' })
  }

  async #waitForLock(milliseconds: number): Promise<void> {
    const { server, lock } = this.#connection
    if (milliseconds <= 0) throw new ToolError('LOCK_HELD', { what: 'Another run holds the lock' }, { exitCode: 75 })
    // Given back since it was asked for: no event would wake us.
    if (server.holderOf(lock) === null) return
    const timeout = AbortSignal.timeout(Math.ceil(milliseconds))
    await Promise.race([
      server.released(lock),
      new Promise<void>((resolve) => timeout.addEventListener('abort', () => resolve())),
    ])
  }

  /** A question of the tool's own: a lost connection comes back as a sentence. */
  async #ask<T>(work: () => T): Promise<T> {
    try {
      return await this.#call(work)
    } catch (error) {
      if (!(error instanceof ConnectionLost)) throw error
      throw new ToolError('CONNECTION_LOST', { what: 'The connection was lost' }, { cause: error })
    }
  }

  /** Every call passes here, and may not survive it. @param text the statement that the server could continue alone */
  async #call<T>(work: () => T | Promise<T>, text: string | null = null): Promise<T> {
    await Promise.resolve()
    this.#demandLife()
    const mishap = this.#process.nextMishap()
    if (mishap === 'die-during' || mishap === 'lose-during') {
      if (text !== null) this.#connection.abandon(text)
    } else if (mishap?.endsWith('after'))
      await Promise.resolve()
        .then(work)
        .catch(() => undefined)
    if (mishap === null) {
      try {
        return await work()
      } finally {
        this.#demandLife()
      }
    }
    if (mishap.startsWith('die')) this.#process.die()
    else if (!this.#connection.orphaned) this.#connection.close()
    throw this.#lost()
  }

  #demandLife(): void {
    if (this.#process.dead || this.#connection.closed) throw this.#lost()
  }

  #lost(): Error {
    return this.#process.dead ? new ProcessDied('the process is dead') : new ConnectionLost('the connection is gone')
  }
}

function describeHolder({ id, orphaned }: MemoryConnection): Holder {
  return { connectionId: id, user: null, host: null, seconds: null, state: null, statement: null, orphaned }
}

/** A session of one process on one schema of a server; a worker's journals in the ledger of fan-outs. */
export function openMemorySession(
  process: MemoryProcess,
  server: MemoryServer,
  target: Target,
  worker: { readonly number: number; readonly leader: number } | null = null,
): Session {
  const connection = new MemoryConnection(server, target.schema, worker)
  process.adopt(connection)
  return new MemorySession(process, connection, target)
}

/** The servers of a process: all databases live on one. */
export function memoryServers(process: MemoryProcess, server: MemoryServer): ServerPort {
  return {
    open: async (database: DatabaseConfig) => {
      const target = { database: database.name, schema: database.schema, server: database.server.label }
      return openMemorySession(process, server, target)
    },
    administrate: () => Promise.reject(new Error('the memory server is not administrated')),
  }
}
