import type { StoreKind } from '../core/store.ts'
import type { StoreConfig } from './config.ts'
import { isLoopback } from './url-parts.ts'

/** The configuration key for the encryption of each store. */
const remedies: Readonly<Record<StoreKind, string>> = {
  elasticsearch: 'Use https:// in the URL, or set stores.elasticsearch.tls.',
  influxdb: 'Use https:// in the URL, or set stores.influxdb.tls.',
  mongodb: 'Set stores.mongodb.tls.',
  redis: 'Use rediss:// in the URL, or set stores.redis.tls.',
}

/** A warning where a store's secret leaves this machine and can be read on the network; else null. */
export function warnOfReadableSecret(
  store: Pick<StoreConfig, 'store' | 'endpoints' | 'secure' | 'password' | 'token' | 'label'>,
): string | null {
  const { endpoints, secure, password, token, label } = store
  if (secure || endpoints.every(({ host }) => isLoopback(host))) return null
  if (password === null && token === null) return null
  // MongoDB's own password is proven without being sent; the passwords of new users are sent.
  const secret =
    store.store === 'mongodb' ? 'the passwords of new users' : token === null ? 'the password' : 'the token'
  return `${store.store}: ${secret} and all data go to ${label} without TLS. ${remedies[store.store]}`
}

/** The same for a Redis that is configured only by its URL. */
export function warnOfReadableUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, host, password } = new URL(text)
  if (protocol !== 'redis:' || password === '' || isLoopback(hostname.replace(/^\[|\]$/g, ''))) return null
  return `redis: the password and all data go to ${host} without TLS. Use rediss:// in the URL.`
}
