import { groupBy } from '../../core/group-by.ts'
import { asSaid, type InBoth } from '../../core/in-both.ts'
import type { StoreProof } from '../outcome.ts'
import { check } from '../outcome.ts'
import type { KeyFamily } from './declaration.ts'
import type { KeySample, ObservedNode, SampledKey } from './ports.ts'

/** Whether the eviction policy removes keys that are needed. */
export function checkEviction(families: readonly KeyFamily[], seen: readonly ObservedNode[]): readonly StoreProof[] {
  const policies = [...new Set(seen.flatMap(({ settings }) => settings.get('maxmemory-policy') ?? []))]
  return policies.map((policy) => {
    const { always, expiring } = findEndangered(policy, families)
    const endangered = always.length > 0 ? always : expiring
    return check(
      {
        en: `${policy} evicts no key that must not be lost`,
        zh: `${policy} 不会逐出不可丢失的键`,
      },
      endangered.map(({ name, role }) => asSaid(`${name} (${role})`)),
      {
        good:
          families.length === 0
            ? { en: 'no key families are declared', zh: '没有声明键族' }
            : { en: 'no session, lock or other lasting key is evicted', zh: '会话、锁等须保留的键都不会被逐出' },
        bad: always.length > 0 ? 'bad' : 'warning',
        next:
          always.length > 0
            ? {
                en: 'Choose volatile-lru, volatile-lfu or noeviction, or keep caches in a separate Redis.',
                zh: '请选用 volatile-lru、volatile-lfu 或 noeviction，或把缓存放在单独的 Redis 中。',
              }
            : {
                en: 'Keep memory well below maxmemory, or keep caches in a separate Redis.',
                zh: '请让内存用量远低于 maxmemory，或把缓存放在单独的 Redis 中。',
              },
      },
    )
  })
}

/** What the sampled keys show about the families. Keys themselves are not reported: they may contain a session's secret. */
export function judgeSamples(families: readonly KeyFamily[], samples: readonly KeySample[]): readonly StoreProof[] {
  const keys = samples.flatMap((sample) => sample.keys)
  const inOrder = [...families].sort((one, other) => other.prefix.length - one.prefix.length)
  const placed = keys.map((key) => ({
    ...key,
    family: inOrder.find(({ prefix }) => key.key.startsWith(prefix)) ?? null,
  }))
  const all = samples.every(({ complete }) => complete)
  const looked = {
    en: `${keys.length} ${all ? 'keys' : 'sampled keys'}`,
    zh: all ? `${keys.length} 个键` : `抽样 ${keys.length} 个键`,
  }
  const known = placed.flatMap(({ family, ...key }) => (family === null ? [] : [{ family, key }]))
  const unknown = placed.filter(({ family }) => family === null).map(({ key }) => describePrefix(key))
  return [
    check({ en: 'every key belongs to a declared family', zh: '每个键都属于已声明的键族' }, countAlike(unknown), {
      good: looked,
      next: {
        en: 'Declare the family, or find out what writes these keys.',
        zh: '请声明该键族，或查明是谁写入了这些键。',
      },
    }),
    check({ en: 'keys have the declared types', zh: '键的类型与声明一致' }, countAlike(known.flatMap(findWrongType)), {
      good: looked,
      next: {
        en: 'Find out what writes them: commands for the declared type fail on them.',
        zh: '请查明是谁写入的：对它们执行所声明类型的命令会失败。',
      },
    }),
    check(
      { en: 'keys that should expire have a TTL', zh: '应过期的键都有 TTL' },
      countAlike(known.flatMap(findMissingTtl)),
      {
        good: looked,
        next: {
          en: 'Set the TTL where the key is written; keys without a TTL stay forever.',
          zh: '请在写入键的代码中设置 TTL；没有 TTL 的键会一直保留。',
        },
      },
    ),
    check(
      { en: 'no key lives longer than declared', zh: '没有键的 TTL 超过声明' },
      countAlike(known.flatMap(findLongTtl)),
      {
        good: looked,
        bad: 'warning',
        next: {
          en: 'Shorten the TTL where the key is written, or declare the longer one.',
          zh: '请在写入键的代码中缩短 TTL，或声明更长的 TTL。',
        },
      },
    ),
  ]
}

interface Placed {
  readonly family: KeyFamily
  readonly key: SampledKey
}

function findWrongType({ family, key }: Placed): readonly InBoth[] {
  return key.type === family.type
    ? []
    : [
        {
          en: `${family.name} (${family.owner}): a ${key.type}, but ${family.type} is declared`,
          zh: `${family.name}（${family.owner}）：类型为 ${key.type}，而声明的是 ${family.type}`,
        },
      ]
}

function findMissingTtl({ family, key }: Placed): readonly InBoth[] {
  return family.ttl !== null && key.ttl === null
    ? [
        {
          en: `${family.name} (${family.owner}): without a TTL`,
          zh: `${family.name}（${family.owner}）：没有 TTL`,
        },
      ]
    : []
}

function findLongTtl({ family, key }: Placed): readonly InBoth[] {
  return family.ttl !== null && key.ttl !== null && key.ttl > family.ttl
    ? [
        {
          en: `${family.name} (${family.owner}): longer than declared`,
          zh: `${family.name}（${family.owner}）：TTL 长于声明`,
        },
      ]
    : []
}

/** The part up to the first separator, at most 24 characters. */
function describePrefix(key: string): InBoth {
  const separated = /^[^:]{1,23}:/.exec(key)?.[0]
  return separated === undefined ? { en: 'keys without a prefix', zh: '没有前缀的键' } : asSaid(`${separated}*`)
}

/** `14 × session: without a TTL`, the most frequent first. */
function countAlike(findings: readonly InBoth[]): readonly InBoth[] {
  return [...groupBy(findings, ({ en }) => en).values()]
    .toSorted((one, other) => other.length - one.length)
    .flatMap(([first, ...more]) => {
      if (first === undefined) return []
      const count = more.length + 1
      return [{ en: `${count} × ${first.en}`, zh: `${count} × ${first.zh}` }]
    })
}

/** Families whose keys are needed for their full time but may be evicted under a policy. */
interface Endangered {
  /** Any of their keys may be evicted. */
  readonly always: readonly KeyFamily[]
  /** Keys with a TTL may be evicted, once there is nothing less used. */
  readonly expiring: readonly KeyFamily[]
}

/** What an eviction policy means for the families in a Redis; it is meant for caches. */
export function findEndangered(policy: string, families: readonly KeyFamily[]): Endangered {
  const missed = families.filter(({ role }) => role !== 'cache')
  return {
    always: policy.startsWith('allkeys-') ? missed : [],
    expiring: policy.startsWith('volatile-') ? missed.filter(({ ttl }) => ttl !== null) : [],
  }
}
