import type { DatabaseConfig, Timeouts } from '../../config/config.ts'
import { scratchLockOf } from '../../core/scratch-name.ts'
import type { Target } from '../../core/target.ts'
import { mayRollBackMarker } from '../../mysql/call-marker.ts'
import type { Connection } from '../../mysql/connection.ts'
import { readDefinitions } from '../../mysql/definitions.ts'
import type { Door, MysqlConnection } from '../../mysql/door.ts'
import { callEntered, isConnectionLost } from '../../mysql/errors.ts'
import type { ServerFacts, SessionLeftovers, StatementOutcome } from '../../mysql/facts.ts'
import { proveSession } from '../../mysql/lock.ts'
import { MonitorConnection } from '../../mysql/monitor-connection.ts'
import {
  checkClientCharacterSet,
  pinMonitor,
  readVariables,
  restoreMemory,
  restorePins,
  withLockWait,
} from '../../mysql/pinned-session.ts'
import { placeOf } from '../../mysql/place.ts'
import { runStatement, runTogether } from '../../mysql/run-statement.ts'
import { readRunsUnderWay } from '../../mysql/runs-under-way.ts'
import { namingBlockers, type Waiter } from '../../mysql/watch-blockers.ts'
import type { AlgorithmQuestions } from '../../probe/algorithm-question.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { ObjectName } from '../../sql/statement.ts'
import type { SessionMemory } from '../journal/journal.ts'
import type { UpgradeStep } from '../journal/journal-format.ts'
import type { JournalChange, QuickStatement, RowToOpen } from '../journal/rows.ts'
import type { FirstChoices, Session } from '../ports.ts'
import { besideStatement } from './beside-statement.ts'
import { CreationsAtOnce } from './creations-at-once.ts'
import { keepInside } from './inside-session.ts'
import { type JournalPlace, journalOf } from './journal-tables.ts'
import { type JournalWriter, renderSettings, writeChange } from './journal-writing.ts'
import { readJournalsTogether } from './journals-together.ts'
import { LentRecord } from './lent-record.ts'
import { renderNewJournal } from './new-journal.ts'
import { type JournalReader, openJournalReader } from './own-records.ts'
import { type NamePlace, planQuestions } from './plan-questions.ts'
import { runAndClose } from './run-and-close.ts'
import { openRecord } from './schema-record.ts'
import { TargetLock } from './target-lock.ts'
import { classifyRunError, translatingErrors, translatingFenceErrors } from './translate-errors.ts'
import { upgradeJournal } from './upgrade-journal.ts'

/** One connection that holds its target's lock and runs its statements, and a second one, opened when it is needed. */
class MysqlSession implements Session {
  readonly target: Target
  readonly facts: ServerFacts
  readonly sendsAlone: boolean
  readonly #database: DatabaseConfig
  readonly #timeouts: Timeouts
  readonly #connection: MysqlConnection
  readonly #writer: JournalWriter
  readonly #monitor: MonitorConnection
  readonly #lent: LentRecord
  readonly #lock: TargetLock
  readonly #waiter: Waiter
  readonly #place: NamePlace
  readonly readTableStates: Session['readTableStates']
  readonly readBatchTable: Session['readBatchTable']
  readonly readProcedures: Session['readProcedures']
  readonly readTriggers: Session['readTriggers']
  readonly readFunctions: Session['readFunctions']
  readonly readViews: Session['readViews']
  readonly readEvents: Session['readEvents']
  readonly askAboutRows: Session['askAboutRows']
  readonly #beside: ReturnType<typeof besideStatement>
  readonly findBlockers: Session['findBlockers']
  readonly findTableHolders: Session['findTableHolders']
  readonly readProgress: Session['readProgress']
  readonly watchReads: Session['watchReads']
  readonly ender: Session['ender']
  readonly readJournal: Session['readJournal']
  readonly record: Session['record'] & object
  readonly #creations: CreationsAtOnce | null
  readonly createAtOnce?: CreationsAtOnce['run']
  /** Ends the users' code that runs; null while there is none. */
  #ending: AbortController | null = null

  constructor(
    database: DatabaseConfig,
    timeouts: Timeouts,
    { runner, isAlive, sendsAlone = false }: Door['process'],
    connection: MysqlConnection,
    place: JournalPlace,
    read: JournalReader,
  ) {
    const { facts } = connection
    const { target } = connection.place
    this.target = target
    this.facts = facts
    this.sendsAlone = sendsAlone
    this.#place = { schema: target.schema, foldsNames: facts.foldsNames }
    this.#database = database
    this.#timeouts = timeouts
    this.#connection = connection
    this.#monitor = new MonitorConnection(connection.beside)
    this.#lent = new LentRecord(connection, this.#monitor)
    this.#lock = new TargetLock(connection, this.#monitor, place, isAlive)
    this.readJournal = this.#lent.learnFrom((format) => translatingErrors(target, () => read(format)))
    this.#waiter = { target, monitor: this.#monitor, connectionId: facts.connectionId, lockWait: timeouts.lockWait }
    const questions = planQuestions(this.#place, {
      aside: (work) => this.#aside(work),
      besides: (work) => this.#guard(() => this.#monitor.ask(work)),
      pins: (...more) => pinMonitor(timeouts.lockWait, database.session, [...facts.morePins, ...more]),
    })
    ;({ readTableStates: this.readTableStates, askAboutRows: this.askAboutRows } = questions)
    ;({ readBatchTable: this.readBatchTable } = questions)
    ;({ readProcedures: this.readProcedures, readFunctions: this.readFunctions } = questions)
    ;({ readTriggers: this.readTriggers, readViews: this.readViews, readEvents: this.readEvents } = questions)
    this.record = openRecord(connection, this.#monitor, target)
    const pins = pinMonitor(timeouts.lockWait, database.session, facts.morePins)
    this.#beside = besideStatement(connection, this.#monitor, pins)
    ;({ findBlockers: this.findBlockers, findTableHolders: this.findTableHolders } = this.#beside)
    ;({ readProgress: this.readProgress, watchReads: this.watchReads, ender: this.ender } = this.#beside)
    const connect = (): Promise<Connection> => connection.beside({ purpose: 'scratch', pin: (one) => one.ask(pins) })
    this.#creations = scratchLockOf(target.schema) === null ? null : new CreationsAtOnce(connection, connect)
    if (this.#creations !== null) this.createAtOnce = this.#creations.run
    const { connectionId, tableNames } = facts
    keepInside(this, { connection, waiter: this.#waiter, lock: { lockName: place.lockName, connectionId }, place })
    this.#writer = {
      ...place,
      connectionId,
      serverUuid: facts.uuid,
      ...(tableNames !== undefined && { tableNames }),
      runner,
    }
  }

  readJournals: Session['readJournals'] & object = (targets) =>
    this.#guard(() => readJournalsTogether(this.#connection, targets))

  readRunsUnderWay = () => this.#guard(() => this.#monitor.ask((other) => readRunsUnderWay(other, this.#connection)))

  createJournal = (chosen?: FirstChoices) => this.#write(renderNewJournal(this.#writer, chosen))

  recordSettings = (settings: ReadonlyMap<string, string>) =>
    this.#write(`${renderSettings(this.#writer, settings)};COMMIT`)

  upgradeJournal = (steps: readonly UpgradeStep[]) =>
    this.#fenced(() => upgradeJournal(this.#connection, this.#writer, steps))

  lock: Session['lock'] = async (milliseconds, waiting) => {
    await this.#guard(() => this.#lock.acquire(milliseconds, waiting))
    this.#lent.begin()
  }

  recorded = () => this.#lent.written()

  unlock = () => this.#guard(() => this.#lock.release())

  writeJournal = (change: JournalChange) =>
    this.#fenced(() => writeChange(this.#connection, this.#writer, change, this.facts.maxPacket))

  markCallStarted = (pass: number, statement: number, procedure: ObjectName | null, text: string) =>
    this.#guard(async () => {
      const losable = await this.#monitor.ask((other) => mayRollBackMarker(other, this.#place, procedure, text))
      const mark = `UPDATE ${this.#writer.table} SET state='entered' WHERE pass=${pass} AND statement=${statement} AND state='open'`
      const [answer] = await this.#connection.askAll(losable ? `${mark};COMMIT` : mark)
      if (answer?.affected === 0) throw callEntered(this.target)
    })

  run = async (text: string, lockWait: number | null = null): Promise<StatementOutcome> => {
    const outcome = await withLockWait(this.#connection, lockWait, this.#timeouts.lockWait, () =>
      runStatement(this.#connection, text),
    )
    await checkClientCharacterSet(this.#connection, text)
    return outcome
  }

  explain = classifyRunError

  runAndClose = (statements: readonly QuickStatement[], open: readonly RowToOpen[] = []) => {
    const places = { connection: this.#connection, writer: this.#writer, target: this.target, rollback: this.rollback }
    return runAndClose(places, statements, open)
  }

  runTogether = (texts: readonly string[], lockWait: number | null = null) =>
    withLockWait(this.#connection, lockWait, this.#timeouts.lockWait, () => runTogether(this.#connection, texts))

  warmUp = () => void this.#monitor.open().catch(() => undefined)

  rollback = async () => {
    await this.#connection.ask('ROLLBACK').catch((error: unknown) => {
      if (!isConnectionLost(error)) throw error
    })
  }

  /**
   * From the second connection, whose settings no migration changes: they affect how a definition is printed, and a temporary table hides the real
   * one.
   */
  readDefinitions = (objects: readonly ObjectName[], identity: boolean) =>
    this.#guard(() => this.#monitor.ask((other) => readDefinitions(other, this.#place, objects, identity)))

  evaluate = (literal: string) =>
    this.#guard(async () => {
      const answers = await this.#connection.run(`SELECT CAST(${literal} AS CHAR)`)
      const value = answers[0]?.rows[0]?.[0]
      return value === null || value === undefined ? null : String(value)
    })

  readRows: Session['readRows'] = (question) => this.#guard(() => this.ask(question))

  ask = async (question: string) =>
    (await this.#connection.ask(question)).rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))))

  readText = (variable: string) => this.evaluate(`@${quoteName(variable)}`)

  readVariables = (names: readonly string[]) => this.#guard(() => readVariables(this.#connection, names))

  lookHere: Session['lookHere'] = (questions) =>
    this.#guard(async () => {
      const { askAboutRows } = await import('../../probe/mysql/row-questions.ts')
      const answers = await askAboutRows((text) => this.#connection.ask(text), questions)
      await this.rollback()
      return answers
    })

  restoreMemory = (memory: SessionMemory) => this.#guard(() => restoreMemory(this.#connection, memory))

  runModule: Session['runModule'] = async (run, soon, approve) => {
    const ending = new AbortController()
    this.#ending = ending
    try {
      const signals = { now: ending.signal, soon }
      const { runDataMigration } = await import('./data-migration.ts')
      const rows = await runDataMigration(this.#connection, run, signals, this.#beside.killQuery, approve)
      return { rows, warnings: [], lastInsertId: null }
    } finally {
      this.#ending = null
    }
  }

  restoreSession = (leftovers: SessionLeftovers) =>
    this.#guard(() =>
      restorePins(this.#connection, leftovers, this.#timeouts.lockWait, this.#database.session, this.facts.morePins),
    )

  probe = (questions: AlgorithmQuestions) =>
    this.#aside(async (connection) => {
      await connection.ask(pinMonitor(this.#timeouts.lockWait, this.#database.session, this.facts.morePins))
      await proveSession(connection, this.#connection, this.target)
      // Most sessions never need this.
      const { probeAlgorithms } = await import('../../probe/mysql/algorithm-probe.ts')
      return probeAlgorithms(connection, questions)
    })

  /** Users' code is ended first, which also kills the query that it waits for: killed alone, it could send the next one. */
  cancel = async () => {
    if (this.#ending === null) await this.#beside.killQuery()
    else this.#ending.abort()
  }

  close = async () => {
    await this.#lent.settled()
    const others = [this.#monitor, this.#beside, this.#lock, this.#creations]
    await Promise.all([this.#connection, ...others].map((one) => one?.close()))
  }

  /** A connection for one query, which pins and changes its session. */
  async #aside<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#connection.beside({ purpose: 'scratch', pin: () => Promise.resolve() })
    try {
      return await this.#guard(() => work(connection))
    } finally {
      await connection.close()
    }
  }

  /** A fenced write: nothing of it is committed once the lock is lost. */
  #write(packet: string): Promise<void> {
    return this.#fenced(async () => void (await this.#connection.askAll(packet)))
  }

  #fenced<T>(work: () => Promise<T>): Promise<T> {
    return translatingFenceErrors(this.target, () => namingBlockers(this.#waiter, work))
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return translatingErrors(this.target, work)
  }
}

/** Opens a pinned session on a schema. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED`, `READ_ONLY` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`. */
export async function openMysqlSession(
  door: Door,
  database: DatabaseConfig,
  timeouts: Timeouts,
  writable: boolean,
  place: JournalPlace = journalOf(database.schema),
): Promise<Session> {
  const at = { ...placeOf(database, timeouts), session: database.session }
  const connection = await door.open(at, { writable, purpose: 'work', transaction: true })
  const read = openJournalReader(connection, at.target, place.table, writable)
  return new MysqlSession(database, timeouts, door.process, connection, place, read)
}
