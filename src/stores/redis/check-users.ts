import type { StoreCheck } from '../outcome.ts'
import { check } from '../outcome.ts'
import { describePlaces } from './members.ts'
import type { CommandsOf } from './observe.ts'
import type { CommandFacts, ObservedNode, ObservedUser } from './ports.ts'

/** What users may do on the nodes themselves, independent of their declaration, and whether a client without a password gets in. */
export function checkUsers(seen: readonly ObservedNode[], commands: CommandsOf): readonly StoreCheck[] {
  return [checkRights(seen, commands), ...checkOpenDoor(seen)]
}

/** What ends with the loss of everything, or of everybody's: the category is the server's own. */
export function findGrave(rules: readonly string[], facts: readonly CommandFacts[]): readonly string[] {
  const grave = new Set(facts.filter(({ categories }) => categories.includes('admin')).map(({ name }) => name))
  for (const name of ['flushall', 'flushdb', 'keys', 'swapdb']) grave.add(name)
  return [...allowedCommands(rules, facts)].filter((name) => grave.has(name))
}

/** Of every user on every node but `default` and the one that the run is: these have to administer. */
function checkRights(seen: readonly ObservedNode[], commands: CommandsOf): StoreCheck {
  const names = new Set<string>()
  const places = new Map<string, string[]>()
  for (const { node, users, self } of seen) {
    for (const [name, user] of users) {
      if (name === self || name === 'default') continue
      names.add(name)
      for (const right of describeRights(user, commands.get(node) ?? [])) {
        const finding = `${name} may ${right}`
        places.set(finding, [...(places.get(finding) ?? []), node])
      }
    }
  }
  const findings = [...places].map(([finding, nodes]) =>
    nodes.length === seen.length ? finding : `${finding} ${describePlaces(nodes, seen.length)}`,
  )
  return check('users have no more permissions than applications need', findings, {
    good: `none of ${names.size} may administer, flush or list all keys, on any node; default and the user of this run are left out`,
    bad: 'warning',
    next: 'Remove the permissions with `-@admin` and `-@dangerous` at the end of its commands, and name its key families.',
  })
}

function describeRights(
  { keys, commands, selectors }: ObservedUser,
  facts: readonly CommandFacts[],
): readonly string[] {
  const may = findGrave(commands, facts)
  const named = may.length > 3 ? `${may.slice(0, 3).join(', ')} and ${may.length - 3} more` : may.join(', ')
  return [
    ...(keys.includes('*') ? ['access every key'] : []),
    ...(may.length === 0 ? [] : [`run ${named}`]),
    ...(selectors === 0 ? [] : ['use additional selectors']),
  ]
}

function checkOpenDoor(seen: readonly ObservedNode[]): readonly StoreCheck[] {
  const open = seen.filter(
    ({ users }) => users.get('default')?.enabled === true && users.get('default')?.withoutPassword,
  )
  if (open.length === 0) return []
  return [
    check(
      'no client can connect without a password',
      open.map(({ node }) => node),
      {
        good: '',
        bad: 'warning',
        next: 'Set a password for the user default (requirepass and masterauth), or disable it once nobody uses it.',
      },
    ),
  ]
}

/**
 * The commands that a user's rules allow: `get`, and `config|get` where one subcommand is meant. Servers word the same rights differently (6.2 makes
 * up a wording of its own, 7 keeps the user's), so that rules are compared by what they allow.
 * Source: ACL rules of Redis; they apply in their order, starting with nothing allowed.
 */
export function allowedCommands(rules: readonly string[], commands: readonly CommandFacts[]): ReadonlySet<string> {
  const known = new Set(commands.map(({ name }) => name))
  const allowed = new Set<string>()
  for (const rule of rules) {
    const names = namesOf(rule.slice(1).toLowerCase(), commands)
    for (const name of names) {
      if (rule.startsWith('+')) allowed.add(name)
      else allowed.delete(name)
    }
    // `+select|0` allows a first argument, which is no command of its own: it goes with its command, and says nothing where that is allowed.
    for (const name of [...allowed]) if (!known.has(name) && names.has(parentOf(name))) allowed.delete(name)
  }
  return new Set([...allowed].filter((name) => known.has(name) || !allowed.has(parentOf(name))))
}

/** True when both lists of rules allow the same. */
export function areSameRules(
  one: readonly string[],
  other: readonly string[],
  commands: readonly CommandFacts[],
): boolean {
  const [first, second] = [allowedCommands(one, commands), allowedCommands(other, commands)]
  return first.size === second.size && [...first].every((name) => second.has(name))
}

function namesOf(target: string, commands: readonly CommandFacts[]): ReadonlySet<string> {
  if (target === '@all') return new Set(commands.map(({ name }) => name))
  if (target.startsWith('@')) {
    const category = target.slice(1)
    return new Set(commands.filter(({ categories }) => categories.includes(category)).map(({ name }) => name))
  }
  const below = commands.map(({ name }) => name).filter((name) => name.startsWith(`${target}|`))
  return new Set([target, ...below])
}

function parentOf(name: string): string {
  return name.split('|')[0] ?? name
}
