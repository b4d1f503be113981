import { execFile } from 'node:child_process'
import { describeGiven } from '../audit/describe-flags.ts'
import { provisionSchema } from '../audit/run.ts'
import { makeRunId, type RunIdentity, readCiJob } from '../audit/run-identity.ts'
import { Trail } from '../audit/trail.ts'
import { type Config, type DatabaseConfig, selectDatabases, type Timeouts } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import type { Holder } from '../core/holder.ts'
import { countOf } from '../core/plural.ts'
import { toolVersion } from '../core/tool-version.ts'
import type { AccountServers } from '../grants/ports.ts'
import type { ServerPort, Session } from '../migrations/ports.ts'
import type { ProvisionServers } from '../provision/ports.ts'
import type { ShardServers, ShardStore } from '../shards/ports.ts'
import type { PreparedStore } from '../stores/contract.ts'
import { camelCase, flagsOf } from './command-entry.ts'
import { globalFlags } from './global-flags.ts'
import type { ProcessEnvironment } from './process-environment.ts'
import type { RunInvocation } from './program.ts'

/** What the identity of an invocation is made from. */
interface Invoked {
  readonly host: ProcessEnvironment
  readonly invocation: RunInvocation
  readonly runId: string
  readonly secrets: () => readonly string[]
}

/** What its trail is made from. */
interface Auditing extends Invoked {
  /** Takes warnings. */
  readonly emit: Emit
  readonly redact: (text: string) => string
  /** Asked before the first change. */
  readonly begin: () => Promise<void>
  readonly config: () => Promise<Config>
}

/** Who runs what, and from where. */
export function identityOf({ host, invocation, runId, secrets }: Invoked): RunIdentity {
  return {
    id: runId,
    command: invocation.entry.name,
    flags: describeGiven(givenWords(invocation), secrets()),
    person: host.user,
    host: host.hostname,
    process: host.processId,
    toolVersion,
    ci: readCiJob(host.environment),
  }
}

/** The id of what this process runs; every line of `--json`, every row and every event has it. */
export function newRunId({ now }: Pick<ProcessEnvironment, 'now'>): string {
  return makeRunId(now())
}

/** The trail of one invocation. */
export function openTrail(auditing: Auditing): Trail {
  const { host, emit, redact, begin, config } = auditing
  return new Trail({
    identity: () => identityOf(auditing),
    readCommit: async () => readCiJob(host.environment).commit ?? readCommit(host.cwd),
    ledgers: async () => (await import('../audit/mysql/run-ledger.ts')).runLedgers,
    emit,
    begin,
    keep: async () => (await config()).audit.keep,
    redact,
  })
}

/** What was given, in the order of help: arguments first. */
function givenWords({ entry, input, globals }: RunInvocation): Parameters<typeof describeGiven>[0] {
  const given = { ...globals, ...input }
  const named = [
    ...entry.arguments.map(({ name }) => ({ flag: '', key: camelCase(name) })),
    ...[...flagsOf(entry), ...flagsOf({ flags: globalFlags })].map(({ long }) => ({
      flag: `--${long}`,
      key: camelCase(long),
    })),
  ]
  const seen = new Set<string>()
  return named.flatMap(({ flag, key }) => {
    const value = given[key]
    if (value === undefined || value === false || seen.has(key)) return []
    seen.add(key)
    return [{ flag, value }]
  })
}

/** Milliseconds that git may take. */
const longestWait = 2000

/** The commit of the folder; null where it is in no repository, or there is no git. */
function readCommit(folder: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('git', ['rev-parse', 'HEAD'], { cwd: folder, timeout: longestWait }, (error, out) => {
      resolve(error === null && /^[0-9a-f]{40,64}$/.test(out.trim()) ? out.trim() : null)
    })
  })
}

/** The same, but that who has the lock is in the trail before anything is written. */
function enterWithLock<Taker extends Pick<Session, 'lock'> | Pick<ShardStore, 'lock'>>(
  taker: Taker,
  trail: Trail,
  database: DatabaseConfig,
  timeouts: Timeouts,
): Taker {
  const { lock } = taker
  return Object.assign(taker, {
    lock: async (milliseconds: number, waiting: (holder: Holder | null, waited: number) => void) => {
      await lock(milliseconds, waiting)
      await trail.enter(database, timeouts)
    },
  })
}

/** What the command may write to. */
interface Reach {
  readonly config: () => Promise<Config>
  /** `--target`. */
  readonly targets: readonly string[]
}

export function auditServers(servers: ServerPort, trail: Trail | null, reach: Reach): ServerPort {
  if (trail === null) return servers
  return {
    ...servers,
    open: async (database, timeouts, writable) =>
      enterWithLock(await servers.open(database, timeouts, writable), trail, database, timeouts),
    administrate: async (database, timeouts) => {
      const administration = await servers.administrate(database, timeouts)
      return {
        ...administration,
        createSchema: async () => {
          if ((await administration.findSchema()) !== 'exists') await trail.begin()
          const outcome = await administration.createSchema()
          if (outcome === 'created') {
            trail.note('The schema was created.')
            await trail.enter(database, timeouts)
          }
          return outcome
        },
        dropSchema: async () => {
          if ((await administration.findSchema()) === 'absent') return administration.dropSchema()
          await trail.begin()
          await enterSpared(servers, trail, reach)
          const outcome = await administration.dropSchema()
          if (outcome === 'dropped') trail.note(`\`${database.schema}\` was dropped at ${database.server.label}.`)
          return outcome
        },
        killHolder: async (connectionId) => {
          trail.note(`Connection ${connectionId}, which held the lock, was killed.`)
          await trail.enter(database, timeouts)
          await administration.killHolder(connectionId)
        },
      }
    },
  }
}

/** A schema takes its record with it: its drop is recorded in the first database that stays. */
async function enterSpared(servers: ServerPort, trail: Trail, { config, targets }: Reach): Promise<void> {
  const read = await config()
  const doomed = new Set(selectDatabases(read, targets))
  for (const database of read.databases.filter((one) => !doomed.has(one))) {
    const administration = await servers.administrate(database, read.timeouts)
    const found = await administration.findSchema().finally(() => administration.close())
    if (found === 'exists') return trail.enter(database, read.timeouts)
  }
  trail.warnUnrecorded(
    'This drop is recorded in no database, as none of the configuration is left; `--log-file` keeps a record of it.',
  )
}

export function auditShardServers(servers: ShardServers, trail: Trail | null): ShardServers {
  if (trail === null) return servers
  return {
    ...servers,
    open: async (database, timeouts, writable, leader) =>
      enterWithLock(await servers.open(database, timeouts, writable, leader), trail, database, timeouts),
  }
}

export function auditProvisionServers(servers: ProvisionServers, trail: Trail | null): ProvisionServers {
  if (trail === null) return servers
  return {
    ...servers,
    openRegistry: async (database, timeouts) => {
      const registry = await servers.openRegistry(database, timeouts)
      const home = { ...database, name: provisionSchema, schema: provisionSchema }
      return Object.assign(registry, {
        register: enterAfter(registry.register.bind(registry), trail, home, timeouts),
        setState: enterAfter(registry.setState.bind(registry), trail, home, timeouts),
        forget: enterAfter(registry.forget.bind(registry), trail, home, timeouts),
      })
    },
  }
}

function enterAfter<Values extends readonly unknown[]>(
  write: (...values: Values) => Promise<void>,
  trail: Trail,
  home: DatabaseConfig,
  timeouts: Timeouts,
): (...values: Values) => Promise<void> {
  return async (...values) => {
    await trail.begin()
    await write(...values)
    await trail.enter(home, timeouts)
  }
}

/** Where a change is recorded that is made outside the databases: in the first one, before it is made. */
async function enterHome(trail: Trail, config: () => Promise<Config>): Promise<void> {
  const { databases, timeouts } = await config()
  const [home] = databases
  if (home !== undefined) await trail.enter(home, timeouts)
}

export function auditAccountServers(
  servers: AccountServers,
  trail: Trail | null,
  config: () => Promise<Config>,
): AccountServers {
  if (trail === null) return servers
  return {
    open: async (server, timeout) => {
      const accounts = await servers.open(server, timeout)
      return {
        ...accounts,
        create: async (account) => {
          await enterHome(trail, config)
          await accounts.create(account)
          trail.note(`\`${account.account}\` was created at ${server.label}.`)
        },
        change: async (statements) => {
          await enterHome(trail, config)
          await accounts.change(statements)
          trail.note(`${countOf(statements.length, 'statement')} changed rights at ${server.label}.`)
        },
      }
    },
  }
}

export function auditStore(prepared: PreparedStore, trail: Trail | null, config: () => Promise<Config>): PreparedStore {
  if (trail === null) return prepared
  return {
    ...prepared,
    open: async () => {
      const session = await prepared.open()
      return {
        ...session,
        apply: async (change) => {
          await enterHome(trail, config)
          await session.apply(change)
        },
        clear: async () => {
          await enterHome(trail, config)
          const removed = await session.clear()
          if (removed.length > 0) trail.note(`${session.store}: ${removed.length} removed by their prefix.`)
          return removed
        },
      }
    },
  }
}
