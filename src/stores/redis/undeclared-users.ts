import type { Undeclared } from '../find-drift.ts'
import { findGrave } from './check-users.ts'
import type { UserDeclaration } from './declaration.ts'
import type { CommandsOf } from './plan-users.ts'
import type { SeenNode, UserSight } from './sight.ts'
import { describePlaces } from './step.ts'

/**
 * Users that no file declares, on any of the nodes, with what each may do there. Left out are `default`, the user that the run is, and what
 * other environments of the same servers have. One who can get in and may do anything is an error: nobody would see it otherwise.
 */
export function findUndeclaredUsers(
  declared: readonly UserDeclaration[],
  nodes: readonly SeenNode[],
  commands: CommandsOf,
  prefix: string,
): readonly Undeclared[] {
  const known = new Set(['default', ...declared.map(({ name }) => name)])
  const names = new Set(nodes.flatMap(({ users, self }) => [...users.keys()].filter((name) => name !== self)))
  return [...names]
    .filter((name) => !known.has(name))
    .toSorted()
    .flatMap((name) => {
      const places = nodes.flatMap((node) => {
        const user = node.users.get(name)
        return user === undefined ? [] : [{ node: node.node, user }]
      })
      const own = name.startsWith(prefix)
      if (!own && !places.some(({ user }) => reachesEverything(user))) return []
      const mighty = places.some(({ node, user }) => isMighty(user, node, commands))
      return [
        {
          resource: { kind: 'user', name },
          detail: describeRights(places, nodes.length),
          severity: own && mighty ? 'error' : 'warning',
          next: `Declare it under "users" (without a password it keeps the one it has), or run ACL DELUSER ${name} on every node that is named.`,
        },
      ]
    })
}

interface Place {
  readonly node: string
  readonly user: UserSight
}

/** A selector has rules of its own, which may be anything. */
function reachesEverything({ keys, selectors }: UserSight): boolean {
  return keys.includes('*') || selectors > 0
}

function isMighty(user: UserSight, node: string, commands: CommandsOf): boolean {
  if (!user.enabled || (!user.withoutPassword && user.passwordHashes.length === 0)) return false
  return reachesEverything(user) || findGrave(user.commands, commands.get(node) ?? []).length > 0
}

/** The rights once for all nodes where they are the same: `~* &* +@all on all 6 nodes`. */
function describeRights(places: readonly Place[], total: number): string {
  const byRights = new Map<string, string[]>()
  for (const { node, user } of places) {
    const rights = sayRights(user)
    byRights.set(rights, [...(byRights.get(rights) ?? []), node])
  }
  return [...byRights].map(([rights, nodes]) => `${rights} ${describePlaces(nodes, total)}`).join('; ')
}

/** Hashes of passwords are not shown. */
function sayRights({ enabled, withoutPassword, keys, channels, commands, selectors }: UserSight): string {
  const words = [
    enabled ? 'on' : 'off',
    ...(withoutPassword ? ['nopass'] : []),
    ...keys.map((pattern) => `~${pattern}`),
    ...channels.map((pattern) => `&${pattern}`),
    ...commands,
    ...(selectors > 0 ? [`and ${selectors} more ${selectors === 1 ? 'selector' : 'selectors'}`] : []),
  ]
  return `rights: ${words.join(' ')}`
}
