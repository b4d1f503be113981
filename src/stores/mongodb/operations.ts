import type {
  CollectionDeclaration,
  IndexDeclaration,
  JsonObject,
  MemberDeclaration,
  ProfilingLevel,
  ReplicaSetSettings,
  RoleDeclaration,
  UserDeclaration,
  ValidatorDeclaration,
  ViewDeclaration,
} from './declaration.ts'
import type { ReplicaSetConfiguration } from './ports.ts'

/** One change of a set's configuration: what a single `replSetReconfig` may do. */
export type ConfigurationOperation =
  /** Without vote and priority, independent of the declaration. */
  | { readonly type: 'add-member'; readonly member: MemberDeclaration }
  /** Together with the declared priority, once the member is a secondary. */
  | { readonly type: 'give-vote'; readonly member: MemberDeclaration }
  | { readonly type: 'take-vote'; readonly member: MemberDeclaration }
  /** Everything but the vote. */
  | { readonly type: 'alter-member'; readonly member: MemberDeclaration }
  | { readonly type: 'remove-member'; readonly host: string }
  | { readonly type: 'alter-settings'; readonly settings: ReplicaSetSettings }

/** Changes of the set and of the first user. */
type SetOperation =
  | { readonly type: 'initiate'; readonly address: string; readonly configuration: ReplicaSetConfiguration }
  /** The configured user, through the localhost exception. */
  | { readonly type: 'create-administrator' }
  | ConfigurationOperation

/** Changes on the primary. Names have the prefix. */
export type CatalogOperation =
  | { readonly type: 'create-collection'; readonly database: string; readonly collection: CollectionDeclaration }
  | {
      readonly type: 'set-validator'
      readonly database: string
      readonly collection: string
      readonly validator: ValidatorDeclaration | null
    }
  | {
      readonly type: 'create-index'
      readonly database: string
      readonly collection: string
      readonly index: IndexDeclaration
      /** Names of the indexes that it replaces: those that must be dropped before it is built, and those that are dropped afterwards. */
      readonly before: readonly string[]
      readonly after: readonly string[]
    }
  /** What `collMod` can change, in its order; null values are left as they are. */
  | {
      readonly type: 'alter-index'
      readonly database: string
      readonly collection: string
      readonly name: string
      readonly expireAfterSeconds: number | null
      readonly hidden: boolean | null
      readonly unique: true | null
    }
  /** What `collMod` changes of a collection, one after the other. */
  | {
      readonly type: 'alter-collection'
      readonly database: string
      readonly collection: string
      readonly steps: readonly JsonObject[]
    }
  | { readonly type: 'write-view'; readonly database: string; readonly view: ViewDeclaration }
  /** The whole document of each, with what the set has of it besides; null for what is left as it is. */
  | {
      readonly type: 'set-defaults'
      readonly readConcern: JsonObject | null
      readonly writeConcern: JsonObject | null
    }
  | { readonly type: 'set-compatibility'; readonly version: string }
  | { readonly type: 'write-role'; readonly role: RoleDeclaration }
  /** The password is only sent where it changes. */
  | { readonly type: 'write-user'; readonly user: UserDeclaration; readonly withPassword: boolean }

/** The profiler of each of these members; null values are left as they are. */
export interface ProfilingOperation {
  readonly type: 'set-profiling'
  readonly addresses: readonly string[]
  readonly database: string
  readonly level: ProfilingLevel | null
  readonly slowMillis: number | null
  readonly sampleRate: number | null
}

/** The oplog of each of these members; null values are left as they are. */
export interface OplogOperation {
  readonly type: 'resize-oplog'
  readonly addresses: readonly string[]
  readonly megabytes: number | null
  readonly minRetentionHours: number | null
}

export type Operation = SetOperation | CatalogOperation | ProfilingOperation | OplogOperation
