import type { StoreContext } from '../contract.ts'
import type { Declaration } from './declaration.ts'
import { observedNodes } from './observe.ts'
import type { RedisDriver } from './ports.ts'

/** Removes the keys, libraries of functions and users whose names begin with the prefix, and returns them. Every node must answer. */
export async function clear({ driver, prefix }: StoreContext<Declaration, RedisDriver>): Promise<readonly string[]> {
  const all = await driver.observe([])
  for (const node of all) if (node.type === 'unreachable') throw node.fault
  const nodes = observedNodes(all)
  const removed: string[] = []
  for (const { node } of nodes.filter(({ role }) => role === 'primary')) {
    const count = await driver.removeKeys(node, prefix)
    if (count > 0) removed.push(`${count} keys of ${node}`)
  }
  const removedUsers = new Set<string>()
  for (const { node, users, self } of nodes) {
    const ours = [...users.keys()].filter((name) => name.startsWith(prefix) && name !== 'default' && name !== self)
    if (ours.length > 0) await driver.removeUsers(node, ours)
    for (const name of ours) removedUsers.add(name)
  }
  const libraries = new Set<string>()
  for (const { node, role, functions } of nodes) {
    const found = role === 'primary' && functions.type === 'libraries' ? [...functions.libraries.keys()] : []
    for (const library of found.filter((name) => name.startsWith(prefix))) {
      await driver.write({ type: 'remove-functions', node, library })
      libraries.add(library)
    }
  }
  removed.push(...[...libraries].map((name) => `function library ${name}`))
  return [...removed, ...[...removedUsers].map((name) => `user ${name}`)]
}
