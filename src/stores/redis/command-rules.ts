import type { CommandFacts } from './ports.ts'

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
