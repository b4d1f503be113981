import { type Addition, judgeAdditions } from '../find-additions.ts'
import type { StoreLoss } from '../store-plan.ts'
import { allowedCommands } from './check-users.ts'
import type { UserDeclaration } from './declaration.ts'
import type { CommandsOf } from './observe.ts'
import type { ObservedNode } from './ports.ts'

/** What a user may no longer do, once for all nodes. A user has no place for a mark: nobody can say who gave a right. */
export function judgeUser(
  user: UserDeclaration,
  nodes: readonly ObservedNode[],
  commands: CommandsOf,
): StoreLoss | null {
  const additions = nodes.flatMap((node) => additionsTo(user, node, commands))
  const unique = new Map(additions.map((one) => [`${one.path} ${one.value}`, one]))
  return judgeAdditions([...unique.values()], 'removed-access')
}

function additionsTo(
  { name, keys, channels, commands: rules, passwordHashes }: UserDeclaration,
  { node, users }: ObservedNode,
  commands: CommandsOf,
): readonly Addition[] {
  const actual = users.get(name)
  if (actual === undefined) return []
  const facts = commands.get(node) ?? []
  const wanted = allowedCommands(rules, facts)
  const listed = new Set(facts.map(({ name: command }) => command))
  const passwords = lostPasswords(passwordHashes ?? actual.passwordHashes, actual.passwordHashes)
  return [
    ...uncovered(actual.keys, keys).map((value) => ({ path: 'keys', value })),
    ...uncovered(actual.channels, channels).map((value) => ({ path: 'channels', value })),
    ...[...allowedCommands(actual.commands, facts)]
      .filter((command) => !isAllowed(command, wanted, listed))
      .toSorted()
      .map((value) => ({ path: 'commands', value })),
    ...(actual.withoutPassword ? [{ path: 'login', value: 'without a password' }] : []),
    ...(passwords === 0 ? [] : [{ path: 'passwords', value: `${passwords} of ${actual.passwordHashes.length}` }]),
    ...(actual.selectors === 0 ? [] : [{ path: 'selectors', value: String(actual.selectors) }]),
  ]
}

function uncovered(patterns: readonly string[], by: readonly string[]): readonly string[] {
  return patterns.filter((pattern) => !by.some((one) => covers(one, pattern)))
}

/** `a:*` has all that `a:b*` has. */
function covers(wide: string, narrow: string): boolean {
  const start = wide.slice(0, -1)
  return wide === narrow || (wide.endsWith('*') && !/[*?[\\]/.test(start) && narrow.startsWith(start))
}

/** A command allows those of its subcommands that its node does not list. */
function isAllowed(command: string, wanted: ReadonlySet<string>, listed: ReadonlySet<string>): boolean {
  return wanted.has(command) || (!listed.has(command) && wanted.has(command.split('|')[0] ?? command))
}

/** How many go. Where none of the declared ones is there yet, the user gets another password: as many go for it as come. */
function lostPasswords(declared: readonly string[], actual: readonly string[]): number {
  const lost = actual.filter((hash) => !declared.includes(hash)).length
  return lost < actual.length ? lost : Math.max(0, lost - declared.length)
}
