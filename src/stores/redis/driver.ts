import { lookup } from 'node:dns/promises'
import { Redis, type RedisOptions } from 'ioredis'
import type { StoreConfig } from '../../config/config.ts'
import { ToolError } from '../../core/tool-error.ts'
import { tlsOptions } from '../tls.ts'
import type { NodeConnection, RedisAccess } from './connection.ts'
import { lockConnections, type RedisLock } from './driver-lock.ts'
import { observeNode, readCommands, readInfo } from './driver-read.ts'
import { keepUsers, proveWriting, removeKeys, sampleKeys, writeToNode } from './driver-write.ts'
import { explainError, explainReadError } from './errors.ts'
import type { CommandFacts, NodeObservation, NodeWrite, RedisDriver, WriteOutcome } from './ports.ts'

/** @param patience milliseconds for one command. */
export function connectNode(
  access: RedisAccess,
  host: string,
  port: number,
  patience: number = access.timeout,
): NodeConnection {
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  let open: Promise<Redis> | null = null
  let latest: Error | null = null
  let address: string | null = null
  const connect = async (): Promise<Redis> => {
    latest = null
    const client = new Redis({ ...clientOptions(access, host, port), commandTimeout: patience })
    client.on('error', (error: Error) => {
      latest = error
    })
    try {
      await client.connect()
      await logIn(client, access)
      return client
    } catch (error) {
      client.disconnect()
      throw error
    }
  }
  /** Not what another command has opened meanwhile. */
  const forget = (opened: Promise<Redis>): void => {
    if (open === opened) open = null
  }
  const begin = (): Promise<Redis> => {
    const opened = connect()
    open = opened
    // Neither a failed login nor a connection that ended is kept.
    opened.then(
      (client) => client.once('end', () => forget(opened)),
      () => forget(opened),
    )
    return opened
  }
  const use: NodeConnection['use'] = async (work) => {
    const opened = open ?? begin()
    try {
      return await work(await opened)
    } catch (error) {
      // A failed connection may hang: the next command connects again.
      if (!isReply(error)) {
        forget(opened)
        void opened.then((client) => client.disconnect()).catch(() => {})
      }
      throw explainError(isClosed(error) ? (latest ?? error) : error, name)
    }
  }
  return {
    name,
    use,
    address: async () => {
      address ??= (await lookup(host, { order: 'ipv4first' })).address
      return address
    },
    close: () => void open?.then((client) => client.disconnect()).catch(() => {}),
  }
}

/** A command on a closed connection does not report why it was closed. */
function isClosed(error: unknown): boolean {
  return error instanceof Error && /^Connection is closed|^Stream isn't writeable/.test(error.message)
}

/** True for an answer of the server: its connection is still usable. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** By hand, because the client would warn on the console where no password is needed. */
async function logIn(client: Redis, { user, password }: RedisAccess): Promise<void> {
  if (password === null) return
  const words = user === null ? [password.reveal()] : [user, password.reveal()]
  try {
    await client.call('AUTH', ...words)
  } catch (error) {
    // The client's error contains what was sent.
    throw new Error(error instanceof Error ? error.message : 'AUTH was refused')
  }
}

function clientOptions(
  { secure, tls, timeout }: RedisAccess,
  host: string,
  port: number,
): RedisOptions & { readonly replyMapping: 'legacy' } {
  return {
    host,
    port,
    // Answers have one shape on all versions.
    protocol: 2,
    replyMapping: 'legacy',
    lazyConnect: true,
    connectTimeout: timeout,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    ...(!secure ? {} : { tls: { host, ...tlsOptions(tls) } }),
  }
}

/** The nodes that the configuration names. */
export function connect(config: StoreConfig): RedisDriver {
  const { endpoints, user, password, secure, tls, connectTimeout } = config
  return openRedis({ endpoints, user, password, secure, tls, timeout: connectTimeout })
}

/** Milliseconds for a command that moves keys: its node may send for long, as long as the other one takes some. */
const longPatience = 300_000

/** Nodes of Redis 6.2 or later. Each is connected to when it is first asked. */
export function openRedis(access: RedisAccess): RedisDriver {
  const nodes = access.endpoints.map(({ host, port }) => connectNode(access, host, port))
  const patient = access.endpoints.map(({ host, port }) => connectNode(access, host, port, longPatience))
  const findIn = (connections: readonly NodeConnection[], name: string): NodeConnection => {
    const node = connections.find((one) => one.name === name)
    if (node === undefined) throw new Error(`${name} is not one of the nodes`)
    return node
  }
  const find = (name: string): NodeConnection => findIn(nodes, name)
  const write = (one: NodeWrite, guard: (node: NodeConnection) => NodeConnection): Promise<WriteOutcome> =>
    writeToNode(one, {
      find: (name) => guard(find(name)),
      findPatient: (name) => guard(findIn(patient, name)),
      whileBusy: (names, work) => lock?.whileBusy(names, work) ?? work(),
      access,
    })
  const commands = new Map<string, readonly CommandFacts[]>()
  let lock: RedisLock | null = null
  const driver: RedisDriver = {
    names: nodes.map(({ name }) => name),
    observe: (settings) => Promise.all(nodes.map((node) => tryToObserve(node, () => observeNode(node, settings)))),
    write: (one) => write(one, (node) => node),
    commands: async (name) => {
      const facts =
        commands.get(name) ?? (await find(name).use(async (client) => readCommands(await client.call('COMMAND'))))
      commands.set(name, facts)
      return facts
    },
    sample: (name, prefix, limit) => find(name).use((client) => sampleKeys(client, prefix, limit)),
    proveWriting: (name, prefix, replicas) =>
      find(name).use(async (client) => {
        const inCluster = readInfo(await client.info('cluster')).get('cluster_enabled') === '1'
        return proveWriting(client, prefix, replicas, inCluster, Math.min(2_000, access.timeout / 2))
      }),
    removeKeys: (name, prefix) => {
      if (prefix === '') throw new Error('removing keys requires a prefix')
      return find(name).use((client) => removeKeys(client, prefix))
    },
    removeUsers: (name, users) =>
      find(name).use(async (client) => {
        const keeping = await keepUsers(client)
        await client.call('ACL', 'DELUSER', ...users)
        for (const words of keeping) await client.call(...words)
      }),
    lock: (prefix) => {
      lock ??= lockConnections(
        access.endpoints.map(({ host, port }) => connectNode(access, host, port)),
        prefix,
      )
      return lock
    },
    guarded: (check) => ({
      ...driver,
      write: (one) => write(one, (node) => guardNode(node, lock, check)),
    }),
    close: async () => {
      lock?.close()
      for (const node of [...nodes, ...patient]) node.close()
    },
  }
  return driver
}

/** Marked first, then checked, then used: who takes the lock over in between has ended this connection, and no other one is opened. */
function guardNode(node: NodeConnection, lock: RedisLock | null, check: () => Promise<void>): NodeConnection {
  return {
    ...node,
    use: (work) =>
      node.use(async (client) => {
        await lock?.markWriter(client)
        await check()
        return work(client)
      }),
  }
}

async function tryToObserve(node: NodeConnection, read: () => Promise<NodeObservation>): Promise<NodeObservation> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ToolError)
      return { type: 'unreachable', node: node.name, fault: explainReadError(error, node.name) }
    throw error
  }
}
