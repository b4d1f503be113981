import type { TlsConfig } from '../config/config.ts'

/** The TLS options of Node. */
export interface TlsOptions {
  readonly rejectUnauthorized: boolean
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The settings `tls` of a store as Node's own options; without settings the server's certificate is verified against the usual authorities. */
export function tlsOptions(tls: TlsConfig | null): TlsOptions {
  return {
    rejectUnauthorized: tls?.verify ?? true,
    ...(tls?.ca ? { ca: tls.ca } : {}),
    ...(tls?.cert ? { cert: tls.cert } : {}),
    ...(tls?.key ? { key: tls.key.reveal() } : {}),
  }
}
