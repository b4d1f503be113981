import { createHash } from 'node:crypto'
import { longestTable } from '../calendar/proof.ts'

/** One member of a family, as its division names it. Instants are milliseconds since the epoch, UTC. */
export interface Shard {
  readonly family: string
  /** The period (`2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`) or the key in decimal. Sorts in time within a family of periods. */
  readonly key: string
  readonly table: string
  /** Bounds `[from, to)` of its period; null for a key. */
  readonly from: number | null
  readonly to: number | null
}

/** The states of a shard, the one list of them: the registry is read with it. */
export const shardStates = [
  'live',
  'sealed',
  'holding',
  'held',
  'archived',
  'dropping',
  'dropped',
  'restoring',
  'lost',
] as const

/**
 * - `live`      in use, under its own name
 * - `sealed`    its time is over: rows counted and summed, still under its own name
 * - `holding`   intent: about to be renamed to its hold name. Which of the two names exists shows how far it came
 * - `held`      under its hold name, until the grace ends
 * - `archived`  held, and its archive was read back and found equal
 * - `dropping`  intent: about to be dropped
 * - `dropped`   gone from the server; its archive, where there is one, stays
 * - `restoring` intent: coming back, from its hold name or from its archive
 * - `lost`      its table was dropped outside of wwdb, and its rows are not archived
 */
export type ShardState = (typeof shardStates)[number]

/** Rows of a table, counted and summed so that any order of reading gives the same. */
export interface RowCount {
  readonly rows: number
  /** Hexadecimal; see `shards/mysql/row-text.ts` for what is summed. */
  readonly checksum: string
}

export interface ShardArchive extends RowCount {
  /** Where its manifest is, relative to the archive directory. */
  readonly address: string
  /** SHA-256 (hex) of the compressed file. */
  readonly sha256: string
  readonly bytes: number
  readonly at: number
}

/** A shard as the registry of its target has it. */
export interface ShardRecord extends Shard {
  readonly state: ShardState
  readonly templateVersion: number
  /** Digest of its definition when it was last made, changed or checked; null when it was never read. */
  readonly fingerprint: string | null
  /** When its key was first found deleted; null for periods and for keys that are there. */
  readonly goneAt: number | null
  readonly seal: (RowCount & { readonly at: number }) | null
  /** The renamed table that waits for its drop. */
  readonly hold: { readonly table: string; readonly at: number; readonly until: number } | null
  readonly archive: ShardArchive | null
  /** Protected: nothing is taken from it until it is unprotected. Not a step of rotation, unlike `hold`. */
  readonly protection: { readonly reason: string; readonly by: string; readonly at: number } | null
}

/**
 * A finding about a shard that stays open until it is closed. It outlives the shard's row, which a new table of its name takes over.
 * - `loss`    its table was dropped outside of wwdb, with rows that no archive has; a person closes it
 * - `put-off` writes keep the shard from its hold; rotation closes it
 */
export interface ShardFinding {
  readonly family: string
  readonly key: string
  readonly kind: 'loss' | 'put-off'
  readonly table: string
  /** The shard's state when it was found. */
  readonly state: ShardState
  /** When they were last counted; null where they never were. */
  readonly rows: number | null
  readonly at: number
  readonly closed: { readonly at: number; readonly by: string; readonly reason: string } | null
}

/** What the registry knows of a family as a whole. */
export interface FamilyRecord {
  readonly family: string
  /** From 1; a fan-out gives the template its next version. */
  readonly version: number
  /** The template's text at that version, to be compared with the file's. */
  readonly template: string
  readonly checksum: string
  /** The last run that took this family to its end. */
  readonly lastSuccessAt: number | null
}

/**
 * What `wwdb_shard_events` last says of a table of which the registry has no row, or one without that protection. A protection belongs to the
 * table: a row that was deleted, or a registry that was lost, does not end it.
 */
export interface ShardTrace {
  readonly family: string
  readonly key: string
  readonly table: string
  readonly state: ShardState
  /** Why nothing may be taken from it; null where it may. */
  readonly protectedFor: string | null
  readonly at: number
}

/** Who protects a shard of which only an event says so: the person is in the run's row. */
export const tracedBy = 'an earlier run, by `wwdb_shard_events`'

/** The protection that an event has; null where it has none. */
export function protectionOf({ protectedFor, at }: ShardTrace): ShardRecord['protection'] {
  return protectedFor === null ? null : { reason: protectedFor, by: tracedBy, at }
}

/** All that a target's registry holds. */
export interface Registry {
  /** False until its tables are made. */
  readonly exists: boolean
  /** Counts every change: applications that cache the shard map poll this one number. */
  readonly generation: number
  readonly families: readonly FamilyRecord[]
  readonly shards: readonly ShardRecord[]
  /** Open findings. */
  readonly findings: readonly ShardFinding[]
  /** What events say of tables, where the shards above say something else or nothing. */
  readonly traces: readonly ShardTrace[]
  /** When the last rotation began whose clocks were in no doubt, by the server's clock. */
  readonly lastRunAt: number | null
}

export function keyOfShard(shard: Pick<Shard, 'family' | 'key'>): string {
  return `${shard.family}/${shard.key}`
}

const holdShape = /^_hold_\d{8}_[0-9a-f]{8}_./
const loadShape = /^_load_\d{8}_[0-9a-f]{8}_./

/** Where a shard waits for its grace to end: `_hold_20270301_1f0c22aa_messages_202601`, cut to the longest name that RENAME takes. */
export function holdName(shard: Shard, now: number): string {
  return nameFor('hold', shard, now)
}

/** Where an archive is loaded before it gets the shard's name. */
export function loadName(shard: Shard, now: number): string {
  return nameFor('load', shard, now)
}

/** The same for a table that belongs to no family: what `drift --revert` moves aside. */
export function holdNameOf(table: string, now: number): string {
  return nameFor('hold', { family: 'drift', key: 'by hand', table }, now)
}

/** A table that `drift --revert` moved aside. */
export interface DriftHold {
  /** Its own name. */
  readonly name: string
  /** The day it was moved, in UTC: milliseconds since the epoch. */
  readonly heldAt: number
}

/**
 * Reads a name that `holdNameOf` made: null for any other, as that of a shard is.
 * @param candidates names of which one may be a longer one that was cut
 */
export function readDriftHold(table: string, candidates: readonly string[]): DriftHold | null {
  const [, day = '', rest = ''] = /^_hold_(\d{8})_[0-9a-f]{8}_(.+)$/.exec(table) ?? []
  const heldAt = Date.parse(`${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`)
  if (rest === '' || Number.isNaN(heldAt)) return null
  const name = [rest, ...candidates].find((one) => holdNameOf(one, heldAt) === table)
  return name === undefined ? null : { name, heldAt }
}

export function isHoldName(name: string): boolean {
  return holdShape.test(name) && name.length <= longestTable
}

export function isLoadName(name: string): boolean {
  return loadShape.test(name) && name.length <= longestTable
}

/** The digest distinguishes shards whose names are cut to the same text. */
type ShardName = Pick<Shard, 'family' | 'key' | 'table'>

function nameFor(prefix: 'hold' | 'load', shard: ShardName, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
  const digest = createHash('sha256').update(`${shard.family}/${shard.key}/${shard.table}`).digest('hex').slice(0, 8)
  return `_${prefix}_${day}_${digest}_${shard.table}`.slice(0, longestTable)
}
