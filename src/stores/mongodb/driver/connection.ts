import type { TlsConfig } from '../../../config/config.ts'
import type { Secret } from '../../../config/secret.ts'

/** How the members of a set are signed in to: all in one way. */
export interface MongodbConnection {
  /** Null for servers without access control. */
  readonly user: string | null
  readonly password: Secret | null
  /** The database that knows the user; empty is `admin`. */
  readonly authenticationDatabase: string
  readonly secure: boolean
  readonly tls: TlsConfig | null
}
