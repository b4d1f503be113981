import { ToolError } from '../../../core/tool-error.ts'
import type { CommandFacts, RedisNodes } from '../ports.ts'
import type { NodeSight } from '../sight.ts'
import { connectNode, type NodeConnection, type RedisAccess } from './connection.ts'
import { explainLook } from './explain-fault.ts'
import { proveWriting, removeKeys, sampleKeys } from './keys.ts'
import { lookAtNode } from './look-at-node.ts'
import { keepUsers, performAction } from './perform-action.ts'
import { readCommands, readInfo } from './read-replies.ts'

/** Nodes of Redis 6.2 or later. Nothing is connected to before it is asked. */
export function openRedisNodes(access: RedisAccess): RedisNodes {
  const nodes = access.endpoints.map(({ host, port }) => connectNode(access, host, port))
  const known = new Map(nodes.map((node) => [node.name, node]))
  const find = (name: string): NodeConnection => {
    const node = known.get(name)
    if (node === undefined) throw new Error(`${name} is none of the nodes`)
    return node
  }
  const commands = new Map<string, readonly CommandFacts[]>()
  return {
    names: nodes.map(({ name }) => name),
    look: (what) => Promise.all(nodes.map((node) => sightOf(node, () => lookAtNode(node, what)))),
    perform: (action) => performAction(action, find(action.node), action.type === 'meet' ? find(action.other) : null),
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
        return proveWriting(client, prefix, replicas, inCluster, Math.min(2_000, access.patience / 2))
      }),
    removeKeys: (name, prefix) => {
      if (prefix === '') throw new Error('without a prefix no key is removed')
      return find(name).use((client) => removeKeys(client, prefix))
    },
    removeUsers: (name, users) =>
      find(name).use(async (client) => {
        const keeping = await keepUsers(client)
        await client.call('ACL', 'DELUSER', ...users)
        for (const words of keeping) await client.call(...words)
      }),
    close: async () => {
      for (const node of nodes) node.close()
    },
  }
}

async function sightOf(node: NodeConnection, look: () => Promise<NodeSight>): Promise<NodeSight> {
  try {
    return await look()
  } catch (error) {
    if (error instanceof ToolError) return { type: 'unseen', node: node.name, fault: explainLook(error, node.name) }
    throw error
  }
}
