import type { LeaseAnswer, LeaseClaim } from '../lease.ts'
import type { Declaration, Json, JsonObject, ProfilingLevel, ValidatorDeclaration } from './declaration.ts'
import type { CatalogOperation, OplogOperation, ProfilingOperation } from './operations.ts'

/** Where the lock of setup is; the prefix goes before the database. */
export const lockPosition = { database: 'wwdb', collection: 'setup_lock' } as const

/** Beside the lock: who took it last. Each transaction of a migration writes it, so none commits any more once another run has the lock. */
export const fenceId = 'fence'

/** The collections of `wwdb setup migrate` in each database that has migrations in code: what is applied, and what ran. */
export const journalCollection = 'wwdb_migrations'
export const historyCollection = 'wwdb_migration_history'

/** One step with it. */
export type LeaseRequest =
  | { readonly type: 'take' | 'renew' | 'release'; readonly claim: LeaseClaim }
  | { readonly type: 'read' }

/**
 * How a write went.
 * - `elsewhere` this server is not (or no longer) the primary, or was lost meanwhile: find the primary and repeat. - `later` another configuration is being agreed on, or was agreed on meanwhile: read it and repeat.
 */
export type WriteOutcome = 'done' | 'elsewhere' | 'later'

/**
 * Speaks to MongoDB's servers, to each directly. Addresses are `host:port`. Methods throw ToolErrors: `STORE_UNREACHABLE`,
 * `STORE_ACCESS_DENIED` (69), `STORE_TOO_OLD`, `STORE_REFUSED`.
 */
export interface MongodbDriver {
  /** Never throws STORE_UNREACHABLE: that is also a status. `version` is null then. */
  readonly observeMember: (
    address: string,
  ) => Promise<{ readonly version: string | null; readonly status: MemberStatus }>
  readonly initiate: (address: string, configuration: ReplicaSetConfiguration) => Promise<WriteOutcome>
  /** Whether this run has initiated the set: then its oplogs hold nothing but what the run did. */
  readonly hasInitiated: () => boolean
  /** Creates the configured user with the role root, without credentials. */
  readonly createAdministrator: (address: string) => Promise<WriteOutcome>
  readonly reconfigure: (address: string, configuration: ReplicaSetConfiguration) => Promise<WriteOutcome>
  /** Makes the primary a secondary for a minute, once another one has caught up. */
  readonly stepDown: (address: string) => Promise<WriteOutcome>
  /** The names of all databases, without those that every server has. */
  readonly listDatabases: (address: string) => Promise<readonly string[]>
  readonly readCatalog: (address: string, declaration: Declaration) => Promise<Catalog>
  /** How many documents (values, for duplicates) a change would affect. */
  readonly count: (address: string, question: CountQuestion) => Promise<number>
  /** Returns when a majority of the set has it. It is not an error if the result exists already. */
  readonly perform: (address: string, operation: CatalogOperation) => Promise<WriteOutcome>
  /** Of a set. */
  readonly readDefaults: (address: string) => Promise<ObservedDefaults>
  readonly readCompatibility: (address: string) => Promise<ObservedCompatibility>
  /** What the profiler of one member does, in these databases. */
  readonly readProfiling: (address: string, databases: readonly string[]) => Promise<ObservedProfiling>
  /** On one member, which need not be the primary. */
  readonly setProfiling: (address: string, operation: ProfilingOperation) => Promise<WriteOutcome>
  /** Of one member. */
  readonly readOplog: (address: string) => Promise<ObservedOplog>
  /** Of one member, whether it is primary or not. */
  readonly resizeOplog: (address: string, operation: OplogOperation) => Promise<WriteOutcome>
  /**
   * Writes a document with majority, reads it from each of `readers`, and removes its collection.
   * @returns the addresses that did not show it within some seconds.
   */
  readonly proveWriting: (
    address: string,
    readers: readonly string[],
    database: string,
  ) => Promise<{ readonly outcome: WriteOutcome; readonly missing: readonly string[] }>
  /** Null where the user may not know. */
  readonly readAccessControl: (address: string) => Promise<boolean | null>
  /** Drops databases, users and roles whose names begin with the prefix; returns what it dropped. */
  readonly clear: (address: string, prefix: string) => Promise<readonly string[]>
  /** One step with the lock of setup, in this database. */
  readonly lease: (
    address: string,
    database: string,
    request: LeaseRequest,
  ) => Promise<{ readonly outcome: WriteOutcome; readonly answer: LeaseAnswer }>
  readonly close: () => Promise<void>
}

/** A member of a set's configuration; unknown fields are kept unchanged. */
export interface ConfiguredMember extends JsonObject {
  readonly _id: number
  readonly host: string
}

/** A set's configuration as `replSetGetConfig` returns it and `replSetReconfig` accepts it. */
export interface ReplicaSetConfiguration {
  readonly _id: string
  readonly version: number
  readonly term?: number
  readonly members: readonly ConfiguredMember[]
  readonly settings?: JsonObject
  readonly [key: string]: Json | readonly ConfiguredMember[] | undefined
}

/** What one server reports about itself, asked directly. */
export type MemberStatus =
  | { readonly type: 'unreachable'; readonly why: string }
  /** It was started with --replSet and has no configuration yet. */
  | {
      readonly type: 'fresh'
      /** Its start option; null where it may not be read. */
      readonly setName: string | null
      /** How many collections it has, besides MongoDB's own; null where this may not be read. */
      readonly collections: number | null
      /** It requires a user, and can be initiated without one only from its own host. */
      readonly locked: boolean
      /** It was removed from its replica set, and continues with its data when it is added again. */
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
  /** The server's own ID of the set: two sets with one name have different IDs. Null where it may not be read yet. */
  readonly setId: string | null
  /** Its own name in the configuration. */
  readonly self: string | null
  readonly writable: boolean
  /** `PRIMARY`, `SECONDARY`, `STARTUP2`, ... */
  readonly state: string
  /** The member that it considers the primary. */
  readonly primary: string | null
  /** Version and term of its own configuration. */
  readonly version: number
  readonly term: number
  /** Null where it may not be read yet. */
  readonly configuration: ReplicaSetConfiguration | null
  /** How it sees each member, including itself. */
  readonly peers: readonly ObservedPeer[]
  /** There is no user yet: the localhost exception is open, and nothing can be read. */
  readonly withoutUsers: boolean
}

export interface ObservedPeer {
  readonly host: string
  readonly healthy: boolean
  readonly state: string
  /** The time of its last write, in milliseconds since the epoch; null where it has none. */
  readonly lastWrite: number | null
}

export interface ObservedMember {
  readonly host: string
  readonly address: string
  /** Digits only; null where it cannot be reached. */
  readonly version: string | null
  readonly status: MemberStatus
}

export interface ObservedIndex {
  readonly name: string
  /** As `listIndexes` returns it. */
  readonly specification: JsonObject
}

export interface ObservedCollection {
  readonly database: string
  readonly name: string
  readonly type: 'collection' | 'view' | 'timeseries'
  /** As `listCollections` returns them. */
  readonly options: JsonObject
  readonly validator: { readonly rule: JsonObject; readonly level: string; readonly action: string } | null
  readonly indexes: readonly ObservedIndex[]
  /** The number of documents as the server counts them. */
  readonly documents: number
  /** Of the documents; 0 for a collection that is not capped. */
  readonly bytes: number
}

/** Of a set; null where it could not be asked, or nothing is declared. */
export interface ObservedDefaults {
  readonly readConcern: JsonObject | null
  readonly writeConcern: JsonObject | null
  /** Which of them somebody has set: the others are MongoDB's own choice. */
  readonly chosen: readonly ('read' | 'write')[]
}

/** Of the whole set, as its primary has it. */
export interface ObservedCompatibility {
  readonly version: string
  /** Where a change of it was interrupted. */
  readonly target: string | null
  /** Where it was being lowered: from which one. */
  readonly previous: string | null
}

export interface ObservedOplog {
  readonly bytes: number
  /** 0 where the size alone decides. */
  readonly minRetentionHours: number
}

export interface ObservedProfiling {
  readonly slowMillis: number
  readonly sampleRate: number
  /** By database. */
  readonly levels: ReadonlyMap<string, ProfilingLevel>
}

export interface ObservedRole {
  readonly name: string
  readonly database: string
  /** As `rolesInfo` returns them. */
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

/** What exists of the declared resources, and what else its databases contain. */
export interface Catalog {
  readonly collections: readonly ObservedCollection[]
  readonly roles: readonly ObservedRole[]
  readonly users: readonly ObservedUser[]
  /** Roles that are not built in, in the declared databases and in `admin`. */
  readonly allRoles: readonly { readonly name: string; readonly database: string }[]
  /** Databases whose roles may not be listed. */
  readonly hiddenRoles: readonly string[]
  /** Every user of the server; null where the user of the run may not list them. */
  readonly allUsers: readonly NamedUser[] | null
  readonly defaults: ObservedDefaults | null
  /** Null where nothing is declared. */
  readonly compatibility: ObservedCompatibility | null
}

/** What must be counted before something becomes narrower. */
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
      /** By which documents pass the filter; null where only the same bytes are equal. */
      readonly collation: JsonObject | null
    }
  | {
      readonly type: 'duplicates'
      readonly database: string
      readonly collection: string
      readonly fields: readonly string[]
      readonly filter: JsonObject | null
      readonly sparse: boolean
      /** What makes two texts equal; null where only the same bytes are. */
      readonly collation: JsonObject | null
    }
