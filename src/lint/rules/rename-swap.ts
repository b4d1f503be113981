import type { Statement } from '../../sql/statement.ts'
import { printName } from '../existing-data.ts'
import type { HazardRule } from '../rule.ts'

export const renameSwap: HazardRule = {
  code: 'UNRESUMABLE_SWAP',
  kind: 'unresumable',
  title: '`RENAME TABLE` that only swaps names, so that the same names exist before and after',
  find: (_tokens, statement) => {
    if (statement.verb !== 'RENAME TABLE' || !isPermutation(statement)) return []
    return [
      {
        why: 'The same names exist before and after: if the tables have equal definitions, it cannot be determined whether it ran.',
        instead: 'Rename to a new name, for example users to users_old and users_new to users.',
      },
    ]
  },
}

/** Follows every table through the pairs; a permutation ends with the names that it began with. */
function isPermutation(statement: Statement): boolean {
  const names = statement.objects.map(printName)
  const ends = new Map<string, string>()
  for (let index = 0; index + 1 < names.length; index += 2) {
    const [from, to] = [names[index] ?? '', names[index + 1] ?? '']
    const start = [...ends].find(([, end]) => end === from)?.[0] ?? from
    ends.set(start, to)
  }
  return (
    ends.size > 1 && [...ends.values()].every((end) => ends.has(end)) && [...ends].some(([start, end]) => start !== end)
  )
}
