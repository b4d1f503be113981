import { randomUUID } from 'node:crypto'
import type { DatabaseConfig, Timeouts } from '../../../config/config.ts'
import type { Keyspace, VitessConfig } from '../../../config/vitess-config.ts'
import type { Target } from '../../../core/target.ts'
import type { Door, MysqlConnection } from '../../../mysql/door.ts'
import { isConnectionLost } from '../../../mysql/errors.ts'
import type { ServerFacts, StatementOutcome } from '../../../mysql/facts.ts'
import { keyspaceJournal } from '../../../mysql/keyspace-tables.ts'
import { placeOf } from '../../../mysql/place.ts'
import { runStatement } from '../../../mysql/run-statement.ts'
import { readKeyspaceRuns } from '../../../mysql/runs-under-way.ts'
import { findSequences, readVschema, readVschemas } from '../../../mysql/vschema.ts'
import { pinBeside } from '../../../mysql/vtgate.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import type { JournalRow } from '../../journal/journal.ts'
import { journalFormat } from '../../journal/journal-format.ts'
import { type JournalChange, noChange, type RowToOpen } from '../../journal/rows.ts'
import type { Meanwhile } from '../../journal/settlement.ts'
import type { FirstChoices, Session } from '../../ports.ts'
import type { SchemaRecord } from '../../schema-record.ts'
import { leaseFor } from '../../vitess/lease.ts'
import type { Reverting } from '../../vitess/plan-reverts.ts'
import { contextOf } from '../../vitess/shard-migrations.ts'
import { createJournalTable } from '../journal-tables.ts'
import { type JournalWriter, renderNames, renderSettings, renderStatements } from '../journal-writing.ts'
import { type Beside, openBeside } from './beside.ts'
import { Definitions } from './definitions.ts'
import { explainVtgate, translatingVtgate } from './errors.ts'
import { FencedWrites } from './fenced-writes.ts'
import { keepInsideKeyspace } from './inside-keyspace.ts'
import { journalIdOf, readKeyspaceJournal, renderJournalId } from './journal.ts'
import { openReverting } from './kept-migrations.ts'
import { type KeyspaceFacts, readKeyspaceFacts } from './keyspace.ts'
import { Lease, vschemaLease } from './lease.ts'
import { nothingElse } from './not-asked.ts'
import { openKeyspaceRecord, recordTablesOf } from './record.ts'
import { isOfVschema } from './vschema-changes.ts'
import { VschemaTurns } from './vschema-turns.ts'

/**
 * A session on a keyspace through vtgate. Users' statements run on one connection; the journal is in a keyspace with one shard, and its writes are fenced by a lease.
 */
class VtgateSession {
  readonly target: Target
  readonly facts: ServerFacts
  readonly keyspace: Keyspace
  readonly #shards: readonly string[]
  /** One statement at a time: what vtgate does with several in a packet differs between versions. */
  readonly sendsAlone = true
  readonly #connection: MysqlConnection
  readonly #beside: Beside
  readonly record: SchemaRecord
  readonly #writer: JournalWriter
  readonly #vitess: VitessConfig
  readonly #lease: Lease
  readonly #vschemaTurns: VschemaTurns
  readonly #writes: FencedWrites
  readonly #definitions: Definitions
  readonly #lockWait: number
  /** The row that was opened last: that of the statement which runs next. */
  #opened: RowToOpen | null = null
  /** The rows of data that is uncommitted on shards other than that of the journal. */
  #elsewhere: readonly RowToOpen[] = []
  /** What tells this journal from every other one in contexts of Vitess. */
  #journalId: string | null = null

  constructor(
    { process }: Pick<Door, 'process'>,
    connection: MysqlConnection,
    vitess: VitessConfig,
    { shards, isSharded }: KeyspaceFacts,
    timeouts: Timeouts,
  ) {
    const { target } = connection.place
    this.target = target
    this.facts = connection.facts
    this.#connection = connection
    this.#vitess = vitess
    const { journal, ddlStrategy } = vitess
    this.keyspace = { journal, ddlStrategy, shards: shards.length, isSharded }
    this.#shards = shards
    this.#lockWait = timeouts.lockWait
    this.#beside = openBeside(connection)
    const { keeper, reader, ...others } = this.#beside
    this.record = openKeyspaceRecord({ connection, reader, target, journal, shards })
    const { runner, isAlive } = process
    const { connectionId, uuid: serverUuid } = connection.facts
    this.#writer = {
      ...{ table: keyspaceJournal(journal, target.schema), isFencedBefore: true, lockName: '', leader: null },
      record: recordTablesOf(journal, target.schema),
      ...{ connectionId, serverUuid, runner },
    }
    const holder = { person: runner.name, runner: runner.process, connectionId, isAlive }
    const openLease = (name: string, subject: string): Lease =>
      new Lease({ keyspace: vitess.journal, name, subject, target, ...holder }, (work) => keeper.ask(work))
    this.#lease = openLease(target.schema, `\`${target.schema}\``)
    const renew = () => this.#lease.renew(leaseFor(this.#lockWait))
    this.#vschemaTurns = new VschemaTurns({
      ...{ connection, keyspace: target.schema, lease: openLease(...vschemaLease) },
      ...{ renew, readVschemas: this.readVschemas },
      ...{ journal, keeper: (question) => keeper.ask(question) },
    })
    this.#writes = new FencedWrites({
      connection,
      beside: () => others.follower.open(),
      fence: (one) => this.#lease.fence(one),
      rollback: () => this.rollback(),
      table: this.#writer.table,
    })
    const keyspace = { name: target.schema, shards, strategy: vitess.ddlStrategy }
    this.#definitions = new Definitions({ connection, ...others, keyspace, renew, sure: () => this.#lease.sure() })
    keepInsideKeyspace(this, {
      ...{ connection, reader, renew, shards, journal },
      ...{ writes: this.#writes, definitions: this.#definitions, vschemaTurns: this.#vschemaTurns },
    })
  }

  readJournal: Session['readJournal'] = async (format = journalFormat) => {
    const { record } = recordTablesOf(this.#vitess.journal, this.target.schema)
    const snapshot = await this.#guard(() =>
      readKeyspaceJournal(this.#connection, this.target, { table: this.#writer.table, record }, format),
    )
    this.#journalId = journalIdOf(snapshot)
    return snapshot
  }

  createJournal = (chosen?: FirstChoices) =>
    this.#guard(async () => {
      await this.#connection.ask(createJournalTable(this.#writer.table))
      if (chosen === undefined) return
      const settings = renderSettings(this.#writer, chosen.settings)
      const names = chosen.names === null ? [] : [renderNames(this.#writer, chosen.names)]
      await this.#writes.write([settings, ...names])
    })

  /** A journal gets it with its first definition, and keeps it. */
  async #identify(): Promise<string> {
    const id = this.#journalId ?? randomUUID()
    if (this.#journalId === null) await this.#writes.write([renderJournalId(this.#writer, id)])
    this.#journalId = id
    return id
  }

  recordSettings = (settings: ReadonlyMap<string, string>) =>
    this.#guard(() => this.#writes.write([renderSettings(this.#writer, settings)]))

  /** The first format is the only one so far that was written through vtgate. */
  upgradeJournal: Session['upgradeJournal'] = () => Promise.reject(new Error('no journal has a former format here'))

  writeJournal = (given: JournalChange) =>
    this.#guard(async () => {
      const change = { ...given, open: given.open.map((row) => this.#withShards(row)) }
      const statements = [...renderStatements(this.#writer, change)]
      if (this.#elsewhere.length === 0 || change.close.length === 0) await this.#writes.write(statements)
      else await this.#writes.writeBehindData(this.#elsewhere, statements)
      // Seeds write beside `run`, and open all their rows before.
      this.#elsewhere = this.#isHere ? [] : change.open.filter((row) => row.class === 'module')
      this.#opened = change.open.at(-1) ?? this.#opened
    })

  /** The fingerprint of a definition is that of these shards. */
  #withShards(row: RowToOpen): RowToOpen {
    return row.class === 'definition' && !isOfVschema(row.objects) ? { ...row, shards: this.#shards } : row
  }

  settleRow = (row: JournalRow, meanwhile: Meanwhile) =>
    this.#guard(() => this.#definitions.settle(row, this.#journalId, meanwhile))

  findPending = (row: JournalRow) => this.#guard(() => this.#definitions.findPending(row, this.#journalId))

  lock: Session['lock'] = (milliseconds, waiting) =>
    this.#guard(async () => {
      await this.#lease.take(milliseconds, waiting)
      this.#vschemaTurns.longestWait = milliseconds
      await this.#connection.record()
    })

  unlock = () => this.#guard(() => this.#lease.release())

  run = async (text: string): Promise<StatementOutcome> => {
    const row = this.#opened
    if (row?.class === 'definition') {
      const id = await this.#guard(() => this.#identify())
      if (!isOfVschema(row.objects)) return this.#definitions.run(text, row, contextOf(id, row))
      // Nothing is sent yet: where the journal's shard is between two primaries, it is waited for.
      await this.#definitions.renew()
      return this.#vschemaTurns.run(text, row.objects)
    }
    if (row !== null && row.class !== 'module' && !this.#isHere) this.#elsewhere = [row]
    const { rows, warnings } = await runStatement(this.#connection, text)
    return { rows, warnings, lastInsertId: null }
  }

  runAndClose: Session['runAndClose'] = async (statements, open = []) => {
    if (open.length > 0) await this.writeJournal({ ...noChange, open })
    const outcomes: StatementOutcome[] = []
    for (const { text, objects: _, ...at } of statements) {
      const outcome = await this.run(text)
      await this.writeJournal({ ...noChange, close: [{ ...at, milliseconds: 0, rows: outcome.rows, memory: null }] })
      outcomes.push(outcome)
    }
    return outcomes
  }

  runTogether: Session['runTogether'] = async (texts) => {
    const outcomes = []
    for (const text of texts) {
      const started = performance.now()
      outcomes.push({ ...(await this.run(text)), milliseconds: performance.now() - started })
    }
    return outcomes
  }

  explain = explainVtgate

  get #isHere(): boolean {
    return this.target.schema === this.#vitess.journal
  }

  rollback = async () => {
    this.#elsewhere = []
    await this.#connection.ask('ROLLBACK').catch((error: unknown) => {
      if (!isConnectionLost(error)) throw error
    })
  }

  /** Of each shard: a definition has run where it has on all of them. */
  readDefinitions = (objects: readonly ObjectName[]) => this.#guard(() => this.#definitions.read(objects))

  findChanging = () => this.#guard(() => this.#definitions.findChanging())

  readVschema = () => this.#guard(() => readVschema(this.#connection, this.target.schema))

  readRunsUnderWay = () =>
    this.#guard(() =>
      this.#beside.follower.ask((one) => readKeyspaceRuns(one, this.#vitess.journal, this.target.schema)),
    )

  get reverting(): Reverting {
    return openReverting(this.#beside.looker, this.target, this.#shards, () => this.#journalId)
  }

  /** On a connection of its own, which leaves the keyspace. */
  readVschemas = () =>
    this.#guard(async () => {
      const beside = await this.#connection.beside({ pin: pinBeside })
      return readVschemas(beside).finally(() => beside.close())
    })

  findSequences = (name: string) => this.#guard(() => findSequences(this.#connection, name))

  readProgress: Session['readProgress'] = async () => this.#vschemaTurns.progress ?? this.#definitions.progress

  readRows: Session['readRows'] = (question) => this.#guard(() => this.ask(question))

  ask: Session['ask'] = async (question) =>
    (await this.#connection.ask(question)).rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))))

  evaluate = (literal: string) =>
    this.#guard(async () => {
      const value = (await this.#connection.ask(`SELECT CAST(${literal} AS CHAR)`)).rows[0]?.[0]
      return value === null || value === undefined ? null : String(value)
    })

  /** A definition is canceled by Vitess, where it does that; a statement of data ends with its connection. */
  cancel = async () => {
    if (!this.#vschemaTurns.cancel() && !(await this.#definitions.cancel())) this.#connection.destroy()
  }

  warmUp = () => void this.#beside.keeper.open().catch(() => undefined)

  close = async () => {
    this.#lease.stop()
    await Promise.all([this.#connection, ...Object.values(this.#beside)].map((one) => one.close()))
  }

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return translatingVtgate(this.target, work)
  }
}

/** Opens a session on a keyspace. Throws ToolError `UNREACHABLE`, `ACCESS_DENIED` (69), `SCHEMA_MISSING`, `SERVER_UNSUPPORTED`, `CONFIG_INVALID`. */
export async function openVtgateSession(
  door: Door,
  database: DatabaseConfig,
  vitess: VitessConfig,
  timeouts: Timeouts,
): Promise<Session> {
  const at = { ...placeOf(database, timeouts), session: database.session }
  const connection = await door.open(at, { writable: true, purpose: 'work', transaction: true, engine: 'vtgate' })
  try {
    const facts = await readKeyspaceFacts(connection, vitess, at.target)
    const session = new VtgateSession(door, connection, vitess, facts, timeouts)
    return Object.assign(session, nothingElse(at.target))
  } catch (error) {
    connection.destroy()
    throw error
  }
}
