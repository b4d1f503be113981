import { isPlainObject } from '../../core/interpolate.ts'
import { type Objection, suggest } from '../declare/check-documents.ts'
import type { Declaration, RoleReference } from './declaration.ts'
import { indexName, type MongodbDocument } from './document.ts'

/** Largest number of voting members that MongoDB allows. */
const mostVoters = 7

/** Checks of one document that the schema cannot express. */
export function checkParts(document: MongodbDocument): readonly Objection[] {
  return [...checkSet(document), ...checkCollections(document), ...checkPrivileges(document)]
}

function checkSet({ replicaSet }: MongodbDocument): readonly Objection[] {
  const { members } = replicaSet ?? {}
  if (members === undefined) return []
  const path = ['replicaSet', 'members']
  const voters = members.filter(({ votes }) => votes !== 0)
  const hosts = members.map(({ host }) => host.toLowerCase())
  return [
    ...members.flatMap(({ host, votes, priority, hidden }, at): readonly Objection[] => [
      ...(hosts.indexOf(host.toLowerCase()) < at
        ? [{ path: [...path, at, 'host'], says: 'is named twice', next: 'Keep one of them.' }]
        : []),
      ...(votes === 0 && (priority ?? 0) > 0
        ? [
            {
              path: [...path, at, 'priority'],
              says: 'must be 0 for a member without a vote',
              next: 'Leave it out, or give the member a vote.',
            },
          ]
        : []),
      ...(hidden === true && (priority ?? 0) > 0
        ? [{ path: [...path, at, 'priority'], says: 'must be 0 for a hidden member', next: 'Leave it out.' }]
        : []),
    ]),
    ...(voters.length > mostVoters
      ? [{ path, says: `has ${voters.length} voting members; MongoDB allows ${mostVoters}` }]
      : []),
    ...(voters.some(({ priority, hidden }) => (priority ?? 1) > 0 && hidden !== true)
      ? []
      : [{ path, says: 'has no member that could become primary' }]),
  ]
}

function checkCollections({ databases = {} }: MongodbDocument): readonly Objection[] {
  return Object.entries(databases).flatMap(([database, { collections = {} }]) =>
    Object.entries(collections).flatMap(([name, { validator, indexes = [] }]) => {
      const path = ['databases', database, 'collections', name]
      return [
        ...checkSchema(validator?.schema, [...path, 'validator', 'schema']),
        ...checkIndexes(indexes, [...path, 'indexes']),
      ]
    }),
  )
}

type Collections = NonNullable<NonNullable<MongodbDocument['databases']>[string]['collections']>
type Indexes = NonNullable<Collections[string]['indexes']>

function checkIndexes(indexes: Indexes, path: readonly PropertyKey[]): readonly Objection[] {
  const names = indexes.map(indexName)
  return indexes.flatMap((index, at): readonly Objection[] => {
    const here = [...path, at]
    const key = Object.entries(index.key)
    const texts = key.filter(([, direction]) => direction === 'text').map(([field]) => field)
    const plain = key.length === 1 && typeof key[0]?.[1] === 'number' && key[0][0] !== '_id'
    const stray = Object.keys(index.weights ?? {}).find((field) => !texts.includes(field))
    return [
      ...(key.length === 0 ? [{ path: [...here, 'key'], says: 'does not name a field' }] : []),
      ...(names.indexOf(names[at] ?? '') < at
        ? [{ path: here, says: `shares the name ${names[at]} with another index`, next: 'Give it a `name`.' }]
        : []),
      ...(index.expireAfter !== undefined && !plain
        ? [
            {
              path: [...here, 'expireAfter'],
              says: 'requires an index on one field, 1 or -1, other than _id',
              next: 'Declare a separate index for it.',
            },
          ]
        : []),
      ...(stray === undefined
        ? []
        : [{ path: [...here, 'weights', stray], says: 'is not a text field of this index' }]),
      ...(index.defaultLanguage !== undefined && texts.length === 0
        ? [{ path: [...here, 'defaultLanguage'], says: 'is for text indexes only' }]
        : []),
      ...(index.sparse === true && index.partialFilter !== undefined
        ? [
            {
              path: [...here, 'sparse'],
              says: 'cannot be combined with partialFilter',
              next: 'Write { field: { $exists: true } } into the filter.',
            },
          ]
        : []),
    ]
  })
}

function checkPrivileges({ roles = {} }: MongodbDocument): readonly Objection[] {
  return Object.entries(roles).flatMap(([name, { privileges = [] }]) =>
    privileges.flatMap(({ database, cluster }, at): readonly Objection[] => {
      const path = ['roles', name, 'privileges', at]
      if (cluster === true && database !== undefined)
        return [{ path, says: 'applies to both the cluster and a database', next: 'Split it into two.' }]
      if (cluster !== true && database === undefined)
        return [{ path, says: 'does not say what it applies to', next: 'Add `database`, or `cluster: true`.' }]
      return []
    }),
  )
}

/** Roles that MongoDB has in every database. */
const everywhere = ['read', 'readWrite', 'dbAdmin', 'dbOwner', 'userAdmin'] as const

/** Roles that only `admin` has. */
const adminOnly = [
  'root',
  'clusterAdmin',
  'clusterManager',
  'clusterMonitor',
  'hostManager',
  'backup',
  'restore',
  'readAnyDatabase',
  'readWriteAnyDatabase',
  'userAdminAnyDatabase',
  'dbAdminAnyDatabase',
  'enableSharding',
] as const

/** Checks of one document that need all documents of the folder. @param all the merged documents. */
export function checkReferences(document: MongodbDocument, all: Declaration): readonly Objection[] {
  const { roles = {}, users = {} } = document
  return [
    ...Object.entries(roles).flatMap(([name, role]) => [
      ...(role.roles ?? []).flatMap((wanted, at) => checkReference(wanted, ['roles', name, 'roles', at], all)),
      ...checkRing(name, role.database ?? 'admin', all),
      ...(role.privileges ?? []).flatMap(({ database, collection }, at) =>
        checkPlace(database ?? '', collection ?? '', ['roles', name, 'privileges', at], all),
      ),
    ]),
    ...Object.entries(users).flatMap(([name, user]) =>
      user.roles.flatMap((wanted, at) => checkReference(wanted, ['users', name, 'roles', at], all)),
    ),
  ]
}

function checkReference(
  { role, database }: RoleReference,
  path: readonly PropertyKey[],
  { roles }: Declaration,
): readonly Objection[] {
  const builtIn: readonly string[] = database === 'admin' ? [...everywhere, ...adminOnly] : everywhere
  const declared = roles.filter((one) => one.database === database).map(({ name }) => name)
  if (builtIn.includes(role) || declared.includes(role)) return []
  return [
    {
      path: [...path, 'role'],
      says: `names \`${role}\`, which is neither built in nor declared in \`${database}\``,
      ...suggest(role, [...declared, ...builtIn]),
    },
  ]
}

function checkRing(name: string, database: string, { roles }: Declaration): readonly Objection[] {
  const same = (one: RoleReference, other: RoleReference): boolean =>
    one.role === other.role && one.database === other.database
  const start = { role: name, database }
  const seen: RoleReference[] = []
  const open: RoleReference[] = [start]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = next
    const inherited = roles.find((one) => one.name === here.role && one.database === here.database)?.roles ?? []
    if (inherited.some((one) => same(one, start)))
      return [{ path: ['roles', name, 'roles'], says: 'inherits itself indirectly' }]
    const fresh = inherited.filter((one) => !seen.some((other) => same(one, other)))
    seen.push(...fresh)
    open.push(...fresh)
  }
  return []
}

/** For databases that the files declare, collections must be declared, too. */
function checkPlace(
  database: string,
  collection: string,
  path: readonly PropertyKey[],
  { databases }: Declaration,
): readonly Objection[] {
  const found = databases.find(({ name }) => name === database)
  if (found === undefined || collection === '') return []
  const names = [...found.collections, ...found.views].map(({ name }) => name)
  if (names.includes(collection)) return []
  return [
    {
      path: [...path, 'collection'],
      says: `names \`${collection}\`, which \`${database}\` does not declare`,
      ...suggest(collection, names),
    },
  ]
}

type Kind = 'value' | 'schema' | 'schemas' | 'named schemas' | 'schema or schemas'

/** What MongoDB supports of JSON Schema (its draft 4, without $ref, format, default and integer), and what follows each keyword. */
const keywords: Readonly<Record<string, Kind>> = {
  additionalItems: 'schema',
  additionalProperties: 'schema',
  allOf: 'schemas',
  anyOf: 'schemas',
  bsonType: 'value',
  dependencies: 'named schemas',
  description: 'value',
  enum: 'value',
  exclusiveMaximum: 'value',
  exclusiveMinimum: 'value',
  items: 'schema or schemas',
  maximum: 'value',
  maxItems: 'value',
  maxLength: 'value',
  maxProperties: 'value',
  minimum: 'value',
  minItems: 'value',
  minLength: 'value',
  minProperties: 'value',
  multipleOf: 'value',
  not: 'schema',
  oneOf: 'schemas',
  pattern: 'value',
  patternProperties: 'named schemas',
  properties: 'named schemas',
  required: 'value',
  title: 'value',
  type: 'value',
  uniqueItems: 'value',
}

const bsonTypes = [
  'double',
  'string',
  'object',
  'array',
  'binData',
  'objectId',
  'bool',
  'date',
  'null',
  'regex',
  'javascript',
  'int',
  'timestamp',
  'long',
  'decimal',
  'number',
  'minKey',
  'maxKey',
] as const

/** Keywords that a `$jsonSchema` of MongoDB does not know at any level. */
function checkSchema(schema: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  if (!isPlainObject(schema)) return []
  return Object.entries(schema).flatMap(([word, value]): readonly Objection[] => {
    const here = [...path, word]
    const kind = Object.hasOwn(keywords, word) ? keywords[word] : undefined
    if (kind === undefined)
      return [{ path: here, says: 'is not known to MongoDB’s JSON Schema', ...suggest(word, Object.keys(keywords)) }]
    if (word === 'bsonType') return checkTypes(value, here)
    return inside(kind, value, here)
  })
}

function inside(kind: Kind, value: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  if (kind === 'value') return []
  if (Array.isArray(value)) return value.flatMap((part, at) => checkSchema(part, [...path, at]))
  if (kind === 'named schemas' && isPlainObject(value)) {
    return Object.entries(value).flatMap(([name, part]) => checkSchema(part, [...path, name]))
  }
  return checkSchema(value, path)
}

function checkTypes(value: unknown, path: readonly PropertyKey[]): readonly Objection[] {
  const types: readonly unknown[] = Array.isArray(value) ? value : [value]
  const wrong = types.find((type) => !bsonTypes.some((known) => known === type))
  if (wrong === undefined) return []
  return [
    {
      path,
      says: `names the type ${JSON.stringify(wrong)}, which BSON does not have`,
      ...suggest(String(wrong), bsonTypes),
    },
  ]
}
