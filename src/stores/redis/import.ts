import type { StoreContext } from '../contract.ts'
import { type ImportedItem, type NotDeclarable, nameVariable, type StoreContents, toItem } from '../import-items.ts'
import type { Declaration } from './declaration.ts'
import { importFunctions } from './import-functions.ts'
import { importedSettings, importSettings } from './import-settings.ts'
import { observedNodes } from './observe.ts'
import type { ObservedNode, ObservedUser, RedisDriver } from './ports.ts'

/** What the nodes have in common: settings, the shape of the cluster, and users. No server knows families of keys. */
export async function readContents({ driver }: StoreContext<Declaration, RedisDriver>): Promise<StoreContents> {
  const seen = await driver.observe(importedSettings)
  const nodes = observedNodes(seen)
  const silent = seen.flatMap((node) =>
    node.type === 'unreachable'
      ? [
          {
            resource: { kind: 'node', name: node.node },
            why: node.fault.faults[0]?.what ?? node.fault.message,
            unread: true as const,
          },
        ]
      : [],
  )
  const parts = [importCluster(nodes), importSettings(nodes), importFunctions(nodes), importUsers(nodes)]
  return {
    version: nodes[0]?.version ?? null,
    items: parts.flatMap(({ items }) => items),
    notDeclarable: [...silent, ...parts.flatMap(({ notDeclarable }) => notDeclarable)],
  }
}

type Imported = Omit<StoreContents, 'version'>

/** Nothing where the nodes are independent, or members that wait for slots. */
function importCluster(nodes: readonly ObservedNode[]): Imported {
  const primaries = nodes.filter(({ cluster, role }) => role === 'primary' && (cluster?.slots.length ?? 0) > 0)
  if (primaries.length === 0) return { items: [], notDeclarable: [] }
  const resource = { kind: 'cluster', name: 'members' }
  const counts = primaries.map(({ cluster }) => nodes.filter((one) => one.cluster?.primary === cluster?.id).length)
  const replicas = Math.min(...counts)
  if (replicas !== Math.max(...counts)) {
    return {
      items: [],
      notDeclarable: [{ resource, why: `Its primaries have ${replicas} to ${Math.max(...counts)} replicas.` }],
    }
  }
  return { items: [toItem(resource, 'cluster', ['cluster'], { replicas })], notDeclarable: [] }
}

/** Every user but `default` and that of the run, as its first node has it. */
function importUsers(nodes: readonly ObservedNode[]): Imported {
  const users = new Map<string, ObservedUser>()
  for (const { users: of, self } of nodes) {
    for (const [name, user] of of) if (name !== 'default' && name !== self && !users.has(name)) users.set(name, user)
  }
  const found = [...users].map(([name, user]) => importUser(name, user))
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: found.filter((one) => 'why' in one),
  }
}

function importUser(name: string, user: ObservedUser): ImportedItem | NotDeclarable {
  const resource = { kind: 'user', name }
  const { enabled, withoutPassword, keys, channels, commands, selectors } = user
  if (withoutPassword) return { resource, why: 'It can log in without a password.' }
  if (selectors > 0) return { resource, why: 'It has selectors beside its own rules.' }
  const item = toItem(resource, 'users', ['users', name], {
    password: '',
    ...(enabled ? {} : { enabled }),
    ...(keys.length === 0 ? {} : { keys }),
    ...(channels.length === 0 ? {} : { channels }),
    commands: commands.filter((rule) => rule !== '-@all'),
  })
  return { ...item, secrets: { password: nameVariable('redis', name, 'password') } }
}
