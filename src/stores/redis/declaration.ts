import { prefixLibrary } from './functions.ts'

/** What the files declare for Redis. The configuration names the nodes themselves: they differ from environment to environment. */
export interface Declaration {
  /** Null for independent nodes. */
  readonly cluster: ClusterDeclaration | null
  /** By the server's own name: `appendonly`. Values in the server's form: sizes in bytes, words in lower case. */
  readonly settings: ReadonlyMap<string, string>
  readonly users: readonly UserDeclaration[]
  readonly families: readonly KeyFamily[]
  /** The code of each library of functions, by its name. */
  readonly functions: ReadonlyMap<string, string>
  /** How many keys of each primary `verify` samples. */
  readonly sample: number
}

export interface ClusterDeclaration {
  /** Of each primary. */
  readonly replicas: number
  /** True if a replica must not run on the host of its primary. */
  readonly separateHosts: boolean
  /** How many there are, with equal shares of the slots. Null or absent: as many as the nodes make, and slots stay where they are. */
  readonly primaries?: number | null
  /** `host:port` of nodes of the configuration that leave the cluster. */
  readonly remove?: readonly string[]
}

export interface UserDeclaration {
  /** Its name in Redis, with the environment's prefix. */
  readonly name: string
  readonly enabled: boolean
  /**
   * SHA-256 of each password in lower-case hexadecimal: Redis stores no more, and the passwords themselves are sent nowhere. Null where none is
   * given: then existing ones stay.
   */
  readonly passwordHashes: readonly string[] | null
  /** Patterns of keys, with the environment's prefix. */
  readonly keys: readonly string[]
  /** Patterns of channels, with the environment's prefix. */
  readonly channels: readonly string[]
  /** Rules after `-@all`, in their order: `+@read`, `-keys`. */
  readonly commands: readonly string[]
}

/** The kinds of values in Redis, as `TYPE` names them. */
export const valueTypes = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const

type ValueType = (typeof valueTypes)[number]

/** - `cache` may be removed at any time: it is recreated. All others are needed for their full time. */
export const familyRoles = ['cache', 'session', 'lock', 'counter', 'queue', 'data'] as const

type FamilyRole = (typeof familyRoles)[number]

/** Keys with a common prefix and the same properties. */
export interface KeyFamily {
  readonly name: string
  /** The prefix of its keys, including the environment's prefix. */
  readonly prefix: string
  readonly type: ValueType
  readonly role: FamilyRole
  /** The longest life of a key in milliseconds after it was written; null for keys that stay. */
  readonly ttl: number | null
  /** Who is responsible for it. */
  readonly owner: string
}

/** Puts the prefix before the names of users, keys and channels. */
export function prefixNames(declaration: Declaration, prefix: string): Declaration {
  const start = escapeGlob(prefix)
  return {
    ...declaration,
    users: declaration.users.map((user) => ({
      ...user,
      name: `${prefix}${user.name}`,
      keys: user.keys.map((pattern) => `${start}${pattern}`),
      channels: user.channels.map((pattern) => `${start}${pattern}`),
    })),
    functions: new Map(
      [...declaration.functions].map(([name, code]) => [`${prefix}${name}`, prefixLibrary(code, prefix)]),
    ),
    families: declaration.families.map((family) => ({ ...family, prefix: `${prefix}${family.prefix}` })),
  }
}

/** A text as a pattern that matches only this text. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}
