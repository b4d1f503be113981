import type { JsonObject } from './declaration.ts'

/** A role, as the server returns it. */
export interface ObservedRole {
  readonly cluster: readonly string[]
  /** `names`, `privileges`, and what restricts them (`query`, `field_security`). */
  readonly indices: readonly JsonObject[]
  readonly metadata: JsonObject
  /** Parts that no declaration can have: `run_as`, `applications`, ... */
  readonly rest: JsonObject
}

export interface ObservedUser {
  readonly roles: readonly string[]
  readonly enabled: boolean
  readonly metadata: JsonObject
  /** Kept when the user is written. */
  readonly fullName: string | null
  readonly email: string | null
  /** Null where it was not tried: no password is given, or the user is disabled. */
  readonly passwordMatches: boolean | null
}

/** Who gets roles from another realm, as the server returns it. */
export interface ObservedMapping {
  readonly roles: readonly string[]
  readonly rules: JsonObject
  readonly enabled: boolean
  readonly metadata: JsonObject
  /** Names of roles that are made of a user's own data: no declaration can have them. */
  readonly templates: readonly unknown[]
}

/** Roles and users that are not built in, by name; `off` where the server has no security, null where none are declared. */
export type ObservedAccess =
  | {
      readonly type: 'on'
      readonly roles: ReadonlyMap<string, ObservedRole>
      readonly users: ReadonlyMap<string, ObservedUser>
      readonly mappings: ReadonlyMap<string, ObservedMapping>
      /** Who is connected; null where the server does not tell the roles, as with an API key. */
      readonly own: {
        readonly name: string
        readonly roles: readonly string[]
        /** Its roles come from role mappings: it is of no realm that keeps roles with its users. */
        readonly isMapped: boolean
      } | null
      /** Roles that role mappings name; null where one names them by a template. */
      readonly mapped: readonly string[] | null
    }
  | { readonly type: 'off' }
  | null
