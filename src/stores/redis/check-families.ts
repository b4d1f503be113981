import type { StoreCheck } from '../outcome.ts'
import { check } from '../outcome.ts'
import type { KeyFamily } from './declaration.ts'
import type { KeySample, ObservedNode, SampledKey } from './ports.ts'

/** Whether the eviction policy takes keys that are missed. */
export function checkEviction(families: readonly KeyFamily[], seen: readonly ObservedNode[]): readonly StoreCheck[] {
  const policies = [...new Set(seen.flatMap(({ settings }) => settings.get('maxmemory-policy') ?? []))]
  return policies.map((policy) => {
    const { always, expiring } = findEndangered(policy, families)
    const endangered = always.length > 0 ? always : expiring
    return check(
      `${policy} evicts no key that must not be lost`,
      endangered.map(({ name, role }) => `${name} (${role})`),
      {
        good:
          families.length === 0 ? 'no key families are declared' : 'no session, lock or other lasting key is evicted',
        bad: always.length > 0 ? 'bad' : 'warning',
        next:
          always.length > 0
            ? 'Choose volatile-lru, volatile-lfu or noeviction, or keep caches in a separate Redis.'
            : 'Keep memory well below maxmemory, or keep caches in a separate Redis.',
      },
    )
  })
}

/** What the sampled keys show about the families. Keys themselves are not reported: they may hold a session's secret. */
export function judgeSamples(families: readonly KeyFamily[], samples: readonly KeySample[]): readonly StoreCheck[] {
  const keys = samples.flatMap((sample) => sample.keys)
  const inOrder = [...families].sort((one, other) => other.prefix.length - one.prefix.length)
  const placed = keys.map((key) => ({
    ...key,
    family: inOrder.find(({ prefix }) => key.key.startsWith(prefix)) ?? null,
  }))
  const looked = `${keys.length} ${samples.every(({ complete }) => complete) ? 'keys' : 'sampled keys'}`
  const known = placed.flatMap(({ family, ...key }) => (family === null ? [] : [{ family, key }]))
  const unknown = placed.filter(({ family }) => family === null).map(({ key }) => describePrefix(key))
  return [
    check('every key belongs to a declared family', countAlike(unknown), {
      good: looked,
      next: 'Declare the family, or find out what writes these keys.',
    }),
    check('keys have the declared types', countAlike(known.flatMap(findWrongType)), {
      good: looked,
      next: 'Find out what writes them: commands for the declared type fail on them.',
    }),
    check('keys that should expire have a TTL', countAlike(known.flatMap(findMissingTtl)), {
      good: looked,
      next: 'Set the TTL where the key is written; keys without a TTL stay forever.',
    }),
    check('no key lives longer than declared', countAlike(known.flatMap(findLongTtl)), {
      good: looked,
      bad: 'warning',
      next: 'Shorten the TTL where the key is written, or declare the longer one.',
    }),
  ]
}

interface Placed {
  readonly family: KeyFamily
  readonly key: SampledKey
}

function findWrongType({ family, key }: Placed): readonly string[] {
  return key.type === family.type
    ? []
    : [`${family.name} (${family.owner}): a ${key.type}, but ${family.type} is declared`]
}

function findMissingTtl({ family, key }: Placed): readonly string[] {
  return family.ttl !== null && key.ttl === null ? [`${family.name} (${family.owner}): without a TTL`] : []
}

function findLongTtl({ family, key }: Placed): readonly string[] {
  return family.ttl !== null && key.ttl !== null && key.ttl > family.ttl
    ? [`${family.name} (${family.owner}): longer than declared`]
    : []
}

/** The part up to the first separator, at most 24 characters. */
function describePrefix(key: string): string {
  const separated = /^[^:]{1,23}:/.exec(key)?.[0]
  return separated === undefined ? 'keys without a prefix' : `${separated}*`
}

/** `14 × session: without a TTL`, the most frequent first. */
function countAlike(findings: readonly string[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const finding of findings) counts.set(finding, (counts.get(finding) ?? 0) + 1)
  return [...counts].sort(([, one], [, other]) => other - one).map(([finding, count]) => `${count} × ${finding}`)
}

/** Families whose keys are missed when they go before their time, and may go under a policy. */
interface Endangered {
  /** Any of their keys may go. */
  readonly always: readonly KeyFamily[]
  /** Keys that have a TTL may go, once there is nothing less used. */
  readonly expiring: readonly KeyFamily[]
}

/** What an eviction policy means for the families that live in a Redis; caches are what it is for. */
export function findEndangered(policy: string, families: readonly KeyFamily[]): Endangered {
  const missed = families.filter(({ role }) => role !== 'cache')
  return {
    always: policy.startsWith('allkeys-') ? missed : [],
    expiring: policy.startsWith('volatile-') ? missed.filter(({ ttl }) => ttl !== null) : [],
  }
}
