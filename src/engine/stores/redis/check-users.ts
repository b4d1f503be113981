import type { StoreCheck } from '../../../domain/stores/outcome.ts'
import type { UserDeclaration } from '../../../domain/stores/redis/declaration.ts'
import type { SeenNode } from '../../../domain/stores/redis/sight.ts'
import { check } from './check.ts'
import { allowedCommands } from './command-rules.ts'
import { type CommandsOf, findUserDrift } from './plan-users.ts'

/** Users against their declaration, what they may do that is dangerous, and whether anybody gets in at all. */
export function checkUsers(
  users: readonly UserDeclaration[],
  seen: readonly SeenNode[],
  commands: CommandsOf,
): readonly StoreCheck[] {
  if (users.length === 0) return checkOpenDoor(seen)
  return [checkDrift(users, seen, commands), checkRights(users, seen, commands), ...checkOpenDoor(seen)]
}

function checkDrift(users: readonly UserDeclaration[], seen: readonly SeenNode[], commands: CommandsOf): StoreCheck {
  const drifts = users.flatMap((user) =>
    findUserDrift(user, seen, commands).map(({ node, differences }) => {
      const parts = differences.map(({ path }) => path.replace(node.node, '').trim()).filter((part) => part !== '')
      return `${user.name} on ${node.node}${parts.length === 0 ? ' is missing' : `: ${parts.join(', ')}`}`
    }),
  )
  return check('users are as declared', drifts, {
    good: `${users.length} on each of ${seen.length} nodes`,
    next: 'Run `wwdb setup plan --only redis`, then `wwdb setup apply --only redis`.',
  })
}

/** Rights that end with the loss of everything, or of everybody's: the category is the server's own. */
function checkRights(users: readonly UserDeclaration[], seen: readonly SeenNode[], commands: CommandsOf): StoreCheck {
  const [first] = seen
  const facts = commands.get(first?.node ?? '') ?? []
  const grave = new Set(facts.filter(({ categories }) => categories.includes('admin')).map(({ name }) => name))
  for (const name of ['flushall', 'flushdb', 'keys', 'swapdb']) grave.add(name)
  const findings = users.flatMap((user) => {
    const may = [...allowedCommands(user.commands, facts)].filter((name) => grave.has(name))
    const named = may.length > 3 ? `${may.slice(0, 3).join(', ')} and ${may.length - 3} more` : may.join(', ')
    return [
      ...(user.keys.includes('*') ? [`${user.name} may touch every key`] : []),
      ...(may.length === 0 ? [] : [`${user.name} may run ${named}`]),
    ]
  })
  return check('users have no more rights than applications need', findings, {
    good: 'none may administer, flush or list all keys',
    bad: 'warning',
    next: 'Take the rights away with "-@admin" and "-@dangerous" at the end of its commands, and name its key families.',
  })
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
