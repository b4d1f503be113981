import type { ValidatorDeclaration } from './declaration.ts'
import type { Json, JsonObject } from './json.ts'

/** A member of a set's configuration; what we do not know of it is kept as it is. */
export interface ConfiguredMember extends JsonObject {
  readonly _id: number
  readonly host: string
}

/** A set's configuration as `replSetGetConfig` gives it and `replSetReconfig` takes it. */
export interface ReplicaSetConfiguration {
  readonly _id: string
  readonly version: number
  readonly term?: number
  readonly members: readonly ConfiguredMember[]
  readonly settings?: JsonObject
  readonly [key: string]: Json | readonly ConfiguredMember[] | undefined
}

/** What one server says of itself, asked directly. */
export type MemberSight =
  | { readonly type: 'unreachable'; readonly why: string }
  /** It was started with --replSet and has no configuration yet. */
  | {
      readonly type: 'fresh'
      /** What it was started with; null where it may not be asked. */
      readonly setName: string | null
      /** How many collections it has, besides MongoDB's own; null where it may not be asked. */
      readonly collections: number | null
      /** It wants a user and lets nobody without one initiate it from here: only from its own host. */
      readonly locked: boolean
      /** It was removed from its set, and goes on with its data when it is added again. */
      readonly removed: boolean
    }
  /** Started without --replSet. */
  | { readonly type: 'standalone' }
  /** A mongos. */
  | { readonly type: 'router' }
  | MemberOfSet

export interface MemberOfSet {
  readonly type: 'member'
  readonly setName: string
  /** The server's own mark of the set: two sets of one name have different ones. Null where it may not be read yet. */
  readonly setId: string | null
  /** Its own name in the configuration. */
  readonly self: string | null
  readonly writable: boolean
  /** `PRIMARY`, `SECONDARY`, `STARTUP2`, ... */
  readonly state: string
  /** Whom it takes for the primary. */
  readonly primary: string | null
  /** Version and term of the configuration that it has itself. */
  readonly version: number
  readonly term: number
  /** Null where it may not be read yet. */
  readonly configuration: ReplicaSetConfiguration | null
  /** How it sees each member, itself included. */
  readonly peers: readonly PeerSight[]
  /** Nobody may sign in, since there is no user yet: the localhost exception is open, and nothing can be read. */
  readonly withoutUsers: boolean
}

export interface PeerSight {
  readonly host: string
  readonly healthy: boolean
  readonly state: string
  /** Of the last write that it has, milliseconds since the epoch; null where it has none. */
  readonly lastWrite: number | null
}

export interface ObservedMember {
  readonly host: string
  readonly address: string
  /** Digits only; null where it cannot be reached. */
  readonly version: string | null
  readonly sight: MemberSight
}

export interface ObservedIndex {
  readonly name: string
  /** As `listIndexes` gives it. */
  readonly specification: JsonObject
}

export interface ObservedCollection {
  readonly database: string
  readonly name: string
  readonly type: 'collection' | 'view' | 'timeseries'
  /** As `listCollections` gives them. */
  readonly options: JsonObject
  readonly validator: { readonly rule: JsonObject; readonly level: string; readonly action: string } | null
  readonly indexes: readonly ObservedIndex[]
  /** By the server's own count. */
  readonly documents: number
}

export interface ObservedRole {
  readonly name: string
  readonly database: string
  /** As `rolesInfo` gives them. */
  readonly privileges: readonly JsonObject[]
  readonly roles: readonly { readonly role: string; readonly database: string }[]
}

export interface ObservedUser {
  readonly name: string
  readonly database: string
  /** Whether the declared password is the one that it has. */
  readonly passwordMatches: boolean
  readonly roles: readonly { readonly role: string; readonly database: string }[]
}

/** A user, declared or not. */
export interface NamedUser {
  readonly name: string
  readonly database: string
  readonly roles: readonly { readonly role: string; readonly database: string }[]
}

/** What is there of what is declared, and what else its databases hold. */
export interface MongodbCatalogue {
  readonly collections: readonly ObservedCollection[]
  readonly roles: readonly ObservedRole[]
  readonly users: readonly ObservedUser[]
  /** Roles that somebody made, in the declared databases and in `admin`. */
  readonly allRoles: readonly { readonly name: string; readonly database: string }[]
  /** Every user of the server; null where the user of the run may not list them. */
  readonly allUsers: readonly NamedUser[] | null
}

/** What must be counted before something is narrowed. */
export type CountQuestion =
  | {
      readonly type: 'violations'
      readonly database: string
      readonly collection: string
      readonly validator: ValidatorDeclaration
    }
  | {
      readonly type: 'expiring'
      readonly database: string
      readonly collection: string
      readonly field: string
      readonly seconds: number
      readonly filter: JsonObject | null
    }
  | {
      readonly type: 'duplicates'
      readonly database: string
      readonly collection: string
      readonly fields: readonly string[]
      readonly filter: JsonObject | null
      readonly sparse: boolean
    }
