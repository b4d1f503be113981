import { InfluxDB } from '@influxdata/influxdb-client'
import { SigninAPI } from '@influxdata/influxdb-client-apis'
import type { TlsConfig } from '../../config/config.ts'
import type { Secret } from '../../config/secret.ts'
import { tlsOptions } from '../tls.ts'
import { explainError } from './errors.ts'

/** How to reach a server, and the user. */
export interface InfluxAccess {
  /** `http://` or `https://`, host and port, without credentials. */
  readonly url: string
  /** It has precedence over user and password. */
  readonly token: Secret | null
  readonly user: string | null
  readonly password: Secret | null
  readonly tls: TlsConfig | null
}

/** Milliseconds that a connection may be idle. Counting old points and removing points take long without output. */
const longestSilence = 120_000

/** A client without credentials: for what a server answers without a login. */
export function openConnection(access: InfluxAccess): InfluxDB {
  return createClient(access, null, {})
}

/**
 * A client that acts for the configured token, or for a session of the configured user.
 * @throws ToolError STORE_ACCESS_DENIED, STORE_UNREACHABLE.
 */
async function openAsUser(access: InfluxAccess, server: string): Promise<InfluxDB> {
  if (access.token !== null || access.user === null) return createClient(access, access.token, {})
  const cookie = await signIn(openConnection(access), access, server)
  return createClient(access, null, { Cookie: cookie })
}

function createClient(access: InfluxAccess, token: Secret | null, headers: Record<string, string>): InfluxDB {
  const { url, tls } = access
  return new InfluxDB({
    url,
    timeout: longestSilence,
    headers,
    ...(token === null ? {} : { token: token.reveal() }),
    ...(tls === null ? {} : { transportOptions: { ...tlsOptions(tls) } }),
  })
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

/** A server and how to send requests to it. */
export interface InfluxPlace {
  readonly access: InfluxAccess
  /** `host:port`. */
  readonly server: string
  /**
   * Sends a request as the configured user. Errors are explained by the request, `Creating bucket metrics_hot`.
   * @throws ToolError STORE_UNREACHABLE, STORE_ACCESS_DENIED, STORE_REFUSED.
   */
  readonly ask: <T>(doing: string, request: (client: InfluxDB) => Promise<T>) => Promise<T>
}

/** Logs in once, when it is first needed: a server that is not set up has no users. */
export function createPlace(access: InfluxAccess, server: string): InfluxPlace {
  let opened: Promise<InfluxDB> | null = null
  const client = async (): Promise<InfluxDB> => {
    opened ??= openAsUser(access, server)
    try {
      return await opened
    } catch (error) {
      opened = null
      throw error
    }
  }
  return {
    access,
    server,
    ask: async (doing, request) => {
      const found = await client()
      return explained(server, doing, () => request(found))
    },
  }
}

/**
 * Sends a request and explains its failure.
 * @param what the request, as the beginning of a sentence: `Creating bucket metrics_hot`.
 * @throws ToolError STORE_UNREACHABLE, STORE_ACCESS_DENIED, STORE_REFUSED.
 */
export async function explained<T>(server: string, what: string, request: () => Promise<T>): Promise<T> {
  try {
    return await request()
  } catch (error) {
    throw explainError(error, server, what)
  }
}
