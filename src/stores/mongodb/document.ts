import * as z from 'zod/mini'
import { described } from '../../config/schema-parts.ts'
import { durationPattern, parseDuration } from '../../core/duration.ts'

/** A text that must fit a pattern, which editors know as well. */
function text(pattern: RegExp, says: string) {
  return z.string().check(z.regex(pattern, says))
}

const spanPattern = new RegExp(durationPattern)

function span(example: string) {
  const usable = (value: string): boolean => !spanPattern.test(value) || parseSpan(value) > 0
  return z
    .string()
    .check(
      z.regex(spanPattern, `must be a time with its unit, such as "${example}"`),
      z.refine(usable, `must be longer than nothing`),
    )
}

const databaseName = text(
  /^[^\s/\\."$*<>:|?\0]{1,38}$/,
  'cannot be the name of a database: MongoDB allows no blanks and none of /\\."$*<>:|?',
)
const collectionName = text(
  /^(?!system\.)[^$\0]{1,200}$/,
  'cannot be the name of a collection: it may not begin with `system.` or hold a `$`',
)
const host = text(/^(?:\[[\da-fA-F:]+\]|[\w.-]+):\d{1,5}$/, 'must be a host with its port, such as `db1.example:27017`')
const document = z.record(z.string(), z.unknown())

const member = z.strictObject({
  host: described('host:port, by which members and clients find it. Stands so in the configuration of the set.', host),
  address: described('host:port, by which wwdb finds it, where that is another.', z.optional(host)),
  votes: described('0 or 1. Default: 1.', z.optional(z.literal([0, 1]))),
  priority: described(
    '0 to 1000; 0 never becomes primary. Default: 1, without a vote 0.',
    z.optional(z.number().check(z.gte(0), z.lte(1000))),
  ),
  hidden: described('True for a member that clients do not see; its priority is 0.', z.optional(z.boolean())),
  tags: described('Tags that distinguish it, such as a data center.', z.optional(z.record(z.string(), z.string()))),
})

const replicaSet = z.strictObject({
  name: described(
    'As the servers were started with `--replSet`.',
    text(/^[\w.-]+$/, 'must be made of letters, digits, `_`, `-` and `.`'),
  ),
  members: described('Default: the hosts of the URL.', z.optional(z.array(member).check(z.minLength(1)))),
  settings: described(
    'What is not given is left as it is.',
    z.optional(
      z.strictObject({
        electionTimeout: described(
          'After so long without a primary a new one is elected. MongoDB’s own: 10s.',
          z.optional(span('10s')),
        ),
        heartbeatInterval: described('How often members ask each other. MongoDB’s own: 2s.', z.optional(span('2s'))),
        catchUpTimeout: described(
          'How long a new primary looks for writes that it has not got.',
          z.optional(span('30s')),
        ),
      }),
    ),
  ),
})

const validator = z.strictObject({
  schema: described('A $jsonSchema.', document),
  level: described(
    '"moderate" leaves documents alone that were invalid before. Default: strict.',
    z.optional(z.enum(['strict', 'moderate'])),
  ),
  action: described(
    '"warn" writes into the server’s log and takes the document. Default: error.',
    z.optional(z.enum(['error', 'warn'])),
  ),
})

const direction = z.literal([1, -1, 'text', '2dsphere', 'hashed'])

const index = z.strictObject({
  key: described('Fields in their order: 1, -1, text, 2dsphere or hashed.', z.record(z.string(), direction)),
  name: described(
    'Default: MongoDB’s own, such as received_at_1.',
    z.optional(text(/^(?!_id_$)[^\0]{1,100}$/, 'must be a name that is not `_id_`')),
  ),
  description: z.optional(z.string()),
  unique: z.optional(z.boolean()),
  sparse: z.optional(z.boolean()),
  hidden: described('True for an index that is kept, and that no query uses.', z.optional(z.boolean())),
  expireAfter: described(
    'A document goes so long after the time in the one field: "90 days".',
    z.optional(span('90 days')),
  ),
  partialFilter: described('Only documents that match it.', z.optional(document)),
  collation: described('Order of texts, as MongoDB has it.', z.optional(document)),
  weights: described('Of a text index: how much a field counts.', z.optional(z.record(z.string(), z.number()))),
  defaultLanguage: described('Of a text index; "none" knows no language.', z.optional(z.string())),
})

const collection = z.strictObject({
  description: z.optional(z.string()),
  validator: described('What a document must be like.', z.optional(validator)),
  collation: described('Order of texts. Cannot be changed later.', z.optional(document)),
  indexes: z.optional(z.array(index)),
})

const reference = z.strictObject({
  role: z.string(),
  database: described('Where the role is: of built-in ones, what they are for.', z.string()),
})

const privilege = z.strictObject({
  database: described('Of what. An empty text is every database.', z.optional(z.string())),
  collection: described('Default: every one of the database.', z.optional(z.string())),
  cluster: described('What belongs to no database.', z.optional(z.literal(true))),
  actions: described('As MongoDB names them: find, insert, ...', z.array(z.string()).check(z.minLength(1))),
})

const role = z.strictObject({
  description: z.optional(z.string()),
  database: described('Where it is kept, and what it may be about. Default: admin.', z.optional(z.string())),
  privileges: z.optional(z.array(privilege)),
  roles: described('What it inherits.', z.optional(z.array(reference))),
})

const user = z.strictObject({
  description: z.optional(z.string()),
  database: described('Where it signs in. Default: admin.', z.optional(z.string())),
  password: described(`Best written as "\${NAME}". With an empty one the user is left alone.`, z.string()),
  roles: z.array(reference),
})

/** One file of `migrations/mongodb`. The files of the folder are put together. */
export const mongodbSchema = z.strictObject({
  $schema: z.optional(z.string()),
  replicaSet: described(
    'The replica set that the servers form. Without it, the replica set is managed elsewhere.',
    z.optional(replicaSet),
  ),
  databases: z.optional(z.record(databaseName, z.strictObject({ collections: z.record(collectionName, collection) }))),
  roles: described('By their names.', z.optional(z.record(z.string(), role))),
  users: described('By their names.', z.optional(z.record(z.string(), user))),
})

export type MongodbDocument = z.infer<typeof mongodbSchema>

/** The name of an index: its own, else the one that MongoDB itself would make of its key. */
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
