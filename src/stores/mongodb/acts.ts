import type {
  CollectionDeclaration,
  IndexDeclaration,
  MemberDeclaration,
  ReplicaSetSettings,
  RoleDeclaration,
  UserDeclaration,
  ValidatorDeclaration,
} from './declaration.ts'
import type { ReplicaSetConfiguration } from './observation.ts'

/** One change of a set's configuration: what one `replSetReconfig` may do, and no more. */
export type ConfigurationAct =
  /** Without vote and priority, whatever is declared. */
  | { readonly type: 'add-member'; readonly member: MemberDeclaration }
  /** Together with the declared priority, once the member is a secondary. */
  | { readonly type: 'give-vote'; readonly member: MemberDeclaration }
  | { readonly type: 'take-vote'; readonly member: MemberDeclaration }
  /** All but the vote. */
  | { readonly type: 'alter-member'; readonly member: MemberDeclaration }
  | { readonly type: 'remove-member'; readonly host: string }
  | { readonly type: 'alter-settings'; readonly settings: ReplicaSetSettings }

/** What is done to the set and to who may sign in first. */
type SetAct =
  | { readonly type: 'initiate'; readonly address: string; readonly configuration: ReplicaSetConfiguration }
  /** The configured user, through the localhost exception. */
  | { readonly type: 'create-administrator' }
  | ConfigurationAct

/** What is done on the primary. Names carry the prefix. */
export type CatalogueAct =
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
      /** Names of indexes that stand in its way and go first. */
      readonly instead: readonly string[]
    }
  /** What `collMod` can change, in its order; null is left as it is. */
  | {
      readonly type: 'alter-index'
      readonly database: string
      readonly collection: string
      readonly name: string
      readonly expireAfterSeconds: number | null
      readonly hidden: boolean | null
      readonly unique: true | null
    }
  | { readonly type: 'write-role'; readonly role: RoleDeclaration }
  /** The password is only sent where it is to change. */
  | { readonly type: 'write-user'; readonly user: UserDeclaration; readonly withPassword: boolean }

export type MongodbAct = SetAct | CatalogueAct
