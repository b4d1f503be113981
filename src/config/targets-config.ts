import type { ServerConfig } from './config.ts'

/** A schema of a list, as its source gives it. */
export interface TargetEntry {
  readonly schema: string
  /** A name of `servers`; null for the server of the database. */
  readonly server: string | null
}

/** Where the list of targets comes from. */
export type TargetSource =
  | { readonly type: 'list'; readonly entries: readonly TargetEntry[] }
  /** A query that reads, in another database of the configuration. */
  | { readonly type: 'query'; readonly text: string; readonly database: string }
  /** A program and its arguments; no shell reads them. */
  | { readonly type: 'command'; readonly words: readonly string[]; readonly environment: readonly string[] }

/** A database that many schemas have, one a tenant for instance. */
export interface TargetsConfig {
  readonly source: TargetSource
  /** Milliseconds that the query or the command may take. */
  readonly timeout: number
  readonly servers: ReadonlyMap<string, ServerConfig>
  /** True where the database has a server of its own or the common one, for entries that name none. */
  readonly hasUrl: boolean
  /** How many targets of one server a run works on at once. */
  readonly atOnce: number
  /** How many targets come first, alone: one failure there ends the run. */
  readonly canary: number
  /** How many targets a wave has. */
  readonly wave: number
  /** True where an empty list is no mistake. */
  readonly allowEmpty: boolean
}
