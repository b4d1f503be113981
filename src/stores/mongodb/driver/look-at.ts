import type { Document } from 'mongodb'
import type { MemberSight, PeerSight, ReplicaSetConfiguration } from '../observation.ts'
import { type Clients, findSilence } from './clients.ts'
import { plainDocument } from './documents.ts'
import { accessDenied, explain, explainLoss, hasCode, isLost, serverErrors, tooOld, userWanted } from './errors.ts'

/** `hello` of MongoDB 6.0 says that it speaks up to this version of the wire protocol. */
const oldestWire = 17

/** Releases by the version of their wire protocol, where a server does not tell its own. */
const releases: Readonly<Record<number, string>> = { 13: '5.0', 17: '6.0', 21: '7.0', 25: '8.0' }

interface Sight {
  readonly version: string | null
  readonly sight: MemberSight
}

/** Asks one server what it is. Not reached, that is the answer; not let in is an error. */
export async function lookAt(clients: Clients, address: string): Promise<Sight> {
  const silence = await findSilence(address)
  if (silence !== null) return { version: null, sight: { type: 'unreachable', why: silence } }
  try {
    const hello = await clients.anonymous(address, 'admin').command({ hello: 1 })
    const version = await readVersion(clients, address, hello)
    if (Number(hello['maxWireVersion']) < oldestWire) throw tooOld(address, version)
    return { version, sight: await classify(clients, address, hello) }
  } catch (error) {
    if (isLost(error)) return { version: null, sight: { type: 'unreachable', why: explainLoss(error) } }
    throw explain(error, address, clients.user)
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

async function classify(clients: Clients, address: string, hello: Document): Promise<MemberSight> {
  if (hello['msg'] === 'isdbgrid') return { type: 'router' }
  if (typeof hello['setName'] === 'string') return lookAtMember(clients, address, hello)
  return hello['isreplicaset'] === true ? lookAtFresh(clients, address) : { type: 'standalone' }
}

/** Has no valid configuration: never had one, or was removed from its set. */
async function lookAtFresh(clients: Clients, address: string): Promise<MemberSight> {
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
    // Removed, it keeps what it has, and goes on with it when it is added again.
    removed: hasCode(status, serverErrors.invalidReplicaSetConfig),
  }
}

async function lookAtMember(clients: Clients, address: string, hello: Document): Promise<MemberSight> {
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
    return lookFromOutside(clients, address, general, hello, error)
  }
}

/**
 * Not let in: because there is no user yet, or it has not got the users yet; else that is an error. Where access control is off, anybody
 * may read the status: it says nothing of users, so that the server is asked whether it has any, or anything at all.
 */
async function lookFromOutside(
  clients: Clients,
  address: string,
  general: Pick<Extract<MemberSight, { type: 'member' }>, 'type' | 'setName' | 'self' | 'writable' | 'primary'>,
  hello: Document,
  error: unknown,
): Promise<MemberSight> {
  const unknown = { setId: null, configuration: null }
  if (clients.user === null) throw hasCode(error, serverErrors.unauthorized) ? userWanted(address, error) : error
  if (!hasCode(error, serverErrors.authenticationFailed)) throw error
  const status = await askQuietly(clients, address, { replSetGetStatus: 1 })
  if (status !== null) {
    if (await holdsAnything(clients, address)) throw accessDenied(address, clients.user, error, 'off')
    return { ...general, ...unknown, ...readStatus(status), withoutUsers: true }
  }
  if (hello['isWritablePrimary'] === true || hello['secondary'] === true) throw error
  const version = Number(hello['setVersion'] ?? 0)
  return { ...general, ...unknown, withoutUsers: false, state: 'STARTUP2', version, term: -1, peers: [] }
}

/** False where nobody may know: the localhost exception lets nobody read, and ends with the first user. */
async function holdsAnything(clients: Clients, address: string): Promise<boolean> {
  const users = await askQuietly(clients, address, { usersInfo: { forAllDBs: true } })
  const answer = await askQuietly(clients, address, { listDatabases: 1, nameOnly: true })
  const databases: readonly Document[] = Array.isArray(answer?.['databases']) ? answer['databases'] : []
  const own = databases.filter(({ name }) => !serverDatabases.has(String(name)))
  return own.length > 0 || (Array.isArray(users?.['users']) && users['users'].length > 0)
}

/** Databases that every server has. */
const serverDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local'])

function readStatus(status: Document): {
  readonly state: string
  readonly version: number
  readonly term: number
  readonly peers: readonly PeerSight[]
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
