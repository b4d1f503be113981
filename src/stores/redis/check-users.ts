import type { StoreCheck } from '../outcome.ts'
import { check } from './check.ts'
import { allowedCommands } from './command-rules.ts'
import type { CommandsOf } from './plan-users.ts'
import type { CommandFacts } from './ports.ts'
import type { SeenNode, UserSight } from './sight.ts'
import { describePlaces } from './step.ts'

/** What users may do on the nodes themselves, whatever is declared for them, and whether anybody gets in at all. */
export function checkUsers(seen: readonly SeenNode[], commands: CommandsOf): readonly StoreCheck[] {
  return [checkRights(seen, commands), ...checkOpenDoor(seen)]
}

/** What ends with the loss of everything, or of everybody's: the category is the server's own. */
export function findGrave(rules: readonly string[], facts: readonly CommandFacts[]): readonly string[] {
  const grave = new Set(facts.filter(({ categories }) => categories.includes('admin')).map(({ name }) => name))
  for (const name of ['flushall', 'flushdb', 'keys', 'swapdb']) grave.add(name)
  return [...allowedCommands(rules, facts)].filter((name) => grave.has(name))
}

/** Of every user on every node but `default` and the one that the run is: these have to administer. */
function checkRights(seen: readonly SeenNode[], commands: CommandsOf): StoreCheck {
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
  return check('users have no more rights than applications need', findings, {
    good: `none of ${names.size} may administer, flush or list all keys, on any node; default and the user of this run are left out`,
    bad: 'warning',
    next: 'Take the rights away with "-@admin" and "-@dangerous" at the end of its commands, and name its key families.',
  })
}

function describeRights({ keys, commands, selectors }: UserSight, facts: readonly CommandFacts[]): readonly string[] {
  const may = findGrave(commands, facts)
  const named = may.length > 3 ? `${may.slice(0, 3).join(', ')} and ${may.length - 3} more` : may.join(', ')
  return [
    ...(keys.includes('*') ? ['touch every key'] : []),
    ...(may.length === 0 ? [] : [`run ${named}`]),
    ...(selectors === 0 ? [] : ['do what further selectors say']),
  ]
}

function checkOpenDoor(seen: readonly SeenNode[]): readonly StoreCheck[] {
  const open = seen.filter(
    ({ users }) => users.get('default')?.enabled === true && users.get('default')?.withoutPassword,
  )
  if (open.length === 0) return []
  return [
    check(
      'nobody gets in without a password',
      open.map(({ node }) => node),
      {
        good: '',
        bad: 'warning',
        next: 'Set a password for the user default (requirepass and masterauth), or switch it off once no one uses it.',
      },
    ),
  ]
}
