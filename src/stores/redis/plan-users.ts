import { closestName } from '../../core/closest-name.ts'
import { groupBy } from '../../core/group-by.ts'
import { type InBoth, joinBoth } from '../../core/in-both.ts'
import type { Undeclared } from '../find-drift.ts'
import type { StoreDifference } from '../store-plan.ts'
import type { RedisChange } from './apply.ts'
import { areSameRules, findGrave } from './check-users.ts'
import type { UserDeclaration } from './declaration.ts'
import { refuse } from './errors.ts'
import { describePlaces } from './members.ts'
import type { CommandsOf } from './observe.ts'
import type { CommandFacts, ObservedNode, ObservedUser } from './ports.ts'
import { judgeUser } from './user-losses.ts'

/**
 * A step for each declared user that is missing or differs on some node. Each node has its own users.
 * @throws ToolError STORE_OWN_USER for the user of this run: it could lock itself out. REDIS_UNKNOWN_COMMAND for a rule that a node does not
 *   know: ACL SETUSER would refuse it after other changes were made.
 */
export function planUsers(
  users: readonly UserDeclaration[],
  nodes: readonly ObservedNode[],
  commands: CommandsOf,
): readonly RedisChange[] {
  return users.flatMap((user) => {
    for (const { node } of nodes) refuseUnknownRules(user, node, commands.get(node) ?? [])
    const drifts = findUserDrift(user, nodes, commands)
    return drifts.length === 0 ? [] : [setStep(user, nodes, drifts, commands)]
  })
}

/** Without a list of commands, rules cannot be checked. */
function refuseUnknownRules(user: UserDeclaration, node: string, facts: readonly CommandFacts[]): void {
  if (facts.length === 0) return
  const known = new Set([
    '@all',
    ...facts.flatMap(({ name, categories }) => [name, ...categories.map((one) => `@${one}`)]),
  ])
  const isKnown = (target: string): boolean => known.has(target) || known.has(target.split('|')[0] ?? '')
  const unknown = user.commands.find((rule) => !isKnown(rule.slice(1).toLowerCase()))
  if (unknown === undefined) return
  const kind = unknown.includes('@') ? 'category' : 'command'
  const meant = closestName(unknown.slice(1).toLowerCase(), known)
  const next =
    meant === null
      ? `List them with \`${kind === 'category' ? 'ACL CAT' : 'COMMAND LIST'}\`.`
      : `Did you mean \`${unknown[0]}${meant}\`?`
  throw refuse(
    'REDIS_UNKNOWN_COMMAND',
    node,
    `The user \`${user.name}\` has the rule \`${unknown}\`, and the server does not have a ${kind} of that name.`,
    next,
  )
}

interface UserDrift {
  readonly node: ObservedNode
  readonly differences: readonly StoreDifference[]
}

/** The nodes on which a user differs from its declaration. Hashes of passwords are compared and never shown. */
function findUserDrift(
  user: UserDeclaration,
  nodes: readonly ObservedNode[],
  commands: CommandsOf,
): readonly UserDrift[] {
  return nodes.flatMap((node) => {
    const actual = node.users.get(user.name)
    const differences =
      actual === undefined
        ? [{ path: node.node, actual: null, declared: 'a user' }]
        : compareUser(user, actual, node.node, commands.get(node.node) ?? [])
    return differences.length === 0 ? [] : [{ node, differences }]
  })
}

function compareUser(
  declared: UserDeclaration,
  actual: ObservedUser,
  node: string,
  commands: readonly CommandFacts[],
): readonly StoreDifference[] {
  const at = (path: string, seen: string, wanted: string): StoreDifference => {
    return { path: `${node} ${path}`, actual: seen, declared: wanted }
  }
  const differences: StoreDifference[] = []
  if (actual.enabled !== declared.enabled) {
    differences.push(at('enabled', String(actual.enabled), String(declared.enabled)))
  }
  const { passwordHashes } = declared
  const samePasswords =
    !actual.withoutPassword && (passwordHashes === null || areSame(actual.passwordHashes, passwordHashes))
  if (!samePasswords) {
    const seen = actual.withoutPassword ? 'can log in without a password' : 'not as declared'
    differences.push(at('password', seen, 'as declared'))
  }
  for (const part of ['keys', 'channels'] as const) {
    if (!areSame(actual[part], declared[part])) {
      differences.push(at(part, list(actual[part]), list(declared[part])))
    }
  }
  if (!areSameRules(actual.commands, declared.commands, commands)) {
    differences.push(at('commands', list(actual.commands), list(declared.commands)))
  }
  if (actual.selectors > 0) differences.push(at('selectors', String(actual.selectors), 'none'))
  return differences
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  const [first, second] = [new Set(one), new Set(other)]
  return first.size === second.size && [...first].every((item) => second.has(item))
}

function list(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(' ')
}

function setStep(
  user: UserDeclaration,
  nodes: readonly ObservedNode[],
  drifts: readonly UserDrift[],
  commands: CommandsOf,
): RedisChange {
  for (const { node } of drifts) refuseSelf(user, node)
  const where = drifts.map(({ node }) => node.node)
  const isNew = drifts.every(({ node }) => !node.users.has(user.name)) && drifts.length === nodes.length
  return {
    change: {
      resource: { kind: 'user', name: user.name },
      action: isNew ? 'create' : 'update',
      summary: `${isNew ? 'create' : 'set'} user ${user.name} ${describePlaces(where, nodes.length)}`,
      differences: isNew ? [] : drifts.flatMap(({ differences }) => differences),
      loss: judgeUser(
        user,
        drifts.map(({ node }) => node),
        commands,
      ),
    },
    operation: {
      writes: drifts.map(({ node }) => ({
        type: 'set-user',
        node: node.node,
        user: user.name,
        rules: rulesOf(user, node.users.get(user.name) ?? null),
      })),
      until: 'at-once',
    },
  }
}

/** The whole user in one command, so that it is never half changed. */
function rulesOf(user: UserDeclaration, before: ObservedUser | null): readonly string[] {
  return [
    'reset',
    // In 6.2 a user has all channels by default.
    'resetchannels',
    user.enabled ? 'on' : 'off',
    ...(user.passwordHashes ?? before?.passwordHashes ?? []).map((hash) => `#${hash}`),
    ...user.keys.map((pattern) => `~${pattern}`),
    ...user.channels.map((pattern) => `&${pattern}`),
    '-@all',
    ...user.commands,
  ]
}

function refuseSelf(user: UserDeclaration, node: ObservedNode): void {
  if (node.self !== user.name) return
  throw refuse(
    'STORE_OWN_USER',
    node.node,
    `The user \`${user.name}\` would be changed, but this run is logged in as that user.`,
    'Use another user for `wwdb setup`, so that the run cannot lock itself out.',
  )
}

/**
 * Users that no file declares, on any of the nodes, with what each may do there. `default`, the user of the run, and users of other
 * environments on the same servers are left out. A user who can log in and has all rights is an error, because it would stay unnoticed.
 */
export function findUndeclaredUsers(
  declared: readonly UserDeclaration[],
  nodes: readonly ObservedNode[],
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
          next: {
            en: `Declare it under \`users\` (without a password it keeps the one it has), or run \`ACL DELUSER ${name}\` on every listed node.`,
            zh: `请在 \`users\` 下声明它（不写密码则保留现有密码），或在所列的每个节点上执行 \`ACL DELUSER ${name}\`。`,
          },
        },
      ]
    })
}

interface Place {
  readonly node: string
  readonly user: ObservedUser
}

/** A selector has its own rules, which may allow anything. */
function reachesEverything({ keys, selectors }: ObservedUser): boolean {
  return keys.includes('*') || selectors > 0
}

function isMighty(user: ObservedUser, node: string, commands: CommandsOf): boolean {
  if (!user.enabled || (!user.withoutPassword && user.passwordHashes.length === 0)) return false
  return reachesEverything(user) || findGrave(user.commands, commands.get(node) ?? []).length > 0
}

/** The rights once for all nodes with the same rights: `~* &* +@all on all 6 nodes`. */
function describeRights(places: readonly Place[], total: number): InBoth {
  const each = [...groupBy(places, ({ user }) => sayRights(user))].map(([rights, alike]) => {
    const nodes = alike.map(({ node }) => node)
    const all = nodes.length === total && total > 1
    return {
      en: `rights: ${rights} ${describePlaces(nodes, total)}`,
      zh: `权限：${rights}（在${all ? `全部 ${total} 个节点` : ` ${nodes.join('、')} `}上）`,
    }
  })
  return joinBoth(each, { en: '; ', zh: '；' })
}

/** Hashes of passwords are not shown. */
function sayRights({ enabled, withoutPassword, keys, channels, commands, selectors }: ObservedUser): string {
  const words = [
    enabled ? 'on' : 'off',
    ...(withoutPassword ? ['nopass'] : []),
    ...keys.map((pattern) => `~${pattern}`),
    ...channels.map((pattern) => `&${pattern}`),
    ...commands,
    ...(selectors > 0 ? [`and ${selectors} more ${selectors === 1 ? 'selector' : 'selectors'}`] : []),
  ]
  return words.join(' ')
}
