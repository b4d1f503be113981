import * as z from 'zod/mini'
import { type DurationOutcome, longestTimer, parseDuration } from '../core/duration.ts'
import { audit, auditKeys } from './audit.ts'
import { doctor, doctorKeys } from './doctor.ts'
import { drift, driftKeys } from './drift.ts'
import { guard, guardKeys } from './guard.ts'
import { hooks, hooksKeys } from './hooks.ts'
import { online, onlineKeys } from './online.ts'
import { retire, retireKeys } from './retire.ts'
import { checkedText, described, namePattern, type Objection, quoteWhy } from './schema-parts.ts'
import { lint, lintKeys, rotation, rotationKeys, serverTls, storeKeys, stores, tlsKeys } from './section-schemas.ts'
import { parseServerUrl } from './server-url.ts'
import { session, sessionKeys } from './session-schema.ts'
import { targetsSchema } from './targets-schema.ts'
import { throttle, throttleKeys } from './throttle.ts'
import { vitess, vitessKeys } from './vitess.ts'

type Limit = Extract<DurationOutcome, { type: 'duration' }>

function duration(noneAllowed: boolean, object: (limit: Limit) => Objection) {
  return z.optional(
    checkedText((text) => {
      const outcome = parseDuration(text, longestTimer)
      if (outcome.type === 'duration') return quoteWhy(text, object(outcome))
      if (outcome.type === 'fault') return quoteWhy(text, outcome)
      return noneAllowed ? null : { why: 'cannot be `none`', next: 'Give it a limit, such as `10m`.' }
    }),
  )
}

function needsMore(limit: Limit): Objection {
  return limit.milliseconds > 0
    ? null
    : { why: 'which is not longer than zero', next: 'Give it more than zero, such as `10s`.' }
}

/** The server counts lock_wait_timeout in whole seconds, from 1. */
function needsWholeSeconds(limit: Limit): Objection {
  if (limit.milliseconds >= 1000 && limit.milliseconds % 1000 === 0) return null
  return { why: 'which MySQL does not support', next: 'Give it in whole seconds, at least `1s`.' }
}

function url() {
  return z.optional(
    checkedText((text) => {
      const outcome = parseServerUrl(text)
      return outcome.type === 'fault' ? outcome : null
    }),
  )
}

const timeouts = z.strictObject({
  connect: described('Maximum time to open a connection: "10s".', duration(false, needsMore)),
  lock: described(
    'How long to wait for the lock of another run: "5m"; "0" does not wait.',
    duration(false, () => null),
  ),
  lockWait: described(
    'How long one attempt of a statement waits for locks of other sessions, in whole seconds: "5s".',
    duration(false, needsWholeSeconds),
  ),
  statement: described('How long a statement may run: "none" or "30m".', duration(true, needsMore)),
})

const sandbox = z.strictObject({
  directory: described('Data directory of the local server.', z.optional(z.string())),
  port: described('Port of the local server.', z.optional(z.int().check(z.minimum(1), z.maximum(65535)))),
  url: described('A server that is already running: nothing is started.', url()),
})

const server = {
  url: described('mysql://user:password@host:3306/schema', url()),
  password: described(`Used if the URL has none. Best written as "\${NAME}".`, z.optional(z.string())),
  passwordFile: described('File whose first line is the password.', z.optional(z.string())),
  tls: described(
    'How the connection is encrypted and the server verified: "disabled", "preferred", "required", or certificates.',
    z.optional(serverTls),
  ),
  allowPublicKeyRetrieval: described(
    'True accepts the public key for password encryption from the server, if there is no TLS. An attacker between client and server can then read the password.',
    z.optional(z.boolean()),
  ),
}

const targets = targetsSchema(server)

const database = z.strictObject({
  ...server,
  schema: described(
    'Name on the server, without the prefix. Default: the path of the URL, or the name of the database.',
    z.optional(z.string()),
  ),
  migrations: described('Folder of its migration files. Default: migrations/<name>.', z.optional(z.string())),
  templates: described('Folder of its shard templates. Default: shard-templates/<name>.', z.optional(z.string())),
  seeds: described('Folder of its seeds. Default: seeds/<name>.', z.optional(z.string())),
  targets: described('Where the schemas are listed, for a database that has many.', z.optional(targets)),
  vitess: described('That the URL is that of a vtgate, and the database a keyspace there.', z.optional(vitess)),
})

const databases = described(
  'The logical databases, by name.',
  z.optional(z.record(z.string().check(z.regex(namePattern)), database)),
)

const common = {
  ...server,
  databases,
  prefix: described('Prefix for the name of every schema.', z.optional(z.string())),
  references: described(
    'Foreign keys between databases: physical, logical, or auto (physical when all share a server).',
    z.optional(z.enum(['auto', 'physical', 'logical'])),
  ),
  outOfOrder: described(
    'What to do with a file that sorts before an applied one.',
    z.optional(z.enum(['fail', 'warn', 'allow'])),
  ),
  trial: described(
    'Whether pending definitions are tried in a scratch schema before a run: auto (if the account has the privileges), off, or required.',
    z.optional(z.enum(['auto', 'off', 'required'])),
  ),
  strictSince: described(
    'The version from which `wwdb validate --strict` checks hazards: older files are applied and must not change.',
    z.optional(
      checkedText((text) =>
        /^\d+$/.test(text)
          ? null
          : {
              why: `is not a version: ${JSON.stringify(text)}`,
              next: 'Give the digits of a version, such as `20260131000000`.',
            },
      ),
    ),
  ),
  concurrency: described(
    'How many databases are processed in parallel.',
    z.optional(z.int().check(z.minimum(1), z.maximum(64))),
  ),
  session: described('Session settings of every statement.', z.optional(session)),
  timeouts: described('Every duration has a unit: ms, s, m or h.', z.optional(timeouts)),
  sandbox: described('The local server for development and tests.', z.optional(sandbox)),
  rotation: described('How sharded tables are created ahead of the calendar.', z.optional(rotation)),
  doctor: described('What `wwdb doctor` checks, and what it ignores.', z.optional(doctor)),
  lint: described('What `wwdb lint` reports, and how.', z.optional(lint)),
  drift: described('How changes outside of migrations are handled.', z.optional(drift)),
  hooks: described('Programs that run before and after a change.', z.optional(hooks)),
  guard: described('What keeps definitions out of the lock queue behind old transactions.', z.optional(guard)),
  online: described('How tables are changed by a copy that is written to meanwhile.', z.optional(online)),
  retire: described('How what migrations drop is hidden first.', z.optional(retire)),
  throttle: described('The bounds beyond which heavy work waits.', z.optional(throttle)),
  audit: described('How long the record of runs is kept.', z.optional(audit)),
  logFile: described(
    'Log file of commands, as NDJSON; the date is inserted before its extension.',
    z.optional(z.string().check(z.minLength(1))),
  ),
  stores: described('The stores besides MySQL: their URLs and declarations.', z.optional(stores)),
}

const environment = z.strictObject({
  ...common,
  protected: described(
    'True if hazards need a flag and a reason in the file, and names must be confirmed.',
    z.optional(z.boolean()),
  ),
})

/** The whole file. */
export const fileSchema = z.strictObject({
  $schema: described('Location of the JSON Schema, for editors.', z.optional(z.string())),
  ...common,
  environments: described(
    'Settings that differ by environment; chosen with `--env` or `WWDB_ENV`.',
    z.optional(z.record(z.string().check(z.regex(namePattern)), environment)),
  ),
})

/** What flags and environment variables can set: the file's keys without environments. */
export const settingsSchema = z.strictObject(common)

/** The keys that are known at a path, to suggest the one that was probably meant. */
export function knownKeys(path: readonly PropertyKey[]): readonly string[] {
  const [first, , third] = path
  if (first === undefined) return Object.keys(fileSchema.shape)
  if (first === 'environments' && path.length === 2) return Object.keys(environment.shape)
  if (first === 'environments') return knownKeys(path.slice(2))
  if (first === 'databases' && path.length === 2) return Object.keys(database.shape)
  const section = first === 'databases' ? third : first
  if (first === 'databases' && section === 'targets') return targetsKeys(path.slice(3))
  if (first === 'stores') return storeKeys(path.slice(1))
  if (first === 'throttle') return throttleKeys(path)
  if (first === 'guard') return guardKeys(path.length)
  if (first === 'online') return onlineKeys(path.length)
  if (first === 'retire') return retireKeys(path.length)
  if (section === 'tls') return tlsKeys
  if (first === 'databases' && third === 'vitess') return vitessKeys
  if (first === 'doctor') return doctorKeys(path.length)
  if (first === 'audit') return auditKeys(path.length)
  if (first === 'rotation') return rotationKeys(path.length)
  if (first === 'lint') return lintKeys(path.length)
  if (first === 'drift') return driftKeys(path)
  if (first === 'hooks') return hooksKeys(path)
  if (first === 'session') return sessionKeys(path.length)
  if (section === 'timeouts') return Object.keys(timeouts.shape)
  return section === 'sandbox' ? Object.keys(sandbox.shape) : []
}

/** @param path below `targets` */
function targetsKeys(path: readonly PropertyKey[]): readonly string[] {
  if (path.length === 0) return Object.keys(targets.shape)
  if (path[0] === 'servers') return path.length === 2 ? Object.keys(server) : path[2] === 'tls' ? tlsKeys : []
  return path[0] === 'list' ? ['schema', 'server'] : []
}
