/**
 * How a run ended for a target.
 * - `running`  it is in progress
 * - `done`     it completed, or found nothing to do
 * - `failed`   an error ended it
 * - `stopped`  a person or a program stopped it, or it was killed: its connection is gone
 */
export type RunOutcome = 'running' | 'done' | 'failed' | 'stopped'

/** One run on one target, as `wwdb_runs` has it. */
export interface RunRecord {
  readonly id: string
  readonly command: string
  /** Flags and arguments, without secrets. */
  readonly flags: string
  /** The user of the operating system that ran it. */
  readonly person: string
  /** The MySQL account that wrote. */
  readonly account: string
  /** Who started the job of a CI service. */
  readonly actor: string | null
  readonly host: string
  readonly process: number
  readonly toolVersion: string
  /** The commit of the project's files. */
  readonly commit: string | null
  readonly job: string | null
  /** `inputsDigest` of the plan that was carried out. */
  readonly planDigest: string | null
  /** UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`. */
  readonly startedAt: string
  /** Null while it runs, and for a run that was killed. */
  readonly endedAt: string | null
  readonly outcome: RunOutcome
  readonly exitCode: number | null
  /** The code of its error and what went wrong. */
  readonly error: string | null
  /** What it changed that no other table of the target shows, such as accounts and stores: sentences. */
  readonly changes: readonly string[]
}

/** What a run did to a shard. */
export interface ShardEvent {
  /** Null for events of versions of wwdb that did not record runs. */
  readonly run: string | null
  /** UTC, as `YYYY-MM-DD HH:MM:SS.ffffff`. */
  readonly at: string
  readonly family: string
  readonly key: string
  readonly table: string
  /** The state before the event; null for a new shard. */
  readonly from: string | null
  readonly to: string
  readonly templateVersion: number
  /** Why nothing may be removed from it, where it is protected. */
  readonly protected: string | null
}

/** A migration that was carried to a shard. */
export interface ShardChange {
  readonly runs: readonly string[]
  readonly at: string
  readonly version: string
  readonly table: string
  readonly direction: 'up' | 'down'
  readonly complete: boolean
}

/** What is asked about a target's runs. */
export interface RunQuestion {
  readonly limit: number | null
  /** Milliseconds since the epoch. */
  readonly since: number | null
  readonly run: string | null
  /** A shard's table, or its key. */
  readonly shard: string | null
}

/** What a target records of its runs: newest first. */
export interface RunHistory {
  readonly runs: readonly RunRecord[]
  readonly shardEvents: readonly ShardEvent[]
  readonly shardChanges: readonly ShardChange[]
  /** Which runs wrote a pass of the journal, by the pass number. */
  readonly passes: ReadonlyMap<number, readonly string[]>
}
