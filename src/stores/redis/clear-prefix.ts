import { ToolError } from '../../core/tool-error.ts'
import type { RedisNodes } from './ports.ts'
import type { SeenNode } from './sight.ts'

/**
 * Removes the keys and users that carry the prefix, and says what.
 * @throws ToolError STORE_PREFIX_MISSING without one: nothing is ever removed from a Redis as a whole.
 */
export async function clearPrefix(nodes: RedisNodes, prefix: string): Promise<readonly string[]> {
  if (prefix === '') {
    throw new ToolError('STORE_PREFIX_MISSING', {
      what: 'Without a prefix nothing is removed from Redis.',
      where: { server: nodes.names.join(',') },
      next: 'Set `prefix` in the configuration: what carries it is removed, and nothing else.',
    })
  }
  const sights = await nodes.look({ settings: [] })
  for (const sight of sights) if (sight.type === 'unseen') throw sight.fault
  const seen = sights.filter((sight): sight is SeenNode => sight.type === 'seen')
  const removed: string[] = []
  for (const { node } of seen.filter(({ role }) => role === 'primary')) {
    const count = await nodes.removeKeys(node, prefix)
    if (count > 0) removed.push(`${count} keys of ${node}`)
  }
  const users = new Set<string>()
  for (const { node, users: there, self } of seen) {
    const ours = [...there.keys()].filter((name) => name.startsWith(prefix) && name !== 'default' && name !== self)
    if (ours.length > 0) await nodes.removeUsers(node, ours)
    for (const name of ours) users.add(name)
  }
  return [...removed, ...[...users].map((name) => `user ${name}`)]
}
