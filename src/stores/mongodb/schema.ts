import type { Reading } from '../contract.ts'
import {
  checkDocuments,
  type DeclaredThing,
  declarationJsonSchema,
  findDoubles,
  toFault,
} from '../declare/check-documents.ts'
import type { DeclarationDocument } from '../declare/read-declarations.ts'
import { checkParts, checkReferences } from './check-declaration.ts'
import { checkKinds } from './check-kinds.ts'
import type {
  CollectionDeclaration,
  DatabaseDeclaration,
  Declaration,
  IndexDeclaration,
  JsonObject,
  MemberDeclaration,
  ReplicaSetDeclaration,
  RoleDeclaration,
  UserDeclaration,
} from './declaration.ts'
import {
  declareCapped,
  declareCollation,
  declareDefaults,
  declareOplog,
  declareProfiling,
  declareTimeSeries,
  declareView,
} from './declare-kinds.ts'
import { indexName, type MongodbDocument, mongodbSchema, parseSpan } from './document.ts'

/** MongoDB's own name for what is declared here under another key. */
const synonyms = {
  $jsonSchema: 'schema',
  setFeatureCompatibilityVersion: 'featureCompatibilityVersion',
  default_language: 'defaultLanguage',
  changeStreamPreAndPostImages: 'preImages',
  expireAfterSeconds: 'expireAfter',
  slowms: 'slowerThan',
  timeseries: 'timeSeries',
  viewOn: 'on',
  wtimeout: 'timeout',
  partialFilterExpression: 'partialFilter',
  validationAction: 'action',
  validationLevel: 'level',
}

/** The declaration that the files of a folder form together, or all of their faults with their positions. */
export function readDeclaration(documents: readonly DeclarationDocument[]): Reading<Declaration> {
  const outcome = checkDocuments(documents, mongodbSchema, synonyms)
  if (outcome.type === 'faults') return outcome
  const { checked } = outcome
  const declaration = declareAll(checked.map(({ value }) => value))
  const objections = checked.flatMap(({ document, value }) =>
    [...checkParts(value), ...checkKinds(value, declaration), ...checkReferences(value, declaration)].map((one) =>
      toFault(document, one),
    ),
  )
  const faults = [...objections, ...findDoubles(checked, declaredPaths)]
  return faults.length > 0 ? { type: 'faults', faults } : { type: 'declaration', declaration }
}

/** The JSON Schema of a file of `migrations/mongodb`. */
export function jsonSchema(): object {
  return declarationJsonSchema(mongodbSchema, 'MongoDB')
}

/** What a file declares that no other may declare, too. */
function declaredPaths({
  replicaSet,
  databases = {},
  roles = {},
  users = {},
  defaults,
  profiling,
  oplog,
  featureCompatibilityVersion,
}: MongodbDocument): readonly DeclaredThing[] {
  const paths: readonly (readonly PropertyKey[])[] = [
    ...(replicaSet === undefined ? [] : [['replicaSet']]),
    ...Object.entries(databases).flatMap(([database, { collections = {}, views = {} }]) => [
      ...Object.keys(collections).map((name) => ['databases', database, 'collections', name]),
      ...Object.keys(views).map((name) => ['databases', database, 'views', name]),
    ]),
    ...Object.keys(roles).map((name) => ['roles', name]),
    ...Object.keys(users).map((name) => ['users', name]),
    ...(defaults === undefined ? [] : [['defaults']]),
    ...(profiling === undefined ? [] : [['profiling']]),
    ...(oplog === undefined ? [] : [['oplog']]),
    ...(featureCompatibilityVersion === undefined ? [] : [['featureCompatibilityVersion']]),
  ]
  return paths.map((path) => ({ path }))
}

type SetPart = NonNullable<MongodbDocument['replicaSet']>
type CollectionPart = NonNullable<NonNullable<MongodbDocument['databases']>[string]['collections']>[string]
type IndexPart = NonNullable<CollectionPart['indexes']>[number]

/** Merges the checked documents. */
function declareAll(documents: readonly MongodbDocument[]): Declaration {
  const [replicaSet] = documents.flatMap((document) => (document.replicaSet === undefined ? [] : [document.replicaSet]))
  return {
    replicaSet: replicaSet === undefined ? null : declareSet(replicaSet),
    databases: declareDatabases(documents),
    roles: documents.flatMap(({ roles }) => Object.entries(roles ?? {}).map(([name, role]) => declareRole(name, role))),
    users: documents.flatMap(({ users }) => Object.entries(users ?? {}).map(([name, user]) => declareUser(name, user))),
    defaults:
      documents.flatMap(({ defaults }) => (defaults === undefined ? [] : [declareDefaults(defaults)]))[0] ?? null,
    profiling:
      documents.flatMap(({ profiling }) => (profiling === undefined ? [] : [declareProfiling(profiling)]))[0] ?? null,
    oplog: documents.flatMap(({ oplog }) => (oplog === undefined ? [] : [declareOplog(oplog)]))[0] ?? null,
    compatibility: documents.flatMap(({ featureCompatibilityVersion: version }) => version ?? [])[0] ?? null,
  }
}

function declareSet({ name, members, settings }: SetPart): ReplicaSetDeclaration {
  const milliseconds = (span: string | undefined): number | null => (span === undefined ? null : parseSpan(span))
  return {
    name,
    members: members === undefined ? null : members.map(declareMember),
    settings: {
      electionTimeoutMillis: milliseconds(settings?.electionTimeout),
      heartbeatIntervalMillis: milliseconds(settings?.heartbeatInterval),
      catchUpTimeoutMillis: milliseconds(settings?.catchUpTimeout),
    },
  }
}

function declareMember(member: NonNullable<SetPart['members']>[number]): MemberDeclaration {
  const { host, address = host, votes = 1, hidden = false, tags = {} } = member
  const priority = member.priority ?? (votes === 0 || hidden ? 0 : 1)
  return { host, address, votes, priority, hidden, tags }
}

/** A database may be spread over several files. */
function declareDatabases(documents: readonly MongodbDocument[]): readonly DatabaseDeclaration[] {
  const parts = documents.flatMap(({ databases }) => Object.entries(databases ?? {}))
  const names = [...new Set(parts.map(([name]) => name))]
  return names.map((name) => ({
    name,
    collections: parts
      .filter(([other]) => other === name)
      .flatMap(([, { collections = {} }]) =>
        Object.entries(collections).map(([own, part]) => declareCollection(own, part)),
      ),
    views: parts
      .filter(([other]) => other === name)
      .flatMap(([, { views = {} }]) => Object.entries(views).map(([own, part]) => declareView(own, part))),
  }))
}

function declareCollection(
  name: string,
  { validator, collation, indexes = [], capped, timeSeries, preImages }: CollectionPart,
): CollectionDeclaration {
  return {
    name,
    collation: declareCollation(collation),
    validator:
      validator === undefined
        ? null
        : {
            schema: validator.schema as JsonObject,
            level: validator.level ?? 'strict',
            action: validator.action ?? 'error',
          },
    indexes: indexes.map((index) => declareIndex(index, declareCollation(collation))),
    capped: capped === undefined ? null : declareCapped(capped),
    timeSeries: timeSeries === undefined ? null : declareTimeSeries(timeSeries),
    preImages: preImages ?? null,
  }
}

/** @param inherited the collation of its collection, which the server gives to an index without one */
function declareIndex(index: IndexPart, inherited: JsonObject | null): IndexDeclaration {
  const key = Object.entries(index.key)
  // The server takes no collation for it.
  const isText = key.some(([, direction]) => direction === 'text')
  return {
    name: indexName(index),
    key,
    unique: index.unique ?? false,
    sparse: index.sparse ?? false,
    hidden: index.hidden ?? false,
    expireAfterSeconds: index.expireAfter === undefined ? null : Math.round(parseSpan(index.expireAfter) / 1000),
    partialFilter: (index.partialFilter as JsonObject | undefined) ?? null,
    collation: index.collation === undefined && !isText ? inherited : declareCollation(index.collation),
    weights: index.weights ?? {},
    defaultLanguage: index.defaultLanguage ?? null,
  }
}

function declareRole(name: string, role: NonNullable<MongodbDocument['roles']>[string]): RoleDeclaration {
  const { database = 'admin', privileges = [], roles = [] } = role
  return {
    name,
    database,
    roles,
    privileges: privileges.map(({ database: of = '', collection = '', cluster, actions }) => ({
      resource: cluster === true ? { type: 'cluster' } : { type: 'collection', database: of, collection },
      actions,
    })),
  }
}

function declareUser(name: string, user: NonNullable<MongodbDocument['users']>[string]): UserDeclaration {
  return { name, database: user.database ?? 'admin', password: user.password, roles: user.roles }
}
