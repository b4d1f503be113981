import * as z from 'zod/mini'
import type { StoreKind } from '../core/store.ts'
import { checkedText, described } from './schema-parts.ts'
import { parseStoreUrl } from './store-url.ts'
import { tls, tlsKeys } from './tls-schema.ts'

const credentials = {
  password: described(`Used where the URL has none. Best written as "\${NAME}".`, z.optional(z.string())),
  passwordFile: described('File whose first line is the password.', z.optional(z.string())),
}

const token = {
  token: described(`What is given instead of user and password. Best written as "\${NAME}".`, z.optional(z.string())),
  tokenFile: described('File whose first line is the token.', z.optional(z.string())),
}

const common = {
  tls: described('How the connection is encrypted and the server proven.', z.optional(tls)),
  declarations: described(
    'Folder with the files that declare its resources. Default: migrations/<store>.',
    z.optional(z.string()),
  ),
}

function url(store: StoreKind, form: string) {
  return described(
    form,
    z.optional(
      checkedText((text) => {
        const outcome = parseStoreUrl(store, text)
        return outcome.type === 'fault' ? outcome : null
      }),
    ),
  )
}

/** The part of the configuration about the stores beside MySQL. */
export const stores = z.strictObject({
  elasticsearch: described(
    'Elasticsearch 8 or later.',
    z.optional(
      z.strictObject({
        url: url('elasticsearch', 'https://user:password@host:9200,host:9200'),
        ...credentials,
        ...token,
        ...common,
      }),
    ),
  ),
  influxdb: described(
    'InfluxDB 2.',
    z.optional(z.strictObject({ url: url('influxdb', 'https://host:8086'), ...credentials, ...token, ...common })),
  ),
  mongodb: described(
    'MongoDB 6 or later.',
    z.optional(
      z.strictObject({
        url: url('mongodb', 'mongodb://user:password@host:27017,host:27017/admin'),
        ...credentials,
        ...common,
      }),
    ),
  ),
  redis: described(
    'Redis 6.2 or later, as a cluster.',
    z.optional(
      z.strictObject({ url: url('redis', 'redis://user:password@host:6379,host:6379'), ...credentials, ...common }),
    ),
  ),
})

/** The keys that are known below `stores`: `[]`, `[redis]`, `[redis, tls]`. */
export function storeKeys(path: readonly PropertyKey[]): readonly string[] {
  const [store, section] = path
  if (store === undefined) return Object.keys(stores.shape)
  if (section === 'tls') return tlsKeys
  const found = Object.entries(stores.shape).find(([name]) => name === store)?.[1]
  return section === undefined && found !== undefined ? Object.keys(found.def.innerType.shape) : []
}
