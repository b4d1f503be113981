import { defaultGuard, type GuardConfig } from '../config/guard-config.ts'
import { environmentsSchema } from '../core/environments-schema.ts'
import { type Connection, connect } from './connection.ts'
import type { Door, Lending, MysqlConnection, Opening, Pinning, ProcessIdentity, Purpose } from './door.ts'
import type { ServerFacts } from './facts.ts'
import { findSchema } from './find-schema.ts'
import { serverOf } from './group-members.ts'
import { ofVersion } from './metadata-locks.ts'
import { pinMonitor, pinSession } from './pinned-session.ts'
import type { Lender, Place, RecordedDatabase, RunRecord } from './place.ts'
import { translateRunError } from './refusals.ts'
import { openSession } from './server-facts.ts'
import { openThroughVtgate } from './vtgate.ts'
import { type Effect, effectOf } from './writing.ts'

/** What is set up once for all connections of a run. */
interface DoorRequest {
  readonly process: ProcessIdentity
  /** Warns about notices of servers. */
  readonly announce: (notices: readonly string[]) => void
  /** Null where nothing is recorded: in a library. */
  readonly record: RunRecord | null
  /** Absent where the defaults apply. */
  readonly guard?: () => Promise<GuardConfig>
}

/** The only way to MySQL servers: nothing else connects to one. */
export function createDoor(request: DoorRequest): Door {
  const door: Door = {
    open: (place, opening) => open(place, opening, request, door),
    openPinned: async (place, { purpose, pin = pinAsOwn(place) }) =>
      openPinned(place, pin, recordingFor(place, purpose, request.record, door)),
    borrow,
    process: request.process,
    guard: request.guard ?? (async () => defaultGuard),
  }
  return door
}

async function open(place: Place, opening: Opening, request: DoorRequest, door: Door): Promise<MysqlConnection> {
  const { target, server, schema, timeouts, session } = place
  const { writable, purpose, transaction = false } = opening
  const connection = await connect(server, schema, timeouts.connect, session?.timeZone)
  try {
    const access = { server, timeouts, ...(session && { session }), pin: transaction ? pinSession : pinMonitor }
    const facts =
      opening.engine === 'vtgate'
        ? await openThroughVtgate(connection, target, session, server, transaction)
        : await openSession(connection, target, access, writable)
    if (purpose !== 'record') request.announce(noticesOf(facts, writable))
    const recording = recordingFor(place, purpose, request.record, door)
    return {
      ...recordWrites(connection, recording),
      place,
      facts,
      record: (lending) => recording?.now(lending) ?? Promise.resolve(),
      note: (change) => request.record?.note(change),
      beside: async ({ pin = pinAsOwn(place), purpose: its = purpose }: Partial<Pinning> = {}) => {
        const recorded = its === purpose ? recording : recordingFor(place, its, request.record, door)
        return ofVersion(facts.version, await openPinned(place, pin, recorded))
      },
      toMember: (member) =>
        openPinned({ ...place, server: serverOf(server, member), schema: null }, pinAsOwn(place), null),
    }
  } catch (error) {
    connection.destroy()
    throw translateRunError(error, target)
  }
}

/** Differences between sessions concern only commands that write. */
function noticesOf({ notices, differences }: ServerFacts, writable: boolean): readonly string[] {
  return writable ? [...notices, ...differences] : notices
}

function pinAsOwn({ timeouts }: Place): Pinning['pin'] {
  return (connection) => connection.ask(pinMonitor(timeouts.lockWait))
}

async function openPinned(
  { server, schema, timeouts }: Place,
  pin: Pinning['pin'],
  recording: Recording | null,
): Promise<Connection> {
  const connection = await connect(server, schema, timeouts.connect)
  try {
    await pin(connection)
    return recordWrites(connection, recording)
  } catch (error) {
    connection.destroy()
    throw error
  }
}

/** Records a run once for one connection and its further connections. */
interface Recording {
  readonly isDone: () => boolean
  readonly now: (lending?: Lending) => Promise<void>
  /** Does the work and records it before or, where the record's schema may not exist yet, after it. */
  readonly around: <Value>(effect: Exclude<Effect, 'reads'>, work: () => Promise<Value>) => Promise<Value>
}

function recordingFor(place: Place, purpose: Purpose, record: RunRecord | null, door: Door): Recording | null {
  if (record === null || purpose === 'scratch' || purpose === 'record') return null
  const { target, server, timeouts, vitess } = place
  if (vitess !== undefined)
    return underLease(record, { name: target.database, schema: target.schema, server, vitess }, timeouts)
  const name = purpose === 'environments' ? environmentsSchema : target.database
  const schema = purpose === 'environments' ? environmentsSchema : target.schema
  let done = false
  const now = async (lending?: Lending): Promise<void> => {
    if (done) return
    if (purpose === 'accounts') await record.enterHome()
    else await record.enter({ name, schema, server }, timeouts, lending && lenderOf(lending))
    done = true
  }
  return {
    isDone: () => done,
    now,
    around: async (effect, work) => {
      const isBehind = purpose === 'environments' || effect === 'creates-schema'
      if (isBehind) await record.begin()
      else if (effect === 'drops-schema') await record.enterSpared((spared) => exists(spared, door))
      else await now()
      const value = await work()
      if (isBehind) await now()
      return value
    },
  }
}

/** A run of a keyspace is recorded when it has the lease, and not at its first write, which is that of the lease: the lease shows whose run is alive. */
function underLease(record: RunRecord, database: RecordedDatabase, timeouts: Place['timeouts']): Recording {
  return {
    isDone: () => true,
    now: () => record.enter(database, timeouts),
    around: (_effect, work) => work(),
  }
}

/** Whether the schema of a place exists, as far as the user may know. */
async function exists(place: Place, door: Door): Promise<boolean> {
  const connection = await door.open({ ...place, schema: null }, { writable: false, purpose: 'record' })
  const found = await findSchema(connection, place.target.schema).finally(() => connection.close())
  return found === 'exists'
}

/** By the connection whose packets are inspected: the one that sends them. */
const uninspected = new WeakMap<Connection, Connection>()

const lent = new WeakMap<Lender, Lending['lend']>()

function lenderOf({ lend, hasRuns = true }: Lending): Lender {
  const lender = { hasRuns }
  lent.set(lender, lend)
  return lender
}

/** Uninspected: the record would wait for itself. */
async function borrow(lender: Lender): Promise<Connection> {
  const lend = lent.get(lender)
  if (lend === undefined) throw new Error('nobody lends this connection')
  const connection = await lend()
  return uninspected.get(connection) ?? connection
}

/** The same connection, whose packets are inspected until the run is recorded. From then on they are sent at once, in the order of the calls. */
function recordWrites(connection: Connection, recording: Recording | null): Connection {
  if (recording === null) return connection
  const temporary = new Set<string>()
  const guard = <Value>(packet: string, send: () => Promise<Value>): Promise<Value> => {
    const effect = recording.isDone() ? 'reads' : effectOf(packet, temporary)
    return effect === 'reads' ? send() : recording.around(effect, send)
  }
  const inspected: Connection = {
    ...connection,
    ask: (text) => guard(text, () => connection.ask(text)),
    run: (text) => guard(text, () => connection.run(text)),
    askAll: (text) => guard(text, () => connection.askAll(text)),
    askInTurn: (text, onAnswer) => guard(text, () => connection.askInTurn(text, onAnswer)),
  }
  uninspected.set(inspected, connection)
  return inspected
}
