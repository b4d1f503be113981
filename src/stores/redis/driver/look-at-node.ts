import type { Redis } from 'ioredis'
import { ToolError } from '../../../core/tool-error.ts'
import type { Look } from '../ports.ts'
import type { ClusterSight, PersistenceSight, SeenNode, UserSight } from '../sight.ts'
import type { NodeConnection } from './connection.ts'
import { readCluster, readInfo, readUser } from './read-replies.ts'

type Info = ReadonlyMap<string, string>

/**
 * All that is to be known of a node, read in one go; nothing is written.
 * @throws ToolError STORE_TOO_OLD for a server before 6.2; what explainFault says.
 */
export async function lookAtNode(node: NodeConnection, what: Look): Promise<SeenNode> {
  const host = await node.use(() => node.address())
  return node.use(async (client) => {
    const info = readInfo(await client.info())
    const version = info.get('redis_version') ?? ''
    refuseOld(version, node.name)
    const replies = await askAll(client, what)
    return {
      type: 'seen',
      node: node.name,
      host,
      version,
      role: info.get('role') === 'slave' ? 'replica' : 'primary',
      linked: info.get('role') === 'slave' ? info.get('master_link_status') === 'up' : null,
      keys: countKeys(info),
      usedMemory: Number(info.get('used_memory') ?? '0'),
      hasConfigurationFile: (info.get('config_file') ?? '') !== '',
      ...replies,
      persistence: readPersistence(info),
      cluster: info.get('cluster_enabled') === '1' ? await lookAtCluster(client) : null,
    }
  })
}

type Replies = Pick<SeenNode, 'settings' | 'users' | 'self' | 'hasUserFile'>

/** One name a CONFIG GET: 6.2 takes no more. */
async function askAll(client: Redis, { settings }: Look): Promise<Replies> {
  const names = ['aclfile', ...settings]
  const questions: string[][] = [['ACL', 'WHOAMI'], ['ACL', 'USERS'], ...names.map((name) => ['CONFIG', 'GET', name])]
  const [self, userNames, ...rest] = await Promise.all(
    questions.map(([name = '', ...words]) => client.call(name, ...words)),
  )
  const found = new Map(rest.flatMap(readSetting))
  return {
    self: String(self),
    hasUserFile: (found.get('aclfile') ?? '') !== '',
    settings: found,
    users: await readUsers(client, Array.isArray(userNames) ? userNames.map(String) : []),
  }
}

/** One that was removed since its name was read is left out. */
async function readUsers(client: Redis, names: readonly string[]): Promise<ReadonlyMap<string, UserSight>> {
  const sights = await Promise.all(
    names.map(async (name) => [name, readUser(await client.call('ACL', 'GETUSER', name))] as const),
  )
  return new Map(sights.flatMap(([name, sight]) => (sight === null ? [] : [[name, sight] as const])))
}

function readSetting(reply: unknown): readonly (readonly [string, string])[] {
  return Array.isArray(reply) && reply.length >= 2 ? [[String(reply[0]), String(reply[1])]] : []
}

async function lookAtCluster(client: Redis): Promise<ClusterSight> {
  const [nodes, info] = await Promise.all([client.call('CLUSTER', 'NODES'), client.call('CLUSTER', 'INFO')])
  return readCluster(String(nodes), String(info))
}

/** Of all numbered databases: `db0:keys=5,expires=0,avg_ttl=0`. */
function countKeys(info: Info): number {
  const counts = [...info].filter(([name]) => /^db\d+$/.test(name)).map(([, value]) => /keys=(\d+)/.exec(value)?.[1])
  return counts.reduce((sum, count) => sum + Number(count ?? '0'), 0)
}

function readPersistence(info: Info): PersistenceSight {
  const worked = (name: string): boolean => info.get(name) !== 'err'
  return {
    loading: info.get('loading') === '1',
    lastSnapshotWorked: worked('rdb_last_bgsave_status'),
    appendOnly: info.get('aof_enabled') === '1',
    lastAppendWorked: worked('aof_last_write_status'),
    lastRewriteWorked: worked('aof_last_bgrewrite_status'),
  }
}

function refuseOld(version: string, node: string): void {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major > 6 || (major === 6 && minor >= 2)) return
  throw new ToolError('STORE_TOO_OLD', {
    what: `Redis ${version} at ${node} is too old.`,
    where: { server: node },
    next: 'Use Redis 6.2 or later.',
  })
}
