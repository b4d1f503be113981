import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { durationPattern, parseDuration } from '../../core/duration.ts'
import { parseSize } from '../../core/size.ts'
import { granularities, profilingLevels } from './declaration.ts'

/** A text that must match a pattern, which editors know as well. */
function text(pattern: RegExp, says: string) {
  return z.string().check(z.regex(pattern, says))
}

const spanPattern = new RegExp(durationPattern)

function span(example: string) {
  const usable = (value: string): boolean => !spanPattern.test(value) || parseSpan(value) > 0
  return z
    .string()
    .check(
      z.regex(spanPattern, `must be a duration with a unit, such as "${example}"`),
      z.refine(usable, `must be longer than zero`),
    )
}

const databaseName = text(
  /^[^\s/\\."$*<>:|?\0]{1,38}$/,
  'is not a valid database name: MongoDB does not allow spaces or any of /\\."$*<>:|?',
)
const collectionName = text(
  /^(?!system\.)[^$\0]{1,200}$/,
  'is not a valid collection name: it must not start with `system.` or contain a `$`',
)
const host = text(/^(?:\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, 'must be a host with a port, such as `db1.example:27017`')
const document = z.record(z.string(), z.unknown())

const member = z.strictObject({
  host: described('host:port that members and clients use, as in the configuration of the set.', host),
  address: described('host:port that wwdb uses, if it differs.', z.optional(host)),
  votes: described('0 or 1. Default: 1.', z.optional(z.literal([0, 1]))),
  priority: described(
    '0 to 1000; a member with 0 never becomes primary. Default: 1, or 0 without a vote.',
    z.optional(z.number().check(z.gte(0), z.lte(1000))),
  ),
  hidden: described('True for a member that is hidden from clients; its priority is 0.', z.optional(z.boolean())),
  tags: described('Tags that distinguish it, such as a data center.', z.optional(z.record(z.string(), z.string()))),
})

const replicaSet = z.strictObject({
  name: described(
    'The name given with `--replSet` when the servers were started.',
    text(/^[\w.-]+$/, 'must consist of letters, digits, `_`, `-` and `.`'),
  ),
  members: described('Default: the hosts of the URL.', z.optional(z.array(member).check(z.minLength(1)))),
  settings: described(
    'Settings that are not given stay unchanged.',
    z.optional(
      z.strictObject({
        electionTimeout: described(
          'Time without a primary after which a new one is elected. Default of MongoDB: 10s.',
          z.optional(span('10s')),
        ),
        heartbeatInterval: described(
          'How often members send heartbeats. Default of MongoDB: 2s.',
          z.optional(span('2s')),
        ),
        catchUpTimeout: described(
          'How long a new primary waits to catch up on missing writes.',
          z.optional(span('30s')),
        ),
      }),
    ),
  ),
})

const validator = z.strictObject({
  schema: described('A $jsonSchema.', document),
  level: described(
    '"moderate" does not check documents that were already invalid. Default: strict.',
    z.optional(z.enum(['strict', 'moderate'])),
  ),
  action: described(
    '"warn" writes to the server log and accepts the document. Default: error.',
    z.optional(z.enum(['error', 'warn'])),
  ),
})

const direction = z.literal([1, -1, 'text', '2dsphere', 'hashed'])

const index = z.strictObject({
  key: described('Fields in order: 1, -1, text, 2dsphere or hashed.', z.record(z.string(), direction)),
  name: described(
    'Default: the name that MongoDB generates, such as received_at_1.',
    z.optional(text(/^(?!_id_$)[^\0]{1,100}$/, 'must be a name that is not `_id_`')),
  ),
  description: z.optional(z.string()),
  unique: z.optional(z.boolean()),
  sparse: z.optional(z.boolean()),
  hidden: described('True for an index that is kept but not used by queries.', z.optional(z.boolean())),
  expireAfter: described(
    'A document is deleted this long after the time in the single field: "90 days".',
    z.optional(span('90 days')),
  ),
  partialFilter: described('Only documents that match it.', z.optional(document)),
  collation: described(
    'Collation, as in MongoDB. Default: that of the collection; `locale: simple` compares bytes.',
    z.optional(document),
  ),
  weights: described('For a text index: the weights of fields.', z.optional(z.record(z.string(), z.number()))),
  defaultLanguage: described('For a text index; "none" uses no language rules.', z.optional(z.string())),
})

const capped = z.strictObject({
  size: described(
    'At most that much: "64mb". MongoDB rounds it up to 256 bytes.',
    z.string().check(z.refine((value) => (parseSize(value) ?? 0) > 0, 'must be a size with a unit, such as "64mb"')),
  ),
  documents: described(
    'At most as many documents. Default: as many as fit.',
    z.optional(z.int().check(z.gte(1), z.lte(2 ** 31 - 1))),
  ),
})

const timeSeries = z.strictObject({
  timeField: described('The field with the time. Cannot be changed later.', z.string().check(z.minLength(1))),
  metaField: described(
    'The field that tells one series from another. Cannot be changed later.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  granularity: described(
    'How far apart the values of a series are; it can only become coarser. Default: left as it is.',
    z.optional(z.enum(granularities)),
  ),
  expireAfter: described(
    'A document is deleted this long after its time. Default: they stay.',
    z.optional(span('90 days')),
  ),
})

const collection = z.strictObject({
  description: z.optional(z.string()),
  validator: described('Validation rule for documents.', z.optional(validator)),
  collation: described('Collation. Cannot be changed later.', z.optional(document)),
  indexes: z.optional(z.array(index)),
  capped: described('A collection of a fixed size: the oldest documents make room for new ones.', z.optional(capped)),
  timeSeries: described('A time series collection.', z.optional(timeSeries)),
  preImages: described(
    'True if change streams can show documents as they were before a change. Default: left as it is.',
    z.optional(z.boolean()),
  ),
})

const view = z.strictObject({
  description: z.optional(z.string()),
  on: described('The collection or view that it reads, of the same database.', collectionName),
  pipeline: described('Stages of an aggregation, as in MongoDB.', z.array(document)),
  collation: described('Collation. Cannot be changed later.', z.optional(document)),
})

const database = z.strictObject({
  collections: described('By name.', z.optional(z.record(collectionName, collection))),
  views: described('By name.', z.optional(z.record(collectionName, view))),
})

const defaults = z.strictObject({
  readConcern: described(
    'Of reads that name none. Default: left as it is.',
    z.optional(z.enum(['local', 'available', 'majority'])),
  ),
  writeConcern: described(
    'Of writes that name none. Default: left as it is.',
    z.optional(
      z.strictObject({
        w: described(
          '"majority", a number of members, or the name of a custom write concern.',
          z.union([z.string().check(z.minLength(1)), z.int().check(z.gte(1), z.lte(50))]),
        ),
        timeout: described('How long a write waits for it. Default: without an end.', z.optional(span('5s'))),
      }),
    ),
  ),
})

const profiling = z.strictObject({
  slowerThan: described('What counts as slow on each member. Default: left as it is.', z.optional(span('100ms'))),
  sampleRate: described(
    'The share of slow operations that are recorded, 0 to 1. Default: left as it is.',
    z.optional(z.number().check(z.gte(0), z.lte(1))),
  ),
  databases: described(
    'By name: "off", "slow", or "all" operations. Others are left as they are.',
    z.optional(z.record(databaseName, z.enum(profilingLevels))),
  ),
})

/** What `replSetResizeOplog` takes. */
const oplogSize = z.string().check(
  z.refine((value) => {
    const megabytes = (parseSize(value) ?? 0) / 1024 ** 2
    return Number.isInteger(megabytes) && megabytes >= 990
  }, 'must be whole megabytes, at least "990mb"'),
)

const oplog = z
  .strictObject({
    size: described(
      'Of each member, in whole megabytes, at least 990mb: "2gb". Default: left as it is.',
      z.optional(oplogSize),
    ),
    minRetention: described(
      'How long entries are kept at least, even beyond the size: "24h". Default: left as it is.',
      z.optional(span('24h')),
    ),
  })
  .check(
    z.refine(
      ({ size, minRetention }) => size !== undefined || minRetention !== undefined,
      'must have `size` or `minRetention`',
    ),
  )

const reference = z.strictObject({
  role: z.string(),
  database: described('Database of the role; for built-in roles, the database that they apply to.', z.string()),
})

const privilege = z.strictObject({
  database: described('Database that it applies to. An empty string means every database.', z.optional(z.string())),
  collection: described('Default: every collection of the database.', z.optional(z.string())),
  cluster: described('True for actions on the cluster.', z.optional(z.literal(true))),
  actions: described('MongoDB privilege actions: find, insert, ...', z.array(z.string()).check(z.minLength(1))),
})

const role = z.strictObject({
  description: z.optional(z.string()),
  database: described(
    'Database that stores the role and that it may apply to. Default: admin.',
    z.optional(z.string()),
  ),
  privileges: z.optional(z.array(privilege)),
  roles: described('Inherited roles.', z.optional(z.array(reference))),
})

const user = z.strictObject({
  description: z.optional(z.string()),
  database: described('Authentication database. Default: admin.', z.optional(z.string())),
  password: described(`Best written as "\${NAME}". With an empty password the user is not changed.`, z.string()),
  roles: z.array(reference),
})

/** One file of `migrations/mongodb`. The files of the folder are merged. */
export const mongodbSchema = z.strictObject({
  $schema: z.optional(z.string()),
  replicaSet: described(
    'The replica set of the servers. Without it, the replica set is managed elsewhere.',
    z.optional(replicaSet),
  ),
  databases: z.optional(z.record(databaseName, database)),
  roles: described('By name.', z.optional(z.record(z.string(), role))),
  users: described('By name.', z.optional(z.record(z.string(), user))),
  defaults: described('Read and write concern of the whole set.', z.optional(defaults)),
  profiling: described('The profiler of each member.', z.optional(profiling)),
  oplog: described('The oplog of each member.', z.optional(oplog)),
  featureCompatibilityVersion: described(
    'Of the whole set: "6.0". Default: left as it is.',
    z.optional(text(/^\d+\.\d+$/, 'must be a version in quotes, such as "6.0"')),
  ),
})

export type MongodbDocument = z.infer<typeof mongodbSchema>

/** The name of an index: its own, else the one that MongoDB would derive from its key. */
export function indexName({ name, key }: Pick<z.infer<typeof index>, 'name' | 'key'>): string {
  return (
    name ??
    Object.entries(key)
      .map(([field, direction]) => `${field}_${direction}`)
      .join('_')
  )
}

/** Milliseconds of `90 days`, `500ms`, `2h`; 0 for what the schema has refused. */
export function parseSpan(text: string): number {
  const outcome = parseDuration(text)
  return outcome.type === 'duration' ? outcome.milliseconds : 0
}
