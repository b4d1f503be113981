import type { DatabaseConfig } from '../../config/config.ts'
import { isLoopback } from '../../config/url-parts.ts'
import type { InBoth } from '../../core/in-both.ts'
import type { Target } from '../../core/target.ts'
import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { Connection } from '../../mysql/connection.ts'
import { type Door, driverOf } from '../../mysql/door.ts'
import { isServerError, toSentence } from '../../mysql/errors.ts'
import { type Primary, readMembers, readPrimaries, serverOf } from '../../mysql/group-members.ts'
import { proveSession } from '../../mysql/lock.ts'
import { sentenceWithGrant } from '../../mysql/missing-grant.ts'
import { addressOf, reachPrimary } from '../../mysql/other-primaries.ts'
import { pinMonitor } from '../../mysql/pinned-session.ts'
import { placeOf } from '../../mysql/place.ts'
import { readChannels } from '../../mysql/replication-channels.ts'
import { plainVersion, refuseGalera, refuseOld, refuseOtherEngines, selectEngine } from '../../mysql/server-facts.ts'
import { readServerLimits } from '../../shards/mysql/reading.ts'
import type { FailedStage, SeenServer, ServerFacts, UnreachedPrimary, Unread } from '../facts.ts'
import { doctorServers, type Examination } from '../ports.ts'
import { readAccount, readOtherAccounts } from './accounts.ts'
import { readOrphanedCode } from './definers.ts'
import { type Attempt, countTables, readSchemas, readStages } from './schemas.ts'
import { readPreparedXa, readTransactions } from './transactions.ts'

/** The MySQL servers as `wwdb doctor` examines them. */
export const driver = driverOf(doctorServers, (door) => ({
  examine: (examination) => examine(door, examination),
  examineVtgate: (examination) => examineVtgate(door, examination),
}))

const examine = (door: Door, examination: Examination): Promise<ServerFacts> =>
  withFailure(examination, async () => ({ seen: await inTime(examination, (open) => look(door, examination, open)) }))

const examineVtgate = (door: Door, examination: Examination): Promise<ServerFacts> =>
  withFailure(examination, async () => ({
    seen: null,
    ...(await inTime(examination, (open) => findKeyspaces(door, examination, open))),
  }))

/** What is known of a server, or why it cannot be used. */
async function withFailure(
  { server, databases }: Examination,
  work: () => Promise<Pick<ServerFacts, 'seen' | 'keyspaces' | 'missingKeyspaces'>>,
): Promise<ServerFacts> {
  const facts = {
    label: server.label,
    remote: server.socket === null && !isLoopback(server.host),
    server,
    databases: databases.map(({ name }) => name),
  }
  try {
    return { ...facts, failure: null, ...(await work()) }
  } catch (error) {
    const known = error instanceof ToolError ? error : asFailure(error, server.label)
    const fault = known.faults[0] ?? { what: known.message }
    return { ...facts, failure: { stage: stageOf(known), fault }, seen: null }
  }
}

/** A server that accepts a connection and then answers nothing must not hold up the rest. @param work adds the connections that it opens */
async function inTime<T>(examination: Examination, work: (open: Connection[]) => Promise<T>): Promise<T> {
  const open: Connection[] = []
  const { promise, cancel } = expire(examination)
  try {
    return await Promise.race([work(open), promise])
  } finally {
    cancel()
    for (const connection of open) connection.destroy()
  }
}

function expire({ timeout, server }: Examination): { readonly promise: Promise<never>; readonly cancel: () => void } {
  let timer: NodeJS.Timeout | undefined
  const promise = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const fault: Fault = {
        what: `MySQL at ${server.label} accepted a connection but does not answer.`,
        why: `No answer came within ${Math.round(timeout / 1000)} s.`,
        next: 'Check the load and the error log of the server.',
      }
      reject(new ToolError('UNREACHABLE', { ...fault, where: { server: server.label } }))
    }, timeout)
  })
  return { promise, cancel: () => clearTimeout(timer) }
}

function asFailure(error: unknown, label: string): ToolError {
  if (!isServerError(error)) throw error
  const what = error.fatal
    ? `MySQL at ${label} ended the connection.`
    : `MySQL at ${label} refused a question of the doctor (error ${error.errno}).`
  const fault = { what, why: toSentence(error.message) }
  return new ToolError('UNREACHABLE', { ...fault, where: { server: label }, next: 'Look at its error log.' })
}

function stageOf(error: ToolError): FailedStage {
  switch (error.code) {
    case 'TLS_NEEDED':
      return 'no-tls'
    case 'TOO_MANY_CONNECTIONS':
      return 'busy'
    case 'ACCESS_DENIED':
      return 'login'
    case 'SERVER_UNSUPPORTED':
      return 'engine'
    default: {
      const cause: unknown = error.cause
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
      if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'name'
      return code.startsWith('HANDSHAKE_') ? 'tls' : 'network'
    }
  }
}

/** Durations and open transactions are in the server's own zone; a query that takes long is given up by the server. */
const looking = ["time_zone='SYSTEM'", 'max_execution_time=5000', 'information_schema_stats_expiry=0']

/** How long a question waits for a lock: the doctor itself waits no longer for an answer. Milliseconds. */
const lockWait = 5000

/** The logical databases whose keyspaces vtgate knows, and the others. */
async function findKeyspaces(
  door: Door,
  { databases, connectTimeout }: Examination,
  open: Connection[],
): Promise<Required<Pick<ServerFacts, 'keyspaces' | 'missingKeyspaces'>>> {
  const [first] = databases
  if (first === undefined) return { keyspaces: [], missingKeyspaces: [] }
  const place = placeOf(first, { connect: connectTimeout, lockWait }, null)
  const connection = await door.open(place, { writable: false, purpose: 'work', engine: 'vtgate' })
  open.push(connection)
  const { rows } = await connection.ask('SHOW VITESS_SHARDS')
  const shards = rows.map(([name]) => String(name))
  const exists = ({ schema }: DatabaseConfig): boolean => shards.some((shard) => shard.startsWith(`${schema}/`))
  return {
    keyspaces: databases.filter(exists).map(({ name }) => name),
    missingKeyspaces: databases
      .filter((one) => !exists(one))
      .map(({ name, schema }) => ({ database: name, keyspace: schema })),
  }
}

async function look(door: Door, examination: Examination, open: Connection[]): Promise<SeenServer> {
  const { server, databases, now, connectTimeout } = examination
  const target: Target = { database: databases[0]?.name ?? '', schema: '', server: server.label }
  const place = { target, server, schema: null, timeouts: { connect: connectTimeout, lockWait } }
  let version = ''
  const connecting = (): Promise<Connection> =>
    door.openPinned(place, {
      purpose: 'work',
      pin: async (connection) => {
        open.push(connection)
        // Another engine may refuse the pins.
        version = await readVersion(connection, target)
        await connection.ask(pinMonitor(lockWait, undefined, looking))
      },
    })
  const connection = await connecting()
  const before = now()
  const clock = Number((await connection.ask('SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3))*1000 AS SIGNED)')).rows[0]?.[0])
  const clockOffset = clock - (before + now()) / 2
  const unread: Unread[] = []
  const attempt = attempting(unread)
  const variables = await readPairs(connection, 'SHOW GLOBAL VARIABLES')
  refuseGalera(variables, version, target)
  const zone = await readZone(connection)
  return {
    version,
    encrypted: connection.encrypted,
    clockOffset,
    variables,
    status: await readPairs(connection, 'SHOW GLOBAL STATUS'),
    ...zone,
    lock: await tryLock(connection, connecting, target),
    channels: await attempt({ en: 'Replication', zh: '复制状态' }, () => readChannels(connection)),
    members: await attempt({ en: 'Members of a group', zh: '组复制的成员' }, () => readMembers(connection)),
    unreachedPrimaries: await attempt({ en: 'Primaries of a group', zh: '组的各个主库' }, () =>
      findUnreached(connection, variables, (member) =>
        door.openPinned({ ...place, server: serverOf(server, member) }, { purpose: 'work' }),
      ),
    ),
    transactions: await attempt({ en: 'Long transactions', zh: '长事务' }, () => readTransactions(connection)),
    prepared: await attempt({ en: 'Prepared XA transactions', zh: 'PREPARED 状态的 XA 事务' }, () =>
      readPreparedXa(connection),
    ),
    stages: await attempt({ en: 'Progress of statements', zh: '语句的执行进度' }, () => readStages(connection)),
    account: await readAccount(connection),
    accounts: await attempt({ en: 'Other accounts', zh: '其他账户' }, () => readOtherAccounts(connection)),
    orphans: await attempt({ en: 'Definers of code', zh: '视图和存储程序的 DEFINER' }, () =>
      readOrphanedCode(connection, databases),
    ),
    schemas: await readSchemas(connection, databases, examination.encryption, attempt),
    tables: await countTables(connection),
    disk: (await readServerLimits(connection)).disk,
    unread,
  }
}

/** In a group with several primaries, each other one is logged in to, as a run will. */
async function findUnreached(
  connection: Connection,
  variables: SeenServer['variables'],
  open: (member: Primary) => Promise<Connection>,
): Promise<readonly UnreachedPrimary[]> {
  if (variables.get('group_replication_single_primary_mode') !== 'OFF') return []
  const others = (await readPrimaries(connection)).filter(({ uuid }) => uuid !== variables.get('server_uuid'))
  const looked = others.map(async (member): Promise<UnreachedPrimary | null> => {
    try {
      const { connection: other } = await reachPrimary(member, open)
      other.destroy()
      return null
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      return { address: addressOf(member), fault: error.faults[0] ?? { what: error.message } }
    }
  })
  return (await Promise.all(looked)).filter((one) => one !== null)
}

/** Throws ToolError `SERVER_UNSUPPORTED`. */
async function readVersion(connection: Connection, target: Target): Promise<string> {
  const { rows } = await connection.ask(selectEngine)
  const [full, comment] = [String(rows[0]?.[0]), String(rows[0]?.[1])]
  refuseOtherEngines(full, comment, target)
  refuseOld(plainVersion(full), full, target)
  return plainVersion(full)
}

async function readPairs(connection: Connection, query: string): Promise<ReadonlyMap<string, string>> {
  const { rows } = await connection.ask(query)
  return new Map(rows.map(([name, value]) => [String(name).toLowerCase(), String(value ?? '')]))
}

async function readZone(connection: Connection): Promise<Pick<SeenServer, 'zoneMinutes' | 'zonesLoaded'>> {
  const { rows } = await connection.ask(
    "SELECT TIMESTAMPDIFF(MINUTE,UTC_TIMESTAMP(),CONVERT_TZ(UTC_TIMESTAMP(),'+00:00',@@GLOBAL.time_zone)),CONVERT_TZ('2026-01-01 00:00:00','UTC','Asia/Shanghai') IS NOT NULL",
  )
  return { zoneMinutes: Number(rows[0]?.[0]), zonesLoaded: Number(rows[0]?.[1]) === 1 }
}

async function tryLock(
  connection: Connection,
  connecting: () => Promise<Connection>,
  target: Target,
): Promise<Fault | null> {
  try {
    await proveSession(connection, await connecting(), target)
    return null
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return error.faults[0] ?? { what: error.message }
  }
}

/** What the account may not read, and what takes too long, is left out, and named. */
function attempting(unread: Unread[]): Attempt {
  return async <Value>(what: InBoth, read: () => Promise<Value>): Promise<Value | null> => {
    try {
      return await read()
    } catch (error) {
      if (!isServerError(error) || error.fatal) throw error
      unread.push({ what, why: sentenceWithGrant(error) })
      return null
    }
  }
}
