/** What the files declare for Redis. The nodes themselves are named by the configuration: they differ from environment to environment. */
export interface Declaration {
  /** Null for nodes that serve each by itself. */
  readonly cluster: ClusterDeclaration | null
  /** By the server's own name: `appendonly`. Values as the server says them: sizes in bytes, words in lower case. */
  readonly settings: ReadonlyMap<string, string>
  readonly users: readonly UserDeclaration[]
  readonly families: readonly KeyFamily[]
  /** How many keys of each primary are looked at by `verify`. */
  readonly sample: number
}

export interface ClusterDeclaration {
  /** Of each primary. */
  readonly replicas: number
  /** True if a replica must not run on the host of its primary. */
  readonly separateHosts: boolean
}

export interface UserDeclaration {
  /** As it is called in Redis, with the environment's prefix. */
  readonly name: string
  readonly enabled: boolean
  /**
   * SHA-256 of each password in lower-case hexadecimal: Redis keeps no more, and the passwords themselves go nowhere. Null where none is given:
   * those that it has stay.
   */
  readonly passwordHashes: readonly string[] | null
  /** Patterns of keys, with the environment's prefix. */
  readonly keys: readonly string[]
  /** Patterns of channels, with the environment's prefix. */
  readonly channels: readonly string[]
  /** Rules after `-@all`, in their order: `+@read`, `-keys`. */
  readonly commands: readonly string[]
}

/** What kinds of value Redis holds, as `TYPE` says them. */
export const valueTypes = ['string', 'hash', 'list', 'set', 'zset', 'stream'] as const

type ValueType = (typeof valueTypes)[number]

/** - `cache` may go at any time: it is made again. All others are missed when they go before their time. */
export const familyRoles = ['cache', 'session', 'lock', 'counter', 'queue', 'data'] as const

type FamilyRole = (typeof familyRoles)[number]

/** Keys that begin alike and are alike. */
export interface KeyFamily {
  readonly name: string
  /** What its keys begin with, the environment's prefix included. */
  readonly prefix: string
  readonly type: ValueType
  readonly role: FamilyRole
  /** Milliseconds that a key may live at most after it was written; null for keys that stay. */
  readonly ttl: number | null
  /** Who answers for it. */
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
    families: declaration.families.map((family) => ({ ...family, prefix: `${prefix}${family.prefix}` })),
  }
}

/** A text as a pattern that matches it alone. */
export function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&')
}
