import { connect as openSocket } from 'node:net'
import { BSON, type Db, type Document } from 'mongodb'
import { explainLoss } from '../server-errors.ts'
import type { JsonObject } from './declaration.ts'
import type { Clients } from './driver-clients.ts'
import { accessDenied, explainError, hasCode, isLost, serverErrors, tooOld, userMissing } from './errors.ts'
import type { MemberStatus, ObservedPeer, ReplicaSetConfiguration } from './ports.ts'

/** The highest version of the wire protocol in the `hello` of MongoDB 6.0. */
const oldestWire = 17

/** Releases by the version of their wire protocol, where a server does not report its release. */
const releases: Readonly<Record<number, string>> = { 13: '5.0', 17: '6.0', 21: '7.0', 25: '8.0' }

interface Found {
  readonly version: string | null
  readonly status: MemberStatus
}

/** Asks one server about its state. Not reached is an answer; access denied is an error. */
export async function observeMember(clients: Clients, address: string): Promise<Found> {
  const silence = await findSilence(address)
  if (silence !== null) return { version: null, status: { type: 'unreachable', why: silence } }
  try {
    const hello = await clients.anonymous(address, 'admin').command({ hello: 1 })
    const version = await readVersion(clients, address, hello)
    if (Number(hello['maxWireVersion']) < oldestWire) throw tooOld(address, version)
    return { version, status: await classify(clients, address, hello) }
  } catch (error) {
    if (isLost(error)) return { version: null, status: { type: 'unreachable', why: explainLoss(error) } }
    throw explainError(error, address, clients.user)
  }
}

async function readVersion(clients: Clients, address: string, hello: Document): Promise<string> {
  try {
    return String((await clients.anonymous(address, 'admin').command({ buildInfo: 1 }))['version'])
  } catch (error) {
    if (isLost(error)) throw error
    return releases[Number(hello['maxWireVersion'])] ?? '6.0'
  }
}

async function classify(clients: Clients, address: string, hello: Document): Promise<MemberStatus> {
  if (hello['msg'] === 'isdbgrid') return { type: 'router' }
  if (typeof hello['setName'] === 'string') return observeJoined(clients, address, hello)
  return hello['isreplicaset'] === true ? observeFresh(clients, address) : { type: 'standalone' }
}

/** Has no valid configuration: it never had one, or was removed from its set. */
async function observeFresh(clients: Clients, address: string): Promise<MemberStatus> {
  const ask = (command: Document): Promise<Document | null> => askQuietly(clients, address, command)
  const options = await ask({ getCmdLineOpts: 1 })
  const replication = options?.['parsed']?.['replication'] ?? {}
  const setName = replication['replSetName'] ?? replication['replSet'] ?? null
  const collections = (await ask({ serverStatus: 1 }))?.['catalogStats']?.['collections']
  const status = await failureOf(clients, address, { replSetGetStatus: 1 })
  return {
    type: 'fresh',
    setName: typeof setName === 'string' ? setName : null,
    collections: typeof collections === 'number' ? collections : null,
    locked: hasCode(status, serverErrors.unauthorized),
    // A removed member keeps its data, and continues with it when it is added again.
    removed: hasCode(status, serverErrors.invalidReplicaSetConfig),
  }
}

async function observeJoined(clients: Clients, address: string, hello: Document): Promise<MemberStatus> {
  const general = {
    type: 'member',
    setName: String(hello['setName']),
    self: textOf(hello['me']),
    writable: hello['isWritablePrimary'] === true,
    primary: textOf(hello['primary']),
  } as const
  const admin = clients.database(address, 'admin')
  try {
    const status = await admin.command({ replSetGetStatus: 1 })
    const { config } = await admin.command({ replSetGetConfig: 1 })
    const configuration = plainDocument(config) as ReplicaSetConfiguration
    const setId = config?.settings?.replicaSetId
    const known = { setId: setId === undefined ? null : String(setId), configuration, withoutUsers: false }
    return { ...general, ...known, ...readStatus(status) }
  } catch (error) {
    return observeFromOutside(clients, address, general, hello, error)
  }
}

/**
 * Access is refused because there is no user yet, or the member does not have the users yet; any other refusal is an error. Without access control, any
 * client may read the status, which does not include users: the server is asked whether it has users or data.
 */
async function observeFromOutside(
  clients: Clients,
  address: string,
  general: Pick<Extract<MemberStatus, { type: 'member' }>, 'type' | 'setName' | 'self' | 'writable' | 'primary'>,
  hello: Document,
  error: unknown,
): Promise<MemberStatus> {
  const unknown = { setId: null, configuration: null }
  if (clients.user === null) throw hasCode(error, serverErrors.unauthorized) ? userMissing(address, error) : error
  if (!hasCode(error, serverErrors.authenticationFailed)) throw error
  const status = await askQuietly(clients, address, { replSetGetStatus: 1 })
  if (status !== null) {
    if (await holdsAnything(clients, address)) throw accessDenied(address, error, 'off')
    return { ...general, ...unknown, ...readStatus(status), withoutUsers: true }
  }
  if (hello['isWritablePrimary'] === true || hello['secondary'] === true) throw error
  const version = Number(hello['setVersion'] ?? 0)
  return { ...general, ...unknown, withoutUsers: false, state: 'STARTUP2', version, term: -1, peers: [] }
}

/** False where nothing can be read: the localhost exception does not allow reads, and ends with the first user. */
async function holdsAnything(clients: Clients, address: string): Promise<boolean> {
  const users = await askQuietly(clients, address, { usersInfo: { forAllDBs: true } })
  const answer = await askQuietly(clients, address, { listDatabases: 1, nameOnly: true })
  return ownDatabases(answer).length > 0 || (Array.isArray(users?.['users']) && users['users'].length > 0)
}

/** The databases of a server besides its own. */
export async function listDatabases(admin: Db): Promise<readonly string[]> {
  return ownDatabases(await admin.command({ listDatabases: 1, nameOnly: true }))
}

function ownDatabases(answer: Document | null): readonly string[] {
  const databases: readonly Document[] = Array.isArray(answer?.['databases']) ? answer['databases'] : []
  return databases.map(({ name }) => String(name)).filter((name) => !serverDatabases.has(name))
}

/** Databases that every server has. */
const serverDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local'])

function readStatus(status: Document): {
  readonly state: string
  readonly version: number
  readonly term: number
  readonly peers: readonly ObservedPeer[]
} {
  const members: readonly Document[] = Array.isArray(status['members']) ? status['members'] : []
  const self = members.find((member) => member['self'] === true)
  return {
    state: String(self?.['stateStr'] ?? 'UNKNOWN'),
    version: Number(self?.['configVersion'] ?? -1),
    term: Number(self?.['configTerm'] ?? -1),
    peers: members.map((member) => {
      const date: unknown = member['optimeDate']
      return {
        host: String(member['name']),
        healthy: member['health'] === 1,
        state: String(member['stateStr']),
        lastWrite: date instanceof Date && date.getTime() > 0 ? date.getTime() : null,
      }
    }),
  }
}

async function askQuietly(clients: Clients, address: string, command: Document): Promise<Document | null> {
  try {
    return await clients.anonymous(address, 'admin').command(command)
  } catch (error) {
    if (isLost(error)) throw error
    return null
  }
}

async function failureOf(clients: Clients, address: string, command: Document): Promise<unknown> {
  try {
    await clients.anonymous(address, 'admin').command(command)
    return null
  } catch (error) {
    if (isLost(error)) throw error
    return error
  }
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** The server's answer as plain JSON: dates and the like as relaxed extended JSON. */
export function plainDocument(document: unknown): JsonObject {
  return BSON.EJSON.serialize(document, { relaxed: true }) as JsonObject
}

/** The way back: `{ "$date": "..." }` becomes a date. */
export function serverDocument(document: JsonObject): Document {
  return BSON.EJSON.deserialize({ ...document }, { relaxed: true })
}

/** Why no server answers at an address; null where one does. Faster than the library, which tries until its time is up. */
function findSilence(address: string): Promise<string | null> {
  const colon = address.lastIndexOf(':')
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return new Promise((settle) => {
    const socket = openSocket({ host, port: Number(address.slice(colon + 1)), timeout: 3000 })
    const end = (why: string | null): void => {
      socket.destroy()
      settle(why)
    }
    socket.once('connect', () => end(null))
    socket.once('timeout', () => end('It did not answer in time.'))
    socket.once('error', (error) => end(explainLoss(error)))
  })
}
