// The section `throttle` of the configuration: the limits beyond which heavy work pauses.
import * as z from 'zod/mini'
import { readDailyWindow } from '../calendar/daily-window.ts'
import { readStopTime } from '../calendar/stop-time.ts'
import { longestTimer, parseDuration } from '../core/duration.ts'
import { parseSize } from '../core/size.ts'
import type { ServerConfig } from './config.ts'
import { checkedText, described, namePattern, type Objection, quoteWhy } from './schema-parts.ts'
import { serverTls, tlsKeys } from './section-schemas.ts'
import { parseServerUrl } from './server-url.ts'
import type { ThrottleConfig } from './throttle-config.ts'

const replica = z.strictObject({
  url: described('mysql://user:password@host:3306', checkedText(objectToUrl)),
  password: described(`Used if the URL has none. Best written as "\${NAME}".`, z.optional(z.string())),
  passwordFile: described('File whose first line is the password.', z.optional(z.string())),
  tls: described('How the connection is encrypted and the server verified.', z.optional(serverTls)),
  allowPublicKeyRetrieval: described(
    'True accepts the public key for password encryption from the server, if there is no TLS.',
    z.optional(z.boolean()),
  ),
})

const query = z.strictObject({
  sql: described('A SELECT whose first row has a number in its first column.', checkedText(objectToQuery)),
  most: described('The largest result at which work goes on.', z.number().check(z.minimum(0))),
})

const count = () => z.optional(z.int().check(z.minimum(1)))

/** `throttle` of the configuration file. */
export const throttle = z.strictObject({
  mode: described('"off" ignores every bound.', z.optional(z.enum(['on', 'off']))),
  lag: described('The largest lag of each replica: "5s"; "none" for no bound.', z.optional(checkedText(objectToBound))),
  heartbeat: described(
    'The table that `pt-heartbeat --utc` writes to, from which the lag is read: "ops.heartbeat".',
    z.optional(checkedText(objectToTable)),
  ),
  groupQueue: described('The most transactions that a group member has yet to check or apply.', count()),
  threadsRunning: described('The largest number of Threads_running of the server that is written to.', count()),
  historyLength: described('The largest history list length of InnoDB.', count()),
  checkpointAge: described(
    'The largest share of the redo log that may be in use: "75%".',
    z.optional(checkedText(objectToShare)),
  ),
  undo: described('The largest size of all undo tablespaces: "20GB".', z.optional(checkedText(objectToSize))),
  freeDisk: described(
    'Disk space that must be free; it is known only on the machine of the server: "50GB".',
    z.optional(checkedText(objectToSize)),
  ),
  window: described(
    'When heavy work may run: "02:00-05:00 Asia/Shanghai".',
    z.optional(checkedText((text) => faultOf(text, readDailyWindow(text)))),
  ),
  stopAt: described(
    'When heavy work stops, however much is left: "05:00 Asia/Shanghai".',
    z.optional(checkedText(objectToStop)),
  ),
  resume: described(
    'The share of a bound that a reading must come back to before work goes on: "80%".',
    z.optional(checkedText(objectToShare)),
  ),
  limit: described(
    'How long one pause lasts before the run stops: "1h", or "none".',
    z.optional(checkedText(objectToBound)),
  ),
  every: described('How often the readings are taken: "500ms".', z.optional(checkedText(objectToInterval))),
  replicas: described(
    'The replicas whose lag counts, by name.',
    z.optional(z.record(z.string().check(z.regex(namePattern)), replica)),
  ),
  queries: described(
    'Queries of your own whose results are bounded, by name.',
    z.optional(z.record(z.string().check(z.regex(namePattern)), query)),
  ),
})

/** The keys that are known below `throttle`. */
export function throttleKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 1) return Object.keys(throttle.shape)
  if (path.at(-1) === 'tls') return tlsKeys
  if (path.length !== 3) return []
  return Object.keys(path[1] === 'replicas' ? replica.shape : query.shape)
}

function faultOf(text: string, outcome: ReturnType<typeof readDailyWindow>): Objection {
  return outcome.type === 'window' ? null : quoteWhy(text, outcome)
}

function objectToStop(text: string): Objection {
  const outcome = readStopTime(text)
  return outcome.type === 'time' ? null : quoteWhy(text, outcome)
}

function objectToUrl(text: string): Objection {
  const outcome = parseServerUrl(text)
  return outcome.type === 'fault' ? outcome : null
}

/** Whether it only reads is for the server to decide: it runs in a read-only transaction. */
function objectToQuery(text: string): Objection {
  if (/^\s*(?:SELECT|WITH|TABLE|VALUES)\b/i.test(text)) return null
  return quoteWhy(text.slice(0, 60), { why: 'which is not a SELECT', next: 'Write a SELECT of one number.' })
}

function objectToTable(text: string): Objection {
  if (/^[^.`\s]+\.[^.`\s]+$/.test(text)) return null
  return quoteWhy(text, { why: 'which does not name a schema and a table', next: 'Write it like `ops.heartbeat`.' })
}

function objectToBound(text: string): Objection {
  const outcome = parseDuration(text, longestTimer)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'none' || outcome.milliseconds > 0) return null
  return quoteWhy(text, { why: 'which is not longer than zero', next: 'Give it more than zero, such as `5s`.' })
}

function objectToInterval(text: string): Objection {
  const outcome = parseDuration(text, 60_000)
  if (outcome.type === 'fault') return quoteWhy(text, outcome)
  if (outcome.type === 'duration' && outcome.milliseconds >= 100) return null
  return quoteWhy(text, { why: 'which is shorter than 100 milliseconds', next: 'Write `500ms` or `1s`.' })
}

function objectToShare(text: string): Objection {
  if (/^(?:100|[1-9]\d?)%$/.test(text)) return null
  return quoteWhy(text, { why: 'which is not a percentage from 1 to 100', next: 'Write "75%".' })
}

function objectToSize(text: string): Objection {
  if ((parseSize(text) ?? 0) > 0) return null
  return quoteWhy(text, { why: 'which is not a size', next: 'Write it like `20GB` or `512MB`.' })
}

/** Paths of the replicas' and queries' own settings in any layer, for display. */
export function throttlePaths(layers: readonly ReadonlyMap<string, unknown>[]): readonly string[] {
  const paths = layers.flatMap((layer) => [...layer.keys()])
  return [...new Set(paths.filter((path) => /^throttle\.(?:replicas|queries)\.\w+\.(?!tls$)/.test(path)))]
}

const namedPath = /^throttle\.(replicas|queries)\.([A-Za-z]\w*)$/

/**
 * The configuration of heavy work.
 * @param paths those of all settings, each once
 * @param replicaOf the server of a replica; null where its URL cannot be used
 */
export function resolveThrottle(
  paths: readonly string[],
  read: (path: string) => string | null,
  replicaOf: (own: string) => ServerConfig | null,
): ThrottleConfig {
  const text = (name: string): string | null => read(`throttle.${name}`)
  const number = (name: string): number | null => (text(name) === null ? null : Number(text(name)))
  const milliseconds = (name: string): number | null => {
    const outcome = parseDuration(text(name) ?? 'none')
    return outcome.type === 'duration' ? outcome.milliseconds : null
  }
  const percent = (name: string): number | null => (text(name) === null ? null : Number.parseInt(text(name) ?? '', 10))
  const size = (name: string): number | null => (text(name) === null ? null : parseSize(text(name) ?? ''))
  const windowText = text('window') ?? ''
  const window = readDailyWindow(windowText)
  const stop = readStopTime(text('stopAt') ?? '')
  const namesOf = (kind: string): readonly string[] =>
    paths.flatMap((path) => {
      const [, part, name = ''] = namedPath.exec(path) ?? []
      return part === kind ? [name] : []
    })
  return {
    mode: text('mode') === 'off' ? 'off' : 'on',
    lag: milliseconds('lag'),
    heartbeat: text('heartbeat'),
    groupQueue: number('groupQueue'),
    threadsRunning: number('threadsRunning'),
    historyLength: number('historyLength'),
    checkpointAge: percent('checkpointAge'),
    undo: size('undo'),
    freeDisk: size('freeDisk'),
    window: window.type === 'window' ? window.window : null,
    windowText,
    stopAt: stop.type === 'time' ? stop.time : null,
    resume: (percent('resume') ?? 100) / 100,
    limit: milliseconds('limit'),
    every: milliseconds('every') ?? 1000,
    replicas: namesOf('replicas').flatMap((name) => {
      const server = replicaOf(`throttle.replicas.${name}`)
      return server === null ? [] : [{ name, server }]
    }),
    queries: namesOf('queries').map((name) => ({
      name,
      sql: text(`queries.${name}.sql`) ?? '',
      most: Number(text(`queries.${name}.most`) ?? 0),
    })),
  }
}
