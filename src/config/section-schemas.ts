// The sections of the configuration that have their own schema: encryption, stores, rotation and lint.
import * as z from 'zod/mini'
import { readCron } from '../calendar/cron.ts'
import { isZone } from '../calendar/zone.ts'
import { parseDuration } from '../core/duration.ts'
import type { StoreKind } from '../core/store.ts'
import { checkedText, described, namePattern, type Objection, quoteWhy } from './schema-parts.ts'
import { parseStoreUrl } from './store-url.ts'

/** How a connection is encrypted, to MySQL and to any store. */
const tls = z.strictObject({
  ca: described('File with the CA that signed the server certificate, in PEM format.', z.optional(z.string())),
  cert: described('File with the client certificate, in PEM format.', z.optional(z.string())),
  key: described('File with the private key of the client, in PEM format.', z.optional(z.string())),
  verify: described('False accepts any server certificate.', z.optional(z.boolean())),
})

/** What can be said about the encryption of a connection to MySQL without naming certificates. */
const encryptions: readonly string[] = ['disabled', 'preferred', 'required']

const encryption = checkedText((text) =>
  encryptions.includes(text)
    ? null
    : {
        why: `must be \`disabled\`, \`preferred\` or \`required\`, not ${JSON.stringify(text)}`,
        next: 'To verify the server, write an object: {"ca": "ca.pem"}.',
      },
)
// Editors offer the words; a fault in them is explained by the check.
z.globalRegistry.add(encryption, { enum: [...encryptions] })

/** How a connection to MySQL is encrypted: a word, or certificates, which make encryption required and verify the server. */
export const serverTls = z.union([tls, encryption])

/** Its keys, to suggest the one that was probably meant. */
export const tlsKeys: readonly string[] = Object.keys(tls.shape)

const credentials = {
  password: described(`Used if the URL has none. Best written as "\${NAME}".`, z.optional(z.string())),
  passwordFile: described('File whose first line is the password.', z.optional(z.string())),
}

const token = {
  token: described(`Used instead of user and password. Best written as "\${NAME}".`, z.optional(z.string())),
  tokenFile: described('File whose first line is the token.', z.optional(z.string())),
}

const common = {
  tls: described('How the connection is encrypted and the server verified.', z.optional(tls)),
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

/** The part of the configuration about stores other than MySQL. */
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

/** What may replace a template's header; the texts are read with the templates, by the same grammar. */
const family = z.strictObject({
  period: described('How it is partitioned: "month", or "day zone Asia/Shanghai".', z.optional(z.string())),
  keys: described(
    'The rows that each need a shard: "instance_db.wework_instances(id) deleted deleted_at".',
    z.optional(z.string()),
  ),
  name: described('Names of its shards: "messages_{YYYYMM}".', z.optional(z.string())),
  ids: described('Start of AUTO_INCREMENT: "YYYYMM x 10000000000", or "none".', z.optional(z.string())),
  premake: described('What is created ahead: "3 periods, 45 days".', z.optional(z.string())),
  late: described('How long after its end a shard may still be written to: "2 days".', z.optional(z.string())),
  keep: described('How long a shard is kept: "24 months", or "forever".', z.optional(z.string())),
  grace: described('How long it is on hold before it is dropped: "14 days".', z.optional(z.string())),
  archive: described(
    'Where its rows are archived before it is dropped: "directory", or "none".',
    z.optional(z.string()),
  ),
  references: described('Foreign keys to shared tables: "physical" or "logical".', z.optional(z.string())),
  view: described(
    'A view of the current period and earlier ones: "messages_recent 3 periods", or "none".',
    z.optional(z.string()),
  ),
  cap: described('Maximum number of shards that one run retires.', z.optional(z.int().check(z.minimum(1)))),
  share: described('The share of live shards that one run retires without asking: "25%".', z.optional(z.string())),
})

/** The part of the configuration about sharded tables. */
export const rotation = z.strictObject({
  schedule: described(
    'When it runs, as a cron expression with five fields: "17 * * * *".',
    z.optional(checkedText(objectToSchedule)),
  ),
  zone: described('The time zone of the schedule: "UTC" or an IANA name.', z.optional(checkedText(objectToZone))),
  alertDelay: described('How long it takes to fix a failed run: "2d".', z.optional(checkedText(objectToDelay))),
  clockSkew: described(
    'Maximum difference between the clocks of a server and this machine: "5m".',
    z.optional(checkedText(objectToDelay)),
  ),
  archive: described('Folder for archives of shards.', z.optional(checkedText(objectToFolder))),
  connections: described(
    'Number of connections of one run to a server.',
    z.optional(z.int().check(z.minimum(1), z.maximum(64))),
  ),
  families: described(
    'Header lines of templates that differ here, by family.',
    z.optional(z.record(z.string().check(z.regex(namePattern)), family)),
  ),
})

/** The keys that are known at a depth, in segments below the top: `rotation`, `rotation.families`, one family. */
export function rotationKeys(depth: number): readonly string[] {
  if (depth === 1) return Object.keys(rotation.shape)
  return depth === 3 ? Object.keys(family.shape) : []
}

function objectToSchedule(text: string): Objection {
  const outcome = readCron(text)
  return outcome.type === 'cron' ? null : quoteWhy(text, outcome)
}

function objectToZone(text: string): Objection {
  if (isZone(text)) return null
  const next = 'Write UTC or an IANA time zone name such as Asia/Shanghai.'
  return quoteWhy(text, { why: 'which is not an IANA time zone', next })
}

function objectToFolder(text: string): Objection {
  if (text !== '') return null
  return quoteWhy(text, { why: 'which does not name a folder', next: 'Write `archives`, or leave it out.' })
}

function objectToDelay(text: string): Objection {
  const outcome = parseDuration(text)
  if (outcome.type === 'duration') return null
  return quoteWhy(
    text,
    outcome.type === 'none' ? { why: 'which is not a duration', next: 'Write `2 days` or `36 hours`.' } : outcome,
  )
}

const severities = ['off', 'hint', 'warning', 'error'] as const

/** A rule of `wwdb lint`: a word, or an object with its options. Only the command knows which rules and options exist. */
const rule = z.union([
  z.enum(severities),
  z.catchall(
    z.object({ severity: described('off, hint, warning or error.', z.optional(z.enum(severities))) }),
    z.union([z.string(), z.number(), z.boolean()]),
  ),
])

/** The part of the configuration about `wwdb lint`. */
export const lint = z.strictObject({
  rules: described(
    'Severity and options of rules, by code: "off", "hint", "warning", "error", or {"severity": "error", "names": "price, amount"}.',
    z.optional(z.record(z.string().check(z.regex(/^[A-Z][A-Z0-9_]*$/)), rule)),
  ),
  language: described('The language of findings: "en" or "zh".', z.optional(z.enum(['en', 'zh']))),
  target: described('The server version that the files are reviewed for: "9.7.0".', z.optional(z.string())),
  platform: described(
    'What the files are reviewed for: "vitess" also finds what vtgate does not run, "mysql" does not. By default each database says so itself: with `vitess` it is a keyspace.',
    z.optional(z.enum(['mysql', 'vitess'])),
  ),
  strict: described(
    'Also use rules about style rather than harm: `NO_DOWN`, `DISPLAY_WIDTH`.',
    z.optional(z.boolean()),
  ),
})

/** The keys that are known at a depth, in segments below the top. */
export function lintKeys(depth: number): readonly string[] {
  return depth === 1 ? Object.keys(lint.shape) : []
}
