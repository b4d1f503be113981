import { closestName } from '../core/closest-name.ts'
import { exitCodes } from '../core/exit-code.ts'
import type { Language } from '../core/language.ts'
import type { StoreKind } from '../core/store.ts'
import { type Excerpt, type Fault, type Location, ToolError } from '../core/tool-error.ts'
import type { AuditConfig } from './audit.ts'
import type { DoctorConfig } from './doctor.ts'
import type { GuardConfig } from './guard-config.ts'
import type { HookConfig, HooksConfig } from './hooks.ts'
import type { OnlineConfig } from './online.ts'
import type { RetireConfig } from './retire.ts'
import type { Secret } from './secret.ts'
import type { TargetsConfig } from './targets-config.ts'
import type { ThrottleConfig } from './throttle-config.ts'
import type { VitessConfig } from './vitess-config.ts'

/** How a server's certificate is checked. Contents, not paths: the files are read together with the configuration. */
export interface TlsConfig {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: Secret | null
  /** False accepts any certificate. */
  readonly verify: boolean
}

/**
 * When a connection to MySQL is encrypted. `as-needed`: the first connection with a password where the server offers it, and any once the server or the
 * account demands it; `preferred`: where the server offers it. Neither verifies the server.
 */
export type Encryption = 'disabled' | 'as-needed' | 'preferred' | 'required'

export interface ServerConfig {
  readonly host: string
  readonly port: number
  readonly socket: string | null
  readonly user: string
  readonly password: Secret | null
  readonly encryption: Encryption
  /**
   * How certificates are checked where encryption is required; null where nothing is configured: any certificate is
   * accepted.
   */
  readonly tls: TlsConfig | null
  /** True where the client may request the server's RSA key, to send the password without TLS. */
  readonly allowPublicKeyRetrieval: boolean
  /** True where the URL is that of the configuration's sandbox: this machine, and the sandbox's port. */
  readonly isSandbox?: boolean
  /** True where the configuration says that it is a vtgate. */
  readonly isVtgate?: true
  /** `host:port` (or the socket's path): the server's name in messages. Two databases with one label share a server. */
  readonly label: string
}

/** What the session of every statement of migrations, seeds and shards is pinned to. */
export interface SessionConfig {
  /** An offset: `+00:00`. */
  readonly timeZone: string
  /** Names in capitals, with commas. */
  readonly sqlMode: string
  /** True where the configuration sets it: then no notice is given about a server with another one. */
  readonly timeZoneChosen: boolean
  readonly sqlModeChosen: boolean
  /** Values of other variables that the configuration chose, as an assignment takes them. */
  readonly variables: ReadonlyMap<string, string>
}

export interface DatabaseConfig {
  /** The logical database. */
  readonly name: string
  /** Its schema on the server, including the prefix. */
  readonly schema: string
  readonly server: ServerConfig
  /** The same for all databases. */
  readonly session: SessionConfig
  /** Absolute path of the folder with its migrations. */
  readonly migrations: string
  /** Absolute path of the folder with the templates of its shard families. */
  readonly templates: string
  /** True where the configuration names that folder: then it must exist. */
  readonly templatesNamed: boolean
  /** Absolute path of the folder with its seeds. */
  readonly seeds: string
  /** True where the configuration names that folder: then it must exist. */
  readonly seedsNamed: boolean
  /** For a database that many schemas have: where they are listed. Absent for one schema, also where it was chosen among many. */
  readonly targets?: TargetsConfig
  /** How its keyspace is changed; absent where its server is MySQL itself. */
  readonly vitess?: VitessConfig
  /** For a keyspace: the MySQL server for scratch schemas; absent where none is named. */
  readonly scratchServer?: ServerConfig
  /** For a scratch schema on MySQL: what its database is on, where that is not MySQL. Conditions of files are judged by it. */
  readonly standsFor?: 'vitess'
  /** How `--target` names it where it was chosen among many: `tenant_db/acme`. Absent for a database of one schema. */
  readonly label?: string
}

/** Milliseconds; null means no limit. */
export interface Timeouts {
  readonly connect: number
  /** How long to wait for another run's lock. */
  readonly lock: number
  /** `lock_wait_timeout` of the server for one attempt of a statement (whole seconds). */
  readonly lockWait: number
  readonly statement: number | null
}

/** The whole configuration, checked and frozen. Nothing in it is read from the environment later. */
export interface Config {
  /** Absolute path of the file, or null where only flags and environment configure the tool. */
  readonly file: string | null
  /** The file's folder, or the working directory: relative paths start from it. */
  readonly root: string
  readonly environment: string | null
  /** The names of environments in the file, which `--env` accepts; null without a file. */
  readonly environments: readonly string[] | null
  readonly protected: boolean
  /** The prefix of every schema's name; empty for none. The databases' schemas already include it. */
  readonly prefix: string
  readonly databases: readonly DatabaseConfig[]
  /** Foreign keys between logical databases: `auto` means physical when all share a server. */
  readonly references: 'auto' | 'physical' | 'logical'
  readonly outOfOrder: 'fail' | 'warn' | 'allow'
  /** Whether pending definitions are tried in a scratch schema before a run: `auto` means where that is possible. */
  readonly trial: 'auto' | 'off' | 'required'
  /** The version from which `validate --strict` judges hazards: older files are applied and must not change. Null for all files. */
  readonly strictSince: string | null
  /** How many databases are processed in parallel. */
  readonly concurrency: number
  readonly timeouts: Timeouts
  readonly sandbox: SandboxConfig
  readonly rotation: RotationConfig
  readonly doctor: DoctorConfig
  readonly audit: AuditConfig
  readonly lint: LintConfig
  readonly drift: DriftConfig
  readonly hooks: HooksConfig
  readonly throttle: ThrottleConfig
  readonly guard: GuardConfig
  readonly online: OnlineConfig
  readonly retire: RetireConfig
  /** Absolute path, without the day; null where nothing is logged. */
  readonly logFile: string | null
  /** The configured stores, in the order of `storeKinds`. */
  readonly stores: readonly StoreConfig[]
}

/** What `wwdb lint` reports, and how. */
export interface LintConfig {
  /** The settings of each rule, by its code: `severity` and its options. */
  readonly rules: ReadonlyMap<string, ReadonlyMap<string, string | number | boolean>>
  readonly language: Language
  /** The server version that the files are judged for; null where none is named. */
  readonly target: string | null
  /** The platform that all files are judged for; null where each database says so itself: `vitess` makes it a keyspace. */
  readonly platform: 'mysql' | 'vitess' | null
  /** Whether rules about style and form are also used, besides those about harm. */
  readonly strict: boolean
}

/** A store other than MySQL: its address and its declared resources. */
export interface StoreConfig {
  readonly store: StoreKind
  /** False where the store is declared without a URL: it is not configured here. */
  readonly hasUrl: boolean
  /** Empty for commands that open no store. */
  readonly endpoints: readonly { readonly host: string; readonly port: number }[]
  /** True where the connection is encrypted: because of the URL's scheme, or because `tls` is set. */
  readonly secure: boolean
  readonly user: string | null
  readonly password: Secret | null
  /** An API key of Elasticsearch, a token of InfluxDB. */
  readonly token: Secret | null
  /**
   * What follows the hosts in the URL: a proxy's path, or the MongoDB database that authenticates the user. Empty
   * without one.
   */
  readonly path: string
  readonly tls: TlsConfig | null
  /** Absolute path of the folder with its declarations. */
  readonly declarations: string
  /** The prefix of every name that is created. */
  readonly prefix: string
  /** Milliseconds that opening a connection may take. */
  readonly connectTimeout: number
  /** Why it cannot be opened; reported only when it is to be opened, so that one store can be set up without the others. */
  readonly faults: readonly Fault[]
  /** Hosts and ports, for messages. */
  readonly label: string
}

/** How changes outside of migrations are handled. */
export interface DriftConfig {
  /** What `migrate` does where its plan changes an object that was changed outside of migrations. */
  readonly migrate: 'fail' | 'warn' | 'off'
  /** The minimum time in milliseconds that a table which `drift --revert` renamed aside is kept. */
  readonly grace: number
  readonly ignore: readonly IgnoredDrift[]
  /** Objects that belong to others: `etl_*`, `user_db/etl_*`. */
  readonly unmanaged: readonly string[]
}

/** Differences that are ignored for a time. */
export interface IgnoredDrift {
  /** `users`, `etl_*`, `user_db/users`. */
  readonly object: string
  readonly reason: string
  /** The last day in UTC on which it applies: `2026-12-31`. */
  readonly until: string
}

/** How sharded tables are created ahead of the calendar. */
export interface RotationConfig {
  /** When it runs: a cron expression with five fields; null where none is configured. */
  readonly schedule: string | null
  /** The time zone of the schedule: `UTC` or an IANA name. */
  readonly zone: string
  /** Milliseconds from a failed run until it is fixed. */
  readonly alertDelay: number
  /** Absolute path of the folder for archives of shards; null where none is configured. */
  readonly archive: string | null
  /** The most connections that one run opens to a server. */
  readonly connections: number
  /** Milliseconds by which the clocks of this machine and of a server may differ for a rotation. */
  readonly clockSkew: number
  /** Header lines of templates that the configuration replaces. */
  readonly overrides: readonly HeaderOverride[]
}

/** `rotation.families.<family>.<header>`: the text that replaces the template's own line. */
export interface HeaderOverride {
  readonly family: string
  readonly header: string
  readonly text: string
  /** How the configuration names it, and where. */
  readonly name: string
  readonly where?: Location
  readonly excerpt?: Excerpt
}

export interface SandboxConfig {
  /** Absolute path of the folder that holds the server's data. */
  readonly directory: string
  readonly port: number
  /** The configuration or a variable names the port; without that, the sandbox may take another one. */
  readonly portIsGiven: boolean
  /** A server that is already running: nothing is started. */
  readonly url: Secret | null
}

/** The databases that `--target` names, in the configuration's order; all without it. Throws ToolError `UNKNOWN_TARGET` (64). */
export function selectDatabases(config: Config, names: readonly string[]): readonly DatabaseConfig[] {
  const known = config.databases.map((database) => database.name)
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) {
    const faults = unknown.map((name) => {
      const meant = closestName(name, known)
      return {
        what: `The database \`${name}\` does not exist.`,
        why: 'The name was given with `--target`.',
        next: meant === null ? `The configuration has \`${known.join('`, `')}\`.` : `Did you mean \`${meant}\`?`,
      }
    })
    throw new ToolError('UNKNOWN_TARGET', faults, { exitCode: exitCodes.usage })
  }
  return names.length === 0 ? config.databases : config.databases.filter((database) => names.includes(database.name))
}

/** The hooks of the configuration, in its order. */
export function listHooks({ before, after }: HooksConfig): readonly HookConfig[] {
  return [before, after].flatMap(({ run, migration, rotation }) =>
    [run, migration, rotation].flatMap((hook) => hook ?? []),
  )
}
