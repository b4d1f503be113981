import { Client } from '@elastic/elasticsearch'
import type { TlsConfig } from '../../../config/config.ts'
import type { Secret } from '../../../config/secret.ts'

/** Where an Elasticsearch is and who asks: what the configuration knows of a store. */
export interface ElasticsearchConnection {
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  readonly secure: boolean
  /** Where a proxy has it; empty without one. */
  readonly path: string
  readonly user: string | null
  readonly password: Secret | null
  /** An API key, encoded as the server gave it. Goes before user and password. */
  readonly token: Secret | null
  readonly tls: TlsConfig | null
  /** Hosts and ports, to name it to people. */
  readonly label: string
}

/** Milliseconds for one request, long enough for a cluster that is busy to publish a change. */
const patience = 30_000

/** A client that asks one node after the other until one answers. */
export function createClient(connection: ElasticsearchConnection): Client {
  const { endpoints, secure, path, user, password, token, tls } = connection
  const named = user === null ? {} : { auth: { username: user, password: password?.reveal() ?? '' } }
  return new Client({
    nodes: endpoints.map(({ host, port }) => {
      const place = `${host.includes(':') ? `[${host}]` : host}:${port}`
      return `${secure ? 'https' : 'http'}://${place}/${path}`
    }),
    ...(token === null ? named : { auth: { apiKey: token.reveal() } }),
    ...(secure ? { tls: tlsOptions(tls) } : {}),
    requestTimeout: patience,
    // What the libraries' errors carry of a request is shown with --debug.
    redaction: { type: 'remove' },
    enableMetaHeader: false,
  })
}

function tlsOptions(tls: TlsConfig | null): Readonly<Record<string, string | boolean>> {
  return {
    rejectUnauthorized: tls?.verify ?? true,
    ...(tls?.ca ? { ca: tls.ca } : {}),
    ...(tls?.cert ? { cert: tls.cert } : {}),
    ...(tls?.key ? { key: tls.key.reveal() } : {}),
  }
}
