import type { Redis } from 'ioredis'
import type { TlsConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'

/** How to reach the nodes of a Redis. */
export interface RedisAccess {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  /** Null for the user `default`. */
  readonly user: string | null
  readonly password: Secret | null
  /** True where the connection is encrypted. */
  readonly secure: boolean
  /** Null for the usual authorities. */
  readonly tls: TlsConfig | null
  /** Milliseconds for a connection, and for one command. */
  readonly timeout: number
}

/** One node, connected to when it is first needed and again whenever the connection is gone. */
export interface NodeConnection {
  /** `host:port`. */
  readonly name: string
  /** The address that its name resolves to. */
  readonly address: () => Promise<string>
  /** Runs some commands; every error is explained. */
  readonly use: <T>(work: (client: Redis) => Promise<T>) => Promise<T>
  readonly close: () => void
}
