import type { Config, ServerConfig } from '../config/config.ts'
import type { InBoth } from '../core/in-both.ts'
import type { StoreKind } from '../core/store.ts'
import type { Fault } from '../core/tool-error.ts'
import type { TargetStatus } from '../migrations/journal/status.ts'
import type { LockStatus } from '../migrations/lock-status.ts'
import type { GroupMember } from '../mysql/facts.ts'
import type { Leftover } from '../operate/online/leftovers.ts'
import type { RetiredInspection } from '../retire/inspect-retired.ts'
import type { TargetInspection } from '../shards/inspection.ts'
import type { SaidFinding } from '../stores/find-drift.ts'
import type { StoreProof } from '../stores/outcome.ts'

/** All that `wwdb doctor` has read. Checks judge it; they read nothing themselves. */
export interface Facts {
  /** Milliseconds since the epoch by this machine's clock. */
  readonly now: number
  /** The version of Node: digits only. */
  readonly node: string
  /** Null where the files have faults: then nothing else could be read. */
  readonly config: Config | null
  readonly project: ProjectFacts
  /** One for each server and user of the configuration. */
  readonly servers: readonly ServerFacts[]
  readonly databases: readonly DatabaseFacts[]
  /** The stores that have a URL. */
  readonly stores: readonly StoreFacts[]
  /** Declared, and without a URL: not configured here. */
  readonly storesWithoutUrl: readonly StoreKind[]
}

/** The state of the project's files. Their faults read as the commands of those files show them. */
export interface ProjectFacts {
  readonly configuration: readonly Fault[]
  readonly migrations: readonly Fault[]
  /** The faults of `wwdb.sum`. */
  readonly sums: readonly Fault[]
  /** Folders of migrations without a `wwdb.sum`. */
  readonly withoutSum: readonly string[]
  readonly templates: readonly Fault[]
  readonly seeds: readonly Fault[]
  readonly declarations: readonly Fault[]
  /** Files with passwords, keys or tokens, and their modes. */
  readonly secretFiles: readonly { readonly file: string; readonly setting: string; readonly mode: number }[]
  readonly families: number
  /** `host:port` of this project's sandbox, where it has one: its only account is root. */
  readonly sandbox: string | null
  /** Named time zones that rotation, its schedule or the session has. */
  readonly zones: readonly string[]
  /** True where a migration makes a function or trigger. */
  readonly makesFunctions: boolean
  readonly archive: { readonly directory: string; readonly refusal: InBoth | null } | null
  /** Milliseconds since the epoch of the last backup, or why it is not known; null where no command is configured. */
  readonly backup: { readonly at: number } | { readonly refusal: InBoth } | null
  /** Codes of every check, to recognize one that does not exist. */
  readonly codes: readonly string[]
}

/**
 * Why a server cannot be used:
 * - `name`    the host name is not resolved
 * - `network` nothing answers
 * - `tls`     TLS was asked for and failed
 * - `no-tls`  the server or the account insists on TLS, and the configuration disables it
 * - `busy`    there is no free connection
 * - `login`   the user or the password is refused
 * - `engine`  not a MySQL version that wwdb supports
 */
export type FailedStage = 'name' | 'network' | 'tls' | 'no-tls' | 'busy' | 'login' | 'engine'

export interface ServerFacts {
  /** `host:port`, or the socket. */
  readonly label: string
  /** True for a server on another machine. */
  readonly remote: boolean
  readonly server: ServerConfig
  /** The logical databases that are on it. */
  readonly databases: readonly string[]
  readonly failure: { readonly stage: FailedStage; readonly fault: Fault } | null
  /** Null where it cannot be used, and for a vtgate. */
  readonly seen: SeenServer | null
  /** For a vtgate that answered: the logical databases whose keyspaces exist. What it says of settings, accounts and clocks is that of one tablet. */
  readonly keyspaces?: readonly string[]
  /** For a vtgate that answered: what the configuration says is a keyspace on it, and is not. */
  readonly missingKeyspaces?: readonly MissingKeyspace[]
}

/** A keyspace that does not exist. */
export interface MissingKeyspace {
  readonly database: string
  readonly keyspace: string
}

/** A server that answered. What the account may not read is null, and is named in `unread`. */
export interface SeenServer {
  /** Digits only. */
  readonly version: string
  readonly encrypted: boolean
  /** Its clock against this machine's, in milliseconds; positive where it is fast. */
  readonly clockOffset: number
  /** Global variables and status values by name, in lower case. */
  readonly variables: ReadonlyMap<string, string>
  readonly status: ReadonlyMap<string, string>
  /** Minutes between UTC and the time zone of its clients. */
  readonly zoneMinutes: number
  /** False where names of time zones are not loaded. */
  readonly zonesLoaded: boolean
  /** Why GET_LOCK does not work; null where it does. */
  readonly lock: Fault | null
  readonly channels: readonly ReplicationChannel[] | null
  readonly members: readonly GroupMember[] | null
  /** Other primaries of its group that were not reached, and why: a run holds its lock on all. */
  readonly unreachedPrimaries: readonly UnreachedPrimary[] | null
  readonly transactions: readonly OpenTransaction[] | null
  /** Ids of prepared XA transactions, as XA COMMIT takes them. */
  readonly prepared: readonly string[] | null
  /** Whether it keeps the stages of running statements, which show how far an ALTER is. */
  readonly stages: boolean | null
  readonly account: AccountFacts
  /** Every account of the server that can log in. */
  readonly accounts: readonly OtherAccount[] | null
  /** Code of logical databases whose definer does not exist. */
  readonly orphans: readonly OrphanedCode[] | null
  readonly schemas: readonly SchemaFacts[]
  /** Tables that the account sees on the whole server. */
  readonly tables: number
  /** Of the file system with its data; null where that is on another machine. */
  readonly disk: { readonly free: number; readonly total: number } | null
  readonly unread: readonly Unread[]
}

/** A member of a group with several primaries. */
export interface UnreachedPrimary {
  /** `host:port`, as it reports it. */
  readonly address: string
  readonly fault: Fault
}

/** Something that could not be checked. */
export interface Unread {
  /** What, as the beginning of a sentence: `Long transactions`. */
  readonly what: InBoth
  /** The server's own message, and the GRANT that would allow it. */
  readonly why: string
}

export interface ReplicationChannel {
  /** Empty for the only one. */
  readonly name: string
  readonly source: string
  readonly receives: boolean
  readonly applies: boolean
  readonly error: string
  /** Seconds; null where it is not known. */
  readonly lag: number | null
}

export interface OpenTransaction {
  readonly connectionId: number
  readonly user: string
  readonly seconds: number
  readonly statement: string | null
}

export interface AccountFacts {
  /** `user@host`. */
  readonly name: string
  /** True where it can log in from this machine only. */
  readonly local: boolean
  readonly needsTls: boolean
  readonly plugin: string
  /** Lines of SHOW GRANTS. */
  readonly grants: readonly string[]
}

export interface OtherAccount {
  readonly name: string
  readonly local: boolean
  readonly needsTls: boolean
  readonly hasPassword: boolean
}

/** An object that runs with the rights of an account that no longer exists. */
export interface OrphanedCode {
  readonly database: string
  readonly schema: string
  readonly type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
  readonly name: string
  /** `user@host`. */
  readonly definer: string
}

/** A schema of one logical database. */
export interface SchemaFacts {
  readonly database: string
  readonly schema: string
  readonly exists: boolean
  readonly charset: string | null
  /** Tables that are not encrypted on disk. */
  readonly plainTables: readonly string[]
  /** Counters that have used much of their column's range. */
  readonly counters: readonly { readonly table: string; readonly column: string; readonly used: number }[]
  /** What tools of online schema changes have left. */
  readonly leftovers: readonly Leftover[]
}

/** What the commands of migrations and shards report of one logical database. */
export interface DatabaseFacts {
  readonly database: string
  readonly server: string
  readonly status: TargetStatus | null
  readonly lock: LockStatus | null
  readonly shards: TargetInspection | null
  readonly retired: readonly RetiredInspection[]
  /** Why one of them could not be read. */
  readonly faults: readonly Fault[]
}

export interface StoreFacts {
  readonly store: StoreKind
  /** Null where its URL cannot be used. */
  readonly server: string | null
  readonly remote: boolean
  readonly secure: boolean
  /** Digits only. */
  readonly version: string | null
  /** Why it cannot be used. */
  readonly fault: Fault | null
  readonly drift: readonly SaidFinding[]
  readonly checks: readonly StoreProof[]
}
