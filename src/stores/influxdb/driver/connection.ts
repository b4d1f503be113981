import { InfluxDB } from '@influxdata/influxdb-client'
import { SigninAPI } from '@influxdata/influxdb-client-apis'
import type { TlsConfig } from '../../../config/config.ts'
import type { Secret } from '../../../config/secret.ts'
import { explained } from './errors.ts'

/** How a server is reached, and as whom. */
export interface InfluxAccess {
  /** `http://` or `https://`, host and port, without credentials. */
  readonly url: string
  /** Goes before user and password. */
  readonly token: Secret | null
  readonly user: string | null
  readonly password: Secret | null
  readonly tls: TlsConfig | null
}

/** Milliseconds that a connection may be silent. Counting what would go, and removing points, is one long silence. */
const longestSilence = 120_000

/** A client without credentials: for what a server tells anybody. */
export function openConnection(access: InfluxAccess): InfluxDB {
  return connect(access, null, {})
}

/**
 * A client that acts for the configured token, or for a session of the configured user.
 * @throws ToolError STORE_ACCESS_DENIED, STORE_UNREACHABLE.
 */
export async function openAsUser(access: InfluxAccess, server: string): Promise<InfluxDB> {
  if (access.token !== null || access.user === null) return connect(access, access.token, {})
  const cookie = await signIn(openConnection(access), access, server)
  return connect(access, null, { Cookie: cookie })
}

function connect(access: InfluxAccess, token: Secret | null, headers: Record<string, string>): InfluxDB {
  const { url, tls } = access
  return new InfluxDB({
    url,
    timeout: longestSilence,
    headers,
    ...(token === null ? {} : { token: token.reveal() }),
    ...(tls === null ? {} : { transportOptions: tlsOptions(tls) }),
  })
}

/** As `https.request` takes them. */
function tlsOptions({ ca, cert, key, verify }: TlsConfig): Record<string, string | boolean> {
  return {
    rejectUnauthorized: verify,
    ...(ca === null ? {} : { ca }),
    ...(cert === null ? {} : { cert }),
    ...(key === null ? {} : { key: key.reveal() }),
  }
}

async function signIn(client: InfluxDB, access: InfluxAccess, server: string): Promise<string> {
  const auth = { user: access.user ?? '', password: access.password?.reveal() ?? '' }
  let cookies: readonly string[] = []
  await explained(server, `Signing in as ${auth.user}`, () =>
    new SigninAPI(client).postSignin(
      { auth },
      {
        responseStarted: (headers) => {
          cookies = [headers['set-cookie'] ?? []].flat()
        },
      },
    ),
  )
  return cookies.map((cookie) => cookie.split(';', 1)[0] ?? '').join('; ')
}
