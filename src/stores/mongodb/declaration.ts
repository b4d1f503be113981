/** What the files declare for MongoDB. Names are as written: without the environment's prefix. */
export interface Declaration {
  /** Null if the replica set is managed elsewhere, as with a hosted service. */
  readonly replicaSet: ReplicaSetDeclaration | null
  readonly databases: readonly DatabaseDeclaration[]
  readonly roles: readonly RoleDeclaration[]
  readonly users: readonly UserDeclaration[]
  /** Null: left as they are. */
  readonly defaults: DefaultsDeclaration | null
  /** Null: left as it is. */
  readonly profiling: ProfilingDeclaration | null
  readonly oplog: OplogDeclaration | null
  /** `6.0`. Null: left as it is. */
  readonly compatibility: string | null
}

/** What reads and writes without a concern of their own get, in the whole set. Null values are left as they are. */
export interface DefaultsDeclaration {
  readonly readConcern: string | null
  readonly writeConcern: { readonly w: number | string; readonly timeoutMillis: number } | null
}

/** Of every member; null values are left as they are. */
export interface OplogDeclaration {
  readonly megabytes: number | null
  readonly minRetentionHours: number | null
}

export const profilingLevels = ['off', 'slow', 'all'] as const

export type ProfilingLevel = (typeof profilingLevels)[number]

/** The profiler, which each member has for itself and forgets when it restarts. Null values are left as they are. */
export interface ProfilingDeclaration {
  /** What counts as slow, in the log as well; of the whole server. */
  readonly slowMillis: number | null
  /** The share of the slow operations that are recorded. */
  readonly sampleRate: number | null
  readonly databases: readonly { readonly name: string; readonly level: ProfilingLevel }[]
}

export interface ReplicaSetDeclaration {
  /** The name given with `--replSet` when the servers were started. */
  readonly name: string
  /** Null: the hosts of the URL, each with a vote and the usual priority. */
  readonly members: readonly MemberDeclaration[] | null
  readonly settings: ReplicaSetSettings
}

export interface MemberDeclaration {
  /** `host:port`, as the members and their clients find it; it is in the set's configuration. */
  readonly host: string
  /** `host:port` at which this tool reaches it; `host` by default. */
  readonly address: string
  readonly votes: 0 | 1
  /** 0 to 1000; 0 never becomes primary. */
  readonly priority: number
  readonly hidden: boolean
  readonly tags: Readonly<Record<string, string>>
}

/** Null values are left as they are. All in milliseconds. */
export interface ReplicaSetSettings {
  readonly electionTimeoutMillis: number | null
  readonly heartbeatIntervalMillis: number | null
  readonly catchUpTimeoutMillis: number | null
}

export interface DatabaseDeclaration {
  readonly name: string
  readonly collections: readonly CollectionDeclaration[]
  readonly views: readonly ViewDeclaration[]
}

export interface CollectionDeclaration {
  readonly name: string
  /** Null: no validator. An existing one is removed. */
  readonly validator: ValidatorDeclaration | null
  /** The sort order of texts, in MongoDB's form: `{ locale: zh }`. Null: by their bytes. Cannot be changed later. */
  readonly collation: JsonObject | null
  readonly indexes: readonly IndexDeclaration[]
  /** Null: not capped. */
  readonly capped: CappedDeclaration | null
  /** Null: not a time series. */
  readonly timeSeries: TimeSeriesDeclaration | null
  /** Whether change streams can show documents as they were before a change; null: left as it is. */
  readonly preImages: boolean | null
}

/** The oldest documents make room for new ones. */
export interface CappedDeclaration {
  readonly bytes: number
  /** Null: as many as fit. */
  readonly documents: number | null
}

export const granularities = ['seconds', 'minutes', 'hours'] as const

export interface TimeSeriesDeclaration {
  readonly timeField: string
  readonly metaField: string | null
  /** Null: left as it is, `seconds` for a new one. */
  readonly granularity: (typeof granularities)[number] | null
  /** Null: documents stay. */
  readonly expireAfterSeconds: number | null
}

export interface ViewDeclaration {
  readonly name: string
  /** The collection or view that it reads, of the same database. */
  readonly on: string
  readonly pipeline: readonly JsonObject[]
  /** Cannot be changed later. */
  readonly collation: JsonObject | null
}

export interface ValidatorDeclaration {
  /** A `$jsonSchema`. */
  readonly schema: JsonObject
  /** `moderate` does not check documents that were invalid before. */
  readonly level: 'strict' | 'moderate'
  /** `warn` writes a log entry and accepts the document. */
  readonly action: 'error' | 'warn'
}

export interface IndexDeclaration {
  /** MongoDB's own by default: `received_at_1`. */
  readonly name: string
  /** In their order: 1, -1, `text`, `2dsphere`, `hashed`. */
  readonly key: readonly (readonly [field: string, direction: number | string])[]
  readonly unique: boolean
  readonly sparse: boolean
  readonly hidden: boolean
  /** Seconds after the time in its one field when a document is removed; null: never. */
  readonly expireAfterSeconds: number | null
  readonly partialFilter: JsonObject | null
  readonly collation: JsonObject | null
  /** For a text index: the weight of a field; 1 where none is given. */
  readonly weights: Readonly<Record<string, number>>
  /** For a text index; `none` splits words without language rules. */
  readonly defaultLanguage: string | null
}

/** A role that a user or role has. Built-in roles are named like any other. */
export interface RoleReference {
  readonly role: string
  readonly database: string
}

export interface PrivilegeDeclaration {
  /** An empty collection means every collection of its database. `cluster` is for what belongs to no database. */
  readonly resource:
    | { readonly type: 'collection'; readonly database: string; readonly collection: string }
    | { readonly type: 'cluster' }
  readonly actions: readonly string[]
}

export interface RoleDeclaration {
  readonly name: string
  readonly database: string
  readonly privileges: readonly PrivilegeDeclaration[]
  readonly roles: readonly RoleReference[]
}

/** Nothing, of a set that is managed elsewhere. */
export const nothingDeclared: Declaration = {
  replicaSet: null,
  databases: [],
  roles: [],
  users: [],
  defaults: null,
  profiling: null,
  oplog: null,
  compatibility: null,
}

export interface UserDeclaration {
  readonly name: string
  /** The user's authentication database: `admin` by default. */
  readonly database: string
  /** Empty: the user is left alone. */
  readonly password: string
  readonly roles: readonly RoleReference[]
}

/** Documents as relaxed extended JSON: a date is `{ "$date": "..." }`. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json
}

export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The declaration with the environment's prefix in every name that is created: databases, roles, users. */
export function prefixNames(declaration: Declaration, prefix: string): Declaration {
  const databases = new Set(declaration.databases.map(({ name }) => name))
  const made = new Set(declaration.roles.map(({ name, database }) => JSON.stringify([name, database])))
  const database = (name: string): string => (databases.has(name) ? prefix + name : name)
  const reference = (wanted: RoleReference): RoleReference => ({
    role: made.has(JSON.stringify([wanted.role, wanted.database])) ? prefix + wanted.role : wanted.role,
    database: database(wanted.database),
  })
  const privilege = (wanted: PrivilegeDeclaration): PrivilegeDeclaration =>
    wanted.resource.type === 'cluster'
      ? wanted
      : { ...wanted, resource: { ...wanted.resource, database: database(wanted.resource.database) } }
  return {
    replicaSet: declaration.replicaSet,
    databases: declaration.databases.map((declared) => ({ ...declared, name: prefix + declared.name })),
    roles: declaration.roles.map((role) => ({
      name: prefix + role.name,
      database: database(role.database),
      privileges: role.privileges.map(privilege),
      roles: role.roles.map(reference),
    })),
    users: declaration.users.map((user) => ({
      ...user,
      name: prefix + user.name,
      database: database(user.database),
      roles: user.roles.map(reference),
    })),
    // Of the servers, as the set is: without a prefix.
    defaults: declaration.defaults,
    profiling: declaration.profiling === null ? null : prefixProfiling(declaration.profiling, database),
    oplog: declaration.oplog,
    compatibility: declaration.compatibility,
  }
}

function prefixProfiling(profiling: ProfilingDeclaration, database: (name: string) => string): ProfilingDeclaration {
  return { ...profiling, databases: profiling.databases.map((one) => ({ ...one, name: database(one.name) })) }
}

/** Users with and without a password: those whose variable is empty in this process are not compared. */
export function splitUsers(declaration: Declaration): {
  readonly compared: Declaration
  readonly passwordless: readonly UserDeclaration[]
} {
  const users = declaration.users.filter(({ password }) => password !== '')
  return {
    compared: { ...declaration, users },
    passwordless: declaration.users.filter((user) => !users.includes(user)),
  }
}
