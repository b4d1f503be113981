import { createHash } from 'node:crypto'
import type { Config, DatabaseConfig } from '../../../src/config/config.ts'
import { defaultSession } from '../../../src/config/session.ts'
import type { ThrottleConfig } from '../../../src/config/throttle-config.ts'
import type { StopRequest } from '../../../src/core/stop-request.ts'
import type { JournalRow, Pass } from '../../../src/migrations/journal/journal.ts'
import { readStates } from '../../../src/migrations/journal/journal.ts'
import type { JournalSnapshot } from '../../../src/migrations/journal/rows.ts'
import type { Migration, MigrationReference, Script } from '../../../src/migrations/migration.ts'
import type { Session } from '../../../src/migrations/ports.ts'
import type { OpenTarget } from '../../../src/migrations/targets.ts'
import { tinyStatement } from '../memory/language.ts'

/** What most tests of the engine leave as it is. */
export const neverStopped: StopRequest = {
  requested: false,
  killRequested: false,
  onStop: () => () => {},
  onKill: () => () => {},
}

export function databaseOf(name: string, changes: Partial<DatabaseConfig> = {}): DatabaseConfig {
  const server = {
    host: '127.0.0.1',
    port: 3306,
    socket: null,
    user: 'root',
    password: null,
    encryption: 'as-needed' as const,
    tls: null,
    allowPublicKeyRetrieval: false,
  }
  const place = { server: { ...server, label: '127.0.0.1:3306' }, migrations: `/project/migrations/${name}` }
  const shards = { templates: `/project/shard-templates/${name}`, templatesNamed: false }
  const seeds = { seeds: `/project/seeds/${name}`, seedsNamed: false }
  return { name, schema: name, session: defaultSession, ...place, ...shards, ...seeds, ...changes }
}

/** No bound at all. */
export const unthrottled: ThrottleConfig = {
  mode: 'on',
  lag: null,
  heartbeat: null,
  groupQueue: null,
  threadsRunning: null,
  historyLength: null,
  checkpointAge: null,
  undo: null,
  freeDisk: null,
  window: null,
  windowText: '',
  stopAt: null,
  resume: 0.8,
  limit: 3_600_000,
  every: 500,
  replicas: [],
  queries: [],
}

export function configOf(names: readonly string[], changes: Partial<Config> = {}): Config {
  return {
    file: null,
    root: '/project',
    environment: null,
    environments: null,
    protected: false,
    prefix: '',
    databases: names.map((name) => databaseOf(name)),
    references: 'auto',
    outOfOrder: 'fail',
    trial: 'auto',
    strictSince: null,
    hooks: {
      before: { run: null, migration: null, rotation: null },
      after: { run: null, migration: null, rotation: null },
    },
    audit: { keep: null },
    throttle: unthrottled,
    guard: { transaction: null, budget: 60_000, kill: null },
    online: { tool: 'pt-osc', inplace: 0, grace: 86_400_000 },
    retire: { grace: 14 * 86_400_000, isDefault: false },
    logFile: null,
    lint: { rules: new Map(), language: 'en', target: null, platform: null, strict: false },
    drift: { migrate: 'fail', grace: 14 * 86_400_000, ignore: [], unmanaged: [] },
    concurrency: 4,
    timeouts: { connect: 1000, lock: 1000, lockWait: 1000, statement: null },
    sandbox: { directory: '/project/.wwdb', port: 3306, portIsGiven: false, url: null },
    rotation: {
      schedule: null,
      zone: 'UTC',
      alertDelay: 0,
      archive: null,
      connections: 4,
      clockSkew: 60_000,
      overrides: [],
    },
    doctor: { ignore: [], backup: null, backupAge: 0, encryption: false, freeDisk: 0, longTransaction: 0 },
    stores: [],
    ...changes,
  }
}

/** A script of the tiny language. */
export function scriptOf(texts: readonly string[], file = 'migrations/app/1_test.sql'): Script {
  return { type: 'statements', statements: texts.map((text, index) => tinyStatement(text, index, file)) }
}

/** A migration named `database/version`, with a script of two statements up and one down unless given otherwise. */
export function migrationOf(name: string, changes: Partial<Migration> = {}): Migration {
  const { database, version } = referenceOf(name)
  const repeatable = version.startsWith('R__')
  const file = `migrations/${database}/${repeatable ? version : `${version}_thing`}.sql`
  const up = changes.up ?? scriptOf([`CREATE t${version}`, `ALTER t${version} 1`], file)
  return {
    database,
    version,
    name: repeatable ? version.slice(3) : 'thing',
    kind: repeatable ? 'repeatable' : 'versioned',
    file,
    checksum: checksumOf(up),
    requires: [],
    conditions: [],
    accepted: [],
    up,
    down: repeatable ? null : scriptOf([`DROP t${version}`], file),
    ...changes,
  }
}

/** `user_db/1` */
export function referenceOf(name: string): MigrationReference {
  const [database = '', version = ''] = name.split('/')
  return { database, version }
}

/** Two scripts have one checksum when they have the same statements. */
function checksumOf(script: Script): string {
  const text = script.type === 'statements' ? script.statements.map((one) => one.text).join(';') : script.type
  return createHash('sha256').update(text).digest('hex')
}

/** A complete pass of a migration, as number `pass`; its times follow the number. */
export function passOf(migration: Migration, pass: number, changes: Partial<Pass> = {}): Pass {
  const at = `2026-01-01 00:00:${String(pass).padStart(2, '0')}`
  return {
    pass,
    version: migration.version,
    name: migration.name,
    kind: migration.kind,
    direction: 'up',
    checksum: migration.checksum,
    total: 2,
    closed: 2,
    open: 0,
    openedAt: `${at}.000000`,
    closedAt: `${at}.500000`,
    milliseconds: 500,
    appliedBy: 'test@memory',
    toolVersion: '0.0.0',
    ...changes,
  }
}

export function snapshotOf(passes: readonly Pass[], rows: readonly JournalRow[] = []): JournalSnapshot {
  return { exists: true, passes, rows, settings: new Map([['references', 'physical']]) }
}

/** A session that says who it is, and can nothing. */
function silentSession(database: string): Session {
  const target = { database, schema: database, server: '127.0.0.1:3306' }
  const facts = {
    version: '8.0.30',
    uuid: 'uuid',
    connectionId: 1,
    epochSeconds: 0,
    foldsNames: false,
    notices: [] as readonly string[],
    differences: [] as readonly string[],
  }
  return { target, facts } as Session
}

/** A target for rules that decide and do nothing. */
export function targetOf(
  database: string,
  migrations: readonly Migration[],
  passes: readonly Pass[] = [],
  all: readonly Migration[] = migrations,
): OpenTarget {
  const snapshot = snapshotOf(passes)
  const session = silentSession(database)
  return { database: databaseOf(database), session, snapshot, state: readStates(snapshot), all, migrations }
}
