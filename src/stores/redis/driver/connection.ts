import { lookup } from 'node:dns/promises'
import { Redis, type RedisOptions } from 'ioredis'
import type { TlsConfig } from '../../../config/config.ts'
import type { Secret } from '../../../config/secret.ts'
import { explainFault } from './explain-fault.ts'

/** How to get to the nodes of a Redis. */
export interface RedisAccess {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  /** Null for the user `default`. */
  readonly user: string | null
  readonly password: Secret | null
  readonly tls: TlsConfig | null
  /** Milliseconds for a connection, and for one command. */
  readonly patience: number
}

/** One node, connected to when it is first needed and again whenever the connection is gone. */
export interface NodeConnection {
  /** `host:port`. */
  readonly name: string
  /** The address that its name stands for. */
  readonly address: () => Promise<string>
  /** Runs some commands; whatever goes wrong is explained. */
  readonly use: <T>(work: (client: Redis) => Promise<T>) => Promise<T>
  readonly close: () => void
}

export function connectNode(access: RedisAccess, host: string, port: number): NodeConnection {
  const name = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  let open: Promise<Redis> | null = null
  let latest: Error | null = null
  let address: string | null = null
  const connect = async (): Promise<Redis> => {
    latest = null
    const client = new Redis(clientOptions(access, host, port))
    client.on('error', (error: Error) => {
      latest = error
    })
    client.once('end', () => {
      open = null
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
  const use: NodeConnection['use'] = async (work) => {
    try {
      open ??= connect()
      return await work(await open)
    } catch (error) {
      // What failed once may hang: the next one begins anew.
      if (!isReply(error)) void open?.then((client) => client.disconnect()).catch(() => {})
      if (!isReply(error)) open = null
      throw explainFault(error, latest, name)
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

/** True for what a server answered; its connection is as good as before. */
function isReply(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError'
}

/** By hand, as the client would warn on the console where no password is needed. */
async function logIn(client: Redis, { user, password }: RedisAccess): Promise<void> {
  if (password === null) return
  const words = user === null ? [password.reveal()] : [user, password.reveal()]
  try {
    await client.call('AUTH', ...words)
  } catch (error) {
    // The client's error holds what was sent.
    throw new Error(error instanceof Error ? error.message : 'AUTH was refused')
  }
}

function clientOptions(
  { tls, patience }: RedisAccess,
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
    connectTimeout: patience,
    commandTimeout: patience,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    disableClientInfo: true,
    ...(tls === null ? {} : { tls: tlsOptions(tls, host) }),
  }
}

function tlsOptions(tls: TlsConfig, host: string): NonNullable<RedisOptions['tls']> {
  return {
    host,
    rejectUnauthorized: tls.verify,
    ...(tls.ca === null ? {} : { ca: tls.ca }),
    ...(tls.cert === null ? {} : { cert: tls.cert }),
    ...(tls.key === null ? {} : { key: tls.key.reveal() }),
  }
}
