import type { StoreDifference } from '../../core/store.ts'
import { areSameRules } from './command-rules.ts'
import type { UserDeclaration } from './declaration.ts'
import type { CommandFacts } from './ports.ts'
import { refuse } from './refusals.ts'
import type { SeenNode, UserSight } from './sight.ts'
import { describePlaces, type Step } from './step.ts'

/** The commands of each node, by its name. */
export type CommandsOf = ReadonlyMap<string, readonly CommandFacts[]>

/**
 * A step for each declared user that some node does not have, or has otherwise. Each node keeps users of its own.
 * @throws ToolError REDIS_OWN_USER for the user that this run is: it could lock itself out.
 */
export function planUsers(
  users: readonly UserDeclaration[],
  nodes: readonly SeenNode[],
  commands: CommandsOf,
): readonly Step[] {
  return users.flatMap((user) => {
    const drifts = findUserDrift(user, nodes, commands)
    return drifts.length === 0 ? [] : [setStep(user, nodes, drifts)]
  })
}

interface UserDrift {
  readonly node: SeenNode
  readonly differences: readonly StoreDifference[]
}

/** The nodes on which a user is not as declared. Hashes of passwords are compared and never shown. */
function findUserDrift(user: UserDeclaration, nodes: readonly SeenNode[], commands: CommandsOf): readonly UserDrift[] {
  return nodes.flatMap((node) => {
    const sight = node.users.get(user.name)
    const differences =
      sight === undefined
        ? [{ path: node.node, actual: null, declared: 'a user' }]
        : compareUser(user, sight, node.node, commands.get(node.node) ?? [])
    return differences.length === 0 ? [] : [{ node, differences }]
  })
}

function compareUser(
  declared: UserDeclaration,
  actual: UserSight,
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
    const seen = actual.withoutPassword ? 'lets in without one' : 'other than declared'
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

function setStep(user: UserDeclaration, nodes: readonly SeenNode[], drifts: readonly UserDrift[]): Step {
  for (const { node } of drifts) refuseSelf(user, node)
  const where = drifts.map(({ node }) => node.node)
  const isNew = drifts.every(({ node }) => !node.users.has(user.name)) && drifts.length === nodes.length
  return {
    change: {
      resource: { kind: 'user', name: user.name },
      action: isNew ? 'create' : 'update',
      summary: `${isNew ? 'create' : 'set'} user ${user.name} ${describePlaces(where, nodes.length)}`,
      differences: isNew ? [] : drifts.flatMap(({ differences }) => differences),
      loss: null,
    },
    actions: drifts.map(({ node }) => ({
      type: 'set-user',
      node: node.node,
      user: user.name,
      rules: rulesOf(user, node.users.get(user.name) ?? null),
    })),
    until: 'at-once',
  }
}

/** The whole user in one command, so that none is ever half set. */
function rulesOf(user: UserDeclaration, before: UserSight | null): readonly string[] {
  return [
    'reset',
    // In 6.2 a user has all channels unless told otherwise.
    'resetchannels',
    user.enabled ? 'on' : 'off',
    ...(user.passwordHashes ?? before?.passwordHashes ?? []).map((hash) => `#${hash}`),
    ...user.keys.map((pattern) => `~${pattern}`),
    ...user.channels.map((pattern) => `&${pattern}`),
    '-@all',
    ...user.commands,
  ]
}

function refuseSelf(user: UserDeclaration, node: SeenNode): void {
  if (node.self !== user.name) return
  throw refuse(
    'REDIS_OWN_USER',
    node.node,
    `The user ${user.name} is to be changed, and this run is logged in as that user.`,
    'Use another user for `wwdb setup`, so that it cannot lock itself out half way.',
  )
}
