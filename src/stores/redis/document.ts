import * as z from 'zod/mini'
import { checkedText, described } from '../../config/schema-parts.ts'
import { parseDuration } from '../../core/duration.ts'
import { parseSize } from '../../core/size.ts'
import type { CheckedDocument, DeclaredThing } from '../declare/check-documents.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import { familyRoles, valueTypes } from './declaration.ts'

/** `true`, or the text that a variable gave. */
const choice = z.union([z.boolean(), z.literal(['true', 'false'])])

const count = z.union([z.int().check(z.minimum(0)), z.string().check(z.regex(/^\d+$/))])

const lifetime = checkedText((value) =>
  parseLifetime(value) === null
    ? {
        why: 'is not a duration',
        next: 'Write it like `30s`, `15m`, `12h` or `7d`, or `none` for keys that do not expire.',
      }
    : null,
)

const interval = checkedText((value) => {
  const milliseconds = parseLifetime(value)
  const right = typeof milliseconds === 'number' && milliseconds >= 1000 && milliseconds % 1000 === 0
  return right ? null : { why: 'is not a whole number of seconds', next: 'Write it like `60s` or `15m`.' }
})

const size = checkedText((value) =>
  parseSize(value) === null
    ? { why: 'is not a size', next: 'Write it like `512mb` or `2gb`; `0` means no limit.' }
    : null,
)

/** Redis splits such a text at blanks. */
const pattern = checkedText((value) =>
  value === '' || /\s/.test(value) ? { why: 'is not a pattern', next: 'Write it without spaces: `session:*`.' } : null,
)

const rule = checkedText((value) =>
  /^[+-](?:@[a-z]+|[a-z0-9_.-]+(?:\|[^\s|]+)?)$/i.test(value)
    ? null
    : { why: 'is not a rule for commands', next: 'Write `+get`, `-keys`, `+@read` or `+config|get`.' },
)

const policies = [
  'noeviction',
  'allkeys-lru',
  'allkeys-lfu',
  'allkeys-random',
  'volatile-lru',
  'volatile-lfu',
  'volatile-random',
  'volatile-ttl',
] as const

const cluster = z.strictObject({
  replicas: described('Number of replicas of each primary.', count),
  separateHosts: described('True if a replica must not run on the host of its primary.', z.optional(choice)),
  primaries: described(
    'Number of primaries, among which slots are moved until each has its equal share. Default: slots stay where they are.',
    z.optional(count),
  ),
  remove: described(
    'Nodes of stores.redis.url that leave the cluster, as host:port: their slots are moved to others first.',
    z.optional(z.array(z.string().check(z.regex(/^\S+:\d+$/, 'must be a host with a port, such as `10.0.0.7:7006`')))),
  ),
})

const persistence = z.strictObject({
  snapshots: described(
    'When RDB snapshots are written: as soon as one of these conditions is met. An empty list means never.',
    z.optional(
      z.array(
        z.strictObject({
          after: described('`60s`, `15m`.', interval),
          changes: described('Number of changed keys.', count),
        }),
      ),
    ),
  ),
  appendOnly: described('Whether every write is appended to the append-only file (AOF).', z.optional(choice)),
  fsync: described(
    'When that file is synced to disk: on every write, every second, or when the operating system decides.',
    z.optional(z.literal(['always', 'everysec', 'no'])),
  ),
})

const memory = z.strictObject({
  limit: described('For each node: `512mb`. `0` for no limit.', z.optional(size)),
  eviction: described('What is evicted when memory is full.', z.optional(z.literal(policies))),
})

const user = z.strictObject({
  password: described(
    'One password, or a list while one replaces another. Written as a variable; only its hash is ever sent. If left out or empty, existing passwords stay, and a new user has none and cannot log in.',
    z.optional(z.union([z.string(), z.array(z.string()).check(z.minLength(1))])),
  ),
  enabled: described('False for a user that cannot log in.', z.optional(choice)),
  families: described('Key families that it can access.', z.optional(z.array(z.string()))),
  keys: described('Patterns of additional keys.', z.optional(z.array(pattern))),
  channels: described('Patterns of channels that it can use.', z.optional(z.array(pattern))),
  commands: described('Rules in order, starting from no commands allowed: `+@read`, `-keys`.', z.array(rule)),
})

const library = z.strictObject({
  code: described('Lua code that begins with `#!lua name=NAME`, with the name of the library.', z.string()),
})

const family = z.strictObject({
  prefix: described('Prefix of its keys.', pattern),
  type: described('Type, as the command TYPE reports it.', z.literal(valueTypes)),
  role: described(
    'Keys of the role `cache` may be evicted at any time; others must not be lost before they expire.',
    z.literal(familyRoles),
  ),
  ttl: described('Maximum lifetime of a key: `30m`; `none` for keys that do not expire.', lifetime),
  owner: described('Who is responsible for it.', z.string().check(z.minLength(1))),
  description: described('Description for readers.', z.optional(z.string())),
})

/** One file of declarations for Redis. */
export const redisSchema = z.strictObject({
  $schema: z.optional(z.string()),
  cluster: described(
    'One cluster of all nodes in stores.redis.url. If left out, each node is standalone.',
    z.optional(cluster),
  ),
  persistence: described('Persistence to disk.', z.optional(persistence)),
  memory: described('Memory limit of a node, and what is evicted when it is full.', z.optional(memory)),
  settings: described(
    'Additional settings of the server, by their Redis names.',
    z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  ),
  users: described('Users by name.', z.optional(z.record(z.string(), user))),
  families: described('Key families by name.', z.optional(z.record(z.string(), family))),
  functions: described(
    'Libraries of functions by name, loaded on every primary. Redis 7.0 or later.',
    z.optional(z.record(z.string(), library)),
  ),
  verify: described(
    'Settings of `setup verify`.',
    z.optional(z.strictObject({ sample: described('Number of keys of each primary that are sampled.', count) })),
  ),
})

export type RedisDocument = z.infer<typeof redisSchema>
export type UserDocument = z.infer<typeof user>
export type FamilyDocument = z.infer<typeof family>

/** Milliseconds of `30s`, `15m`, `7 days`; `none` for keys that stay; null for anything that is not a duration. */
export function parseLifetime(text: string): number | 'none' | null {
  const outcome = parseDuration(text)
  if (outcome.type === 'none') return 'none'
  return outcome.type === 'duration' && outcome.milliseconds > 0 ? outcome.milliseconds : null
}

/** A part of a document, and its position. */
export interface Placed<Value> {
  readonly value: Value
  readonly document: DeclarationDocument
  readonly path: readonly PropertyKey[]
}

type Section = (typeof sections)[number]

export type Merged = {
  readonly [Name in Section]: Placed<NonNullable<RedisDocument[Name]>> | null
} & {
  readonly settings: ReadonlyMap<string, Placed<string | number | boolean>>
  readonly users: ReadonlyMap<string, Placed<UserDocument>>
  readonly families: ReadonlyMap<string, Placed<FamilyDocument>>
  readonly functions: ReadonlyMap<string, Placed<{ readonly code: string }>>
}

type Document = CheckedDocument<RedisDocument>

const sections = ['cluster', 'persistence', 'memory', 'verify'] as const

/** What a file declares that no other may declare, too. */
export function declaredPaths(value: RedisDocument): readonly DeclaredThing[] {
  const names = (['settings', 'users', 'families', 'functions'] as const).flatMap((section) =>
    Object.keys(value[section] ?? {}).map((name) => ({ path: [section, name] })),
  )
  return [
    ...sections.filter((section) => value[section] !== undefined).map((section) => ({ path: [section] })),
    ...names,
  ]
}

/** All files of the folder as one: a section may be in any of them. `declaredPaths` finds duplicate declarations. */
export function mergeDocuments(documents: readonly Document[]): Merged {
  return {
    cluster: only('cluster', documents),
    persistence: only('persistence', documents),
    memory: only('memory', documents),
    verify: only('verify', documents),
    settings: named('settings', documents),
    users: named('users', documents),
    families: named('families', documents),
    functions: named('functions', documents),
  }
}

function only<Name extends Section>(
  name: Name,
  documents: readonly Document[],
): Placed<NonNullable<RedisDocument[Name]>> | null {
  const [first = null] = documents.flatMap(({ value, document }) => {
    const part = value[name]
    return part === undefined ? [] : [{ value: part, document, path: [name] }]
  })
  return first
}

function named<Name extends 'settings' | 'users' | 'families' | 'functions'>(
  name: Name,
  documents: readonly Document[],
): ReadonlyMap<string, Placed<NonNullable<RedisDocument[Name]>[string]>> {
  const found = new Map<string, Placed<NonNullable<RedisDocument[Name]>[string]>>()
  for (const { value, document } of documents) {
    for (const [key, part] of Object.entries(value[name] ?? {})) {
      if (found.has(key)) continue
      found.set(key, { value: part as NonNullable<RedisDocument[Name]>[string], document, path: [name, key] })
    }
  }
  return found
}
