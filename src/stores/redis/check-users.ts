import { groupBy } from '../../core/group-by.ts'
import { asSaid, type InBoth } from '../../core/in-both.ts'
import type { StoreProof } from '../outcome.ts'
import { check } from '../outcome.ts'
import { describePlaces } from './members.ts'
import type { CommandsOf } from './observe.ts'
import type { CommandFacts, ObservedNode, ObservedUser } from './ports.ts'

/** What users may do on the nodes, independent of their declaration, and whether a client without a password gets access. */
export function checkUsers(seen: readonly ObservedNode[], commands: CommandsOf): readonly StoreProof[] {
  return [checkRights(seen, commands), ...checkOpenDoor(seen)]
}

/** Commands that can destroy everything; the category is the server's own. Sorted, because every node lists its commands in a different order. */
export function findGrave(rules: readonly string[], facts: readonly CommandFacts[]): readonly string[] {
  const grave = new Set(facts.filter(({ categories }) => categories.includes('admin')).map(({ name }) => name))
  for (const name of ['flushall', 'flushdb', 'keys', 'swapdb']) grave.add(name)
  return [...allowedCommands(rules, facts)].filter((name) => grave.has(name)).toSorted()
}

/** For every user on every node except `default` and the user of the run, which must administer. */
function checkRights(seen: readonly ObservedNode[], commands: CommandsOf): StoreProof {
  const names = new Set<string>()
  const found: { readonly finding: InBoth; readonly node: string }[] = []
  for (const { node, users, self } of seen) {
    for (const [name, user] of users) {
      if (name === self || name === 'default') continue
      names.add(name)
      for (const right of describeRights(user, commands.get(node) ?? [])) {
        found.push({ finding: { en: `${name} may ${right.en}`, zh: `${name} 可以${right.zh}` }, node })
      }
    }
  }
  const findings = [...groupBy(found, ({ finding }) => finding.en).values()].flatMap((alike): readonly InBoth[] => {
    const [first] = alike
    if (first === undefined) return []
    if (alike.length === seen.length) return [first.finding]
    const nodes = alike.map(({ node }) => node)
    const { en, zh } = first.finding
    return [{ en: `${en} ${describePlaces(nodes, seen.length)}`, zh: `${zh}（在 ${nodes.join('、')} 上）` }]
  })
  const name = { en: 'users have no more permissions than applications need', zh: '用户的权限不超过应用所需' }
  return check(name, findings, {
    good: {
      en: `none of ${names.size} may administer, flush or list all keys, on any node; default and the user of this run are left out`,
      zh: `${names.size} 个用户在任何节点上都不能管理、清空或列出全部键；不含 default 和本次运行的用户`,
    },
    bad: 'warning',
    next: {
      en: 'Remove the permissions with `-@admin` and `-@dangerous` at the end of its commands, and name its key families.',
      zh: '请在其命令列表末尾加上 `-@admin` 和 `-@dangerous` 收回权限，并指定其键族。',
    },
  })
}

function describeRights(
  { keys, commands, selectors }: ObservedUser,
  facts: readonly CommandFacts[],
): readonly InBoth[] {
  const may = findGrave(commands, facts)
  const shown = may.slice(0, 3)
  const more = may.length - shown.length
  const run = {
    en: `run ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    zh: `执行 ${shown.join('、')}${more > 0 ? ` 等 ${may.length} 个命令` : ''}`,
  }
  return [
    ...(keys.includes('*') ? [{ en: 'access every key', zh: '访问所有键' }] : []),
    ...(may.length === 0 ? [] : [run]),
    ...(selectors === 0 ? [] : [{ en: 'use additional selectors', zh: '使用额外的选择器' }]),
  ]
}

function checkOpenDoor(seen: readonly ObservedNode[]): readonly StoreProof[] {
  const open = seen.filter(
    ({ users }) => users.get('default')?.enabled === true && users.get('default')?.withoutPassword,
  )
  if (open.length === 0) return []
  return [
    check(
      { en: 'no client can connect without a password', zh: '没有密码的客户端不能连接' },
      open.map(({ node }) => asSaid(node)),
      {
        good: asSaid(''),
        bad: 'warning',
        next: {
          en: 'Set a password for the user default (requirepass and masterauth), or disable it once nobody uses it.',
          zh: '请为用户 default 设置密码（requirepass 和 masterauth），或在无人使用后将其停用。',
        },
      },
    ),
  ]
}

/**
 * The commands that a user's rules allow: `get`, and `config|get` where one subcommand is meant. Servers word the same rights differently (6.2 uses
 * its own wording, 7 keeps the user's), so rules are compared by what they allow. Source: ACL rules of Redis; they apply in their order, starting
 * with nothing allowed.
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
    // `+select|0` allows a first argument, which is not a separate command: it belongs to its command, and has no effect where that is
    // allowed.
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
