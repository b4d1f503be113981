import type { Fault } from '../../core/tool-error.ts'
import { findEndangered } from './check-families.ts'
import type { KeyFamily } from './declaration.ts'
import type { Merged } from './document.ts'

/** Contradictions between the families, and with the eviction policy. */
export function checkFamilies(merged: Merged, families: readonly KeyFamily[]): readonly Fault[] {
  return [...findSharedPrefixes(merged, families), ...findImmortal(merged, families), ...findEvicted(merged, families)]
}

/** One prefix may begin with another, because the longest decides; two equal prefixes cannot be distinguished. */
function findSharedPrefixes(merged: Merged, families: readonly KeyFamily[]): readonly Fault[] {
  return families.flatMap((family, index): readonly Fault[] => {
    const earlier = families.slice(0, index).find(({ prefix }) => prefix === family.prefix)
    if (earlier === undefined) return []
    return [
      {
        what: `The families \`${earlier.name}\` and \`${family.name}\` have the same prefix.`,
        ...locate(merged, family, 'prefix'),
      },
    ]
  })
}

function findImmortal(merged: Merged, families: readonly KeyFamily[]): readonly Fault[] {
  const reasons: Readonly<Record<string, string>> = {
    lock: 'A lock that does not expire stays after its holder has died.',
    session: 'A session that does not expire gives access forever to anyone with its id.',
  }
  return families.flatMap((family): readonly Fault[] => {
    const why = family.ttl === null ? reasons[family.role] : undefined
    if (why === undefined) return []
    return [
      {
        what: `The ${family.role} family \`${family.name}\` has no TTL.`,
        ...locate(merged, family, 'ttl'),
        why,
        next: 'Set the maximum lifetime of a key.',
      },
    ]
  })
}

function findEvicted(merged: Merged, families: readonly KeyFamily[]): readonly Fault[] {
  const { memory } = merged
  const policy = memory?.value.eviction
  if (memory === null || policy === undefined) return []
  const { always } = findEndangered(policy, families)
  if (always.length === 0) return []
  const names = always.map(({ name, role }) => `${name} (${role})`).join(', ')
  return [
    {
      what: `The eviction policy ${policy} evicts keys that must not be lost.`,
      ...memory.document.locate([...memory.path, 'eviction']),
      why: `When memory is full, any key may be evicted, including those of ${names}.`,
      next: 'Choose volatile-lru, volatile-lfu or noeviction, or keep caches in a separate Redis.',
    },
  ]
}

function locate(merged: Merged, { name }: KeyFamily, key: string): Pick<Fault, 'where' | 'excerpt'> {
  const placed = merged.families.get(name)
  return placed === undefined ? {} : placed.document.locate([...placed.path, key])
}
