import type { CommandFacts } from '../ports.ts'
import type { ClusterSight, KnownNode, SlotRange, UserSight } from '../sight.ts'

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
 * What CLUSTER NODES and CLUSTER INFO say: one line a node, with `myself` for the one that was asked.
 * Source: "Serialization format" of CLUSTER NODES; the address is `ip:port@busPort`, from 7 on with a name and more behind a comma.
 */
export function readCluster(nodes: string, info: string): ClusterSight {
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

/** What ACL GETUSER says: patterns as a list in 6.2, as one text with their signs from 7 on. */
export function readUser(reply: unknown): UserSight | null {
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

/** What COMMAND says: name first, categories seventh, subcommands (from 7 on) tenth. */
export function readCommands(reply: unknown): readonly CommandFacts[] {
  if (!Array.isArray(reply)) return []
  return reply.flatMap((entry: unknown): readonly CommandFacts[] => {
    if (!Array.isArray(entry)) return []
    const categories = words(entry[6]).map((category) => category.replace(/^@/, ''))
    return [{ name: String(entry[0]).toLowerCase(), categories }, ...readCommands(entry[9])]
  })
}
