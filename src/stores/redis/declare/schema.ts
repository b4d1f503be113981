import * as z from 'zod/mini'
import { familyRoles, valueTypes } from '../declaration.ts'
import { parseLifetime, parseSize } from './quantities.ts'

/** What is said against a text: the rest of a sentence that begins with its key. */
interface Objection {
  readonly says: string
  readonly next?: string
}

function text(object: (value: string) => Objection | null) {
  return z.string().check(
    z.check<string>(({ value, issues }) => {
      const objection = object(value)
      if (objection === null) return
      const { says, next } = objection
      issues.push({ code: 'custom', input: value, message: says, ...(next === undefined ? {} : { params: { next } }) })
    }),
  )
}

function described<Schema extends z.ZodMiniType>(description: string, schema: Schema): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

/** `true`, or the text that a variable gave. */
const choice = z.union([z.boolean(), z.literal(['true', 'false'])])

const count = z.union([z.int().check(z.minimum(0)), z.string().check(z.regex(/^\d+$/))])

const lifetime = text((value) =>
  parseLifetime(value) === null
    ? { says: 'is no duration', next: 'Write it like "30s", "15m", "12h" or "7d", or "none" for keys that stay.' }
    : null,
)

const interval = text((value) => {
  const milliseconds = parseLifetime(value)
  const right = typeof milliseconds === 'number' && milliseconds >= 1000 && milliseconds % 1000 === 0
  return right ? null : { says: 'is no number of seconds', next: 'Write it like "60s" or "15m".' }
})

const size = text((value) =>
  parseSize(value) === null
    ? { says: 'is no size', next: 'Write it like "512mb" or "2gb"; "0" is without limit.' }
    : null,
)

/** What Redis takes apart at blanks. */
const pattern = text((value) =>
  value === '' || /\s/.test(value) ? { says: 'must be a pattern without blanks' } : null,
)

const rule = text((value) =>
  /^[+-](?:@[a-z]+|[a-z0-9_.-]+(?:\|[^\s|]+)?)$/i.test(value)
    ? null
    : { says: 'is no rule for commands', next: 'Write "+get", "-keys", "+@read" or "+config|get".' },
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
  replicas: described('Replicas of each primary.', count),
  separateHosts: described('True where a replica may not live on the host of its primary.', z.optional(choice)),
})

const persistence = z.strictObject({
  snapshots: described(
    'When RDB snapshots are written: as soon as one of these is so. An empty list for never.',
    z.optional(
      z.array(
        z.strictObject({
          after: described('`60s`, `15m`.', interval),
          changes: described('So many changed keys.', count),
        }),
      ),
    ),
  ),
  appendOnly: described('Whether every write goes to the append-only file (AOF).', z.optional(choice)),
  fsync: described(
    'When that file is forced to disk: with every write, every second, or when the system likes.',
    z.optional(z.literal(['always', 'everysec', 'no'])),
  ),
})

const memory = z.strictObject({
  limit: described('Of each node: `512mb`. `0` for none.', z.optional(size)),
  eviction: described('What goes when memory is full.', z.optional(z.literal(policies))),
})

const user = z.strictObject({
  password: described(
    'One, or a list while one is replaced by another. Written as a variable; only its hash is ever sent. Left out or empty, the passwords that it has stay, and a new user has none: nobody logs in as it.',
    z.optional(z.union([z.string(), z.array(z.string()).check(z.minLength(1))])),
  ),
  enabled: described('False for a user that may not log in.', z.optional(choice)),
  families: described('Key families that it may touch.', z.optional(z.array(z.string()))),
  keys: described('Patterns of further keys.', z.optional(z.array(pattern))),
  channels: described('Patterns of channels that it may use.', z.optional(z.array(pattern))),
  commands: described('Rules in their order, after nothing is allowed: `+@read`, `-keys`.', z.array(rule)),
})

const family = z.strictObject({
  prefix: described('What its keys begin with.', pattern),
  type: described('As `TYPE` says it.', z.literal(valueTypes)),
  role: described(
    '`cache` may go at any time; the others are missed when they go before their time.',
    z.literal(familyRoles),
  ),
  ttl: described('How long a key lives at most: `30m`; `none` for keys that stay.', lifetime),
  owner: described('Who answers for it.', z.string().check(z.minLength(1))),
  description: described('For people.', z.optional(z.string())),
})

/** One file of declarations for Redis. */
export const redisSchema = z.strictObject({
  $schema: z.optional(z.string()),
  cluster: described(
    'One cluster of all nodes that stores.redis.url names. Left out, each serves by itself.',
    z.optional(cluster),
  ),
  persistence: described('What is kept on disk.', z.optional(persistence)),
  memory: described('How much memory a node takes, and what goes when it is full.', z.optional(memory)),
  settings: described(
    'Further settings of the server, by its own names.',
    z.optional(z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))),
  ),
  users: described('Users by name.', z.optional(z.record(z.string(), user))),
  families: described('Key families by name.', z.optional(z.record(z.string(), family))),
  verify: described(
    'How `setup verify` looks.',
    z.optional(z.strictObject({ sample: described('Keys of each primary that are looked at.', count) })),
  ),
})

export type RedisDocument = z.infer<typeof redisSchema>
export type UserDocument = z.infer<typeof user>
export type FamilyDocument = z.infer<typeof family>
