import type { Redis } from 'ioredis'
import type { NodeConnection } from './connection.ts'
import { readFunctions } from './driver-functions.ts'
import { refuseOld } from './errors.ts'
import type {
  CommandFacts,
  KnownNode,
  ObservedCluster,
  ObservedNode,
  ObservedPersistence,
  ObservedUser,
  SlotRange,
} from './ports.ts'

type Info = ReadonlyMap<string, string>

/**
 * Everything about a node, read together; nothing is written.
 * @throws ToolError STORE_TOO_OLD for a server before 6.2; what explainError returns.
 */
export async function observeNode(node: NodeConnection, settings: readonly string[]): Promise<ObservedNode> {
  const host = await node.use(() => node.address())
  return node.use(async (client) => {
    const info = readInfo(await client.info())
    const version = info.get('redis_version') ?? ''
    refuseOld(version, node.name)
    const replies = await askAll(client, settings)
    return {
      type: 'observed',
      node: node.name,
      host,
      version,
      role: info.get('role') === 'slave' ? 'replica' : 'primary',
      linked: info.get('role') === 'slave' ? info.get('master_link_status') === 'up' : null,
      keys: countKeys(info),
      usedMemory: Number(info.get('used_memory') ?? '0'),
      hasConfigurationFile: (info.get('config_file') ?? '') !== '',
      ...replies,
      functions: await readFunctions(client),
      persistence: readPersistence(info),
      cluster: info.get('cluster_enabled') === '1' ? await observeCluster(client) : null,
    }
  })
}

type Replies = Pick<ObservedNode, 'settings' | 'users' | 'self' | 'hasUserFile'>

/** One name per CONFIG GET: 6.2 accepts no more. */
async function askAll(client: Redis, settings: readonly string[]): Promise<Replies> {
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

/** A user that was removed since its name was read is left out. */
async function readUsers(client: Redis, names: readonly string[]): Promise<ReadonlyMap<string, ObservedUser>> {
  const users = await Promise.all(
    names.map(async (name) => [name, readUser(await client.call('ACL', 'GETUSER', name))] as const),
  )
  return new Map(users.flatMap(([name, observed]) => (observed === null ? [] : [[name, observed] as const])))
}

function readSetting(reply: unknown): readonly (readonly [string, string])[] {
  return Array.isArray(reply) && reply.length >= 2 ? [[String(reply[0]), String(reply[1])]] : []
}

async function observeCluster(client: Redis): Promise<ObservedCluster> {
  const [nodes, info] = await Promise.all([client.call('CLUSTER', 'NODES'), client.call('CLUSTER', 'INFO')])
  return readCluster(String(nodes), String(info))
}

/** The sum of all numbered databases: `db0:keys=5,expires=0,avg_ttl=0`. */
export function countKeys(info: Info): number {
  const counts = [...info].filter(([name]) => /^db\d+$/.test(name)).map(([, value]) => /keys=(\d+)/.exec(value)?.[1])
  return counts.reduce((sum, count) => sum + Number(count ?? '0'), 0)
}

function readPersistence(info: Info): ObservedPersistence {
  const worked = (name: string): boolean => info.get(name) !== 'err'
  return {
    loading: info.get('loading') === '1',
    lastSnapshotWorked: worked('rdb_last_bgsave_status'),
    appendOnly: info.get('aof_enabled') === '1',
    lastAppendWorked: worked('aof_last_write_status'),
    lastRewriteWorked: worked('aof_last_bgrewrite_status'),
  }
}

/** The lines `name:value` of INFO and CLUSTER INFO. */
export function readInfo(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).map((line) => /^([^#:][^:]*):(.*)$/.exec(line))
  return new Map(lines.flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const])))
}

/** One line of CLUSTER NODES. */
interface NodeLine {
  readonly id: string
  readonly ip: string
  readonly port: number
  readonly busPort: number
  readonly flags: readonly string[]
  readonly primary: string | null
  readonly connected: boolean
  readonly words: readonly string[]
}

/**
 * The content of CLUSTER NODES and CLUSTER INFO: one line per node, with `myself` for the one that was asked. Source:
 * "Serialization format" of CLUSTER NODES; the address is `ip:port@busPort`, from 7 on followed by a comma, a name and more.
 */
export function readCluster(nodes: string, info: string): ObservedCluster {
  const lines = nodes
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map(readNodeLine)
  const own = lines.find((line) => line.flags.includes('myself'))
  if (own === undefined) throw new Error('CLUSTER NODES has no line for the node itself')
  const facts = readInfo(info)
  const others = lines.filter((line) => line !== own)
  return {
    id: own.id,
    state: facts.get('cluster_state') === 'ok' ? 'ok' : 'fail',
    epoch: Number(facts.get('cluster_my_epoch') ?? '0'),
    address: { ip: own.ip, port: own.port, busPort: own.busPort },
    primary: own.primary,
    slots: readSlots(own.words),
    openSlots: own.words.filter((word) => word.startsWith('[')),
    others: others.filter((line) => !line.flags.includes('handshake')).map(toKnownNode),
    greeting: others.some((line) => line.flags.includes('handshake')),
  }
}

function readNodeLine(line: string): NodeLine {
  const [id = '', place = '', flags = '', primary = '-', , , , link = '', ...words] = line.trim().split(' ')
  const [address = ''] = place.split(',')
  const [, ip = '', port = '0', busPort = '0'] = /^(.*):(\d+)@(\d+)$/.exec(address) ?? []
  return {
    id,
    ip,
    port: Number(port),
    busPort: Number(busPort),
    flags: flags.split(','),
    primary: primary === '-' ? null : primary,
    connected: link === 'connected',
    words,
  }
}

function toKnownNode(line: NodeLine): KnownNode {
  return {
    id: line.id,
    address: `${line.ip}:${line.port}`,
    role: line.flags.includes('slave') ? 'replica' : 'primary',
    primary: line.primary,
    slots: readSlots(line.words),
    health: line.flags.includes('fail') ? 'failed' : line.flags.includes('fail?') ? 'suspected' : 'well',
    connected: line.connected,
  }
}

function readSlots(words: readonly string[]): readonly SlotRange[] {
  return words.flatMap((word) => {
    const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(word) ?? []
    return first === undefined ? [] : [{ first: Number(first), last: Number(last ?? first) }]
  })
}

/** The answer of ACL GETUSER: patterns as a list in 6.2, as one text with their signs from 7 on. */
function readUser(reply: unknown): ObservedUser | null {
  if (!Array.isArray(reply)) return null
  const fields = new Map<string, unknown>()
  for (let index = 0; index + 1 < reply.length; index += 2) fields.set(String(reply[index]), reply[index + 1])
  const flags = words(fields.get('flags'))
  return {
    enabled: flags.includes('on'),
    withoutPassword: flags.includes('nopass'),
    passwordHashes: words(fields.get('passwords')),
    keys: words(fields.get('keys')).map((pattern) => pattern.replace(/^~/, '')),
    channels: words(fields.get('channels')).map((pattern) => pattern.replace(/^&/, '')),
    commands: words(fields.get('commands')),
    selectors: words(fields.get('selectors')).length,
  }
}

function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String)
  return String(value ?? '')
    .split(' ')
    .filter((word) => word !== '')
}

/** The answer of COMMAND: name first, categories seventh, subcommands (from 7 on) tenth. */
export function readCommands(reply: unknown): readonly CommandFacts[] {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((entry: unknown): readonly CommandFacts[] => {
    if (!Array.isArray(entry)) return []
    const categories = words(entry[6]).map((category) => category.replace(/^@/, ''))
    return [{ name: String(entry[0]).toLowerCase(), categories }, ...readCommands(entry[9])]
  })
}
