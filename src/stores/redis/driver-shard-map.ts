import { Redis } from 'ioredis'
import { ToolError } from '../../core/tool-error.ts'
import type { Publication, ShardMapKeys, ShardMapStore } from '../../shards/map-ports.ts'

/** Milliseconds for the connection, and for the one command. */
const timeout = 5000

/**
 * Replaces the shard map where it differs, counts the change and notifies subscribers, atomically. Readers poll the number.
 * Nothing may be evicted or expire: without the shard map, an application finds no table.
 */
const script = `
  if redis.call('GET', KEYS[1]) == ARGV[1] then
    return {tonumber(redis.call('GET', KEYS[2]) or '0'), 0}
  end
  redis.call('SET', KEYS[1], ARGV[1])
  local generation = redis.call('INCR', KEYS[2])
  redis.call('PUBLISH', KEYS[2], generation)
  return {generation, 1}
`

/**
 * A Redis that shard maps are published to, 6.2 or later; of a cluster any node: its answer leads to the node with the keys.
 * @param url `redis://` or `rediss://`, with user, password and number of the database where needed.
 * @throws ToolError `REDIS_URL` (64) for an invalid URL; the URL itself is never shown, as it may hold a password.
 */
export function openShardMapStore(url: string): ShardMapStore {
  const server = describeServer(url)
  const clients: Redis[] = []
  const publishAt = async (node: string, keys: ShardMapKeys, content: string): Promise<Publication> => {
    const client = new Redis(node, options)
    clients.push(client)
    // Each fault also arrives with the command that met it: this keeps it from being an uncaught one.
    let latest: unknown = null
    client.on('error', (error: unknown) => {
      latest = error
    })
    try {
      await client.connect()
      return readAnswer(await client.eval(script, 2, keys.map, keys.generation, content))
    } catch (error) {
      const next = clients.length > mostMoves ? null : readMove(error, node)
      if (next !== null) return publishAt(next, keys, content)
      throw explain(error, latest, describeServer(node))
    }
  }
  return {
    server,
    publish: (keys, content) => publishAt(url, keys, content),
    close: () => {
      for (const client of clients) client.disconnect()
    },
  }
}

const options = {
  lazyConnect: true,
  connectTimeout: timeout,
  commandTimeout: timeout,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
  enableOfflineQueue: false,
  connectionName: 'wwdb',
} as const

/** A cluster redirects to the right node at once; while it moves slots, once more. */
const mostMoves = 3

/**
 * The URL of the node with the keys: `MOVED 3999 10.0.0.7:6381`. A cluster that does not know its own addresses leaves the host out: then it is
 * the node that was asked (Redis Cluster specification, "MOVED Redirection").
 */
function readMove(error: unknown, asked: string): string | null {
  const match = /^MOVED \d+ (.*):(\d+)$/.exec(error instanceof Error ? error.message : '')
  if (match === null) return null
  const [, host = '', port = ''] = match
  const url = new URL(asked)
  if (host !== '') url.hostname = host.includes(':') ? `[${host}]` : host
  url.port = port
  return url.href
}

function readAnswer(answer: unknown): Publication {
  const [generation, changed] = Array.isArray(answer) ? answer.map(Number) : []
  if (generation === undefined || changed === undefined) throw new Error(`Redis answered ${JSON.stringify(answer)}`)
  return { generation, changed: changed === 1 }
}

/** `host:port`, from a URL that may hold secrets. */
function describeServer(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url !== null && ['redis:', 'rediss:'].includes(url.protocol) && url.hostname !== '') {
    return `${url.hostname}:${url.port === '' ? '6379' : url.port}`
  }
  throw new ToolError('REDIS_URL', {
    what: text === '' ? 'No Redis server is configured.' : 'The URL of Redis is invalid.',
    next: 'Set WWDB_REDIS to redis://user:password@host:6379, or to rediss:// for TLS.',
  })
}

function explain(error: unknown, earlier: unknown, server: string): ToolError {
  const message = error instanceof Error ? error.message : String(error)
  const why = message.startsWith('Connection is closed') && earlier instanceof Error ? earlier.message : message
  const answered = /^(?:MOVED|CLUSTERDOWN|READONLY|NOPERM|OOM|WRONGTYPE|ERR|LOADING|MISCONF)\b/.exec(why)?.[0]
  if (answered === undefined) {
    const fault = {
      what: 'Redis cannot be reached.',
      where: { server },
      why,
      next: 'Check the address, the user and the password.',
    }
    return new ToolError('STORE_UNREACHABLE', fault, { cause: error })
  }
  const next = 'Nothing was published; retry when Redis accepts it.'
  return new ToolError(
    'STORE_REFUSED',
    { what: 'Redis refused the shard map.', where: { server }, why, next },
    { cause: error },
  )
}
