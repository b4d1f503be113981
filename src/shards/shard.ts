import { createHash } from 'node:crypto'
import { longestTable } from '../calendar/proof.ts'

/** One member of a family, as its division names it. Instants are milliseconds since the epoch, UTC. */
export interface Shard {
  readonly family: string
  /**
   * The period (`2026-12-01`, `2026-W49`, `2026-12`, `2026-Q4`, `2026`) or the key in decimal. Within a family of periods, keys sort by
   * time.
   */
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
  /** Hexadecimal; `shards/mysql/row-text.ts` defines what is summed. */
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
  /** Digest of its definition when it was last created, changed or checked; null when it was never read. */
  readonly fingerprint: string | null
  /** When its key was first found deleted; null for periods and for existing keys. */
  readonly goneAt: number | null
  readonly seal: (RowCount & { readonly at: number }) | null
  /** The renamed table that waits for its drop. */
  readonly hold: { readonly table: string; readonly at: number; readonly until: number } | null
  readonly archive: ShardArchive | null
  /** Protected: nothing is removed from it until it is unprotected. Not a step of rotation, unlike `hold`. */
  readonly protection: { readonly reason: string; readonly by: string; readonly at: number } | null
}

/** The kinds of findings, the one list of them: the registry is read with it. */
export const findingKinds = ['loss', 'put-off', 'moved'] as const

/**
 * A finding about a shard that stays open until it is closed. It survives the shard's row, which a new table of the same name takes over.
 * - `loss`    its table was dropped outside of wwdb, with rows that no archive has; a person closes it
 * - `put-off` writes keep the shard from its hold; rotation closes it
 * - `moved`   of the family, with an empty key: its rows are in that table of a keyspace; `wwdb shards move --undo` closes it
 */
export interface ShardFinding {
  readonly family: string
  readonly key: string
  readonly kind: (typeof findingKinds)[number]
  readonly table: string
  /** The shard's state when it was found. */
  readonly state: ShardState
  /** The last count; null where they were never counted. */
  readonly rows: number | null
  readonly at: number
  readonly closed: { readonly at: number; readonly by: string; readonly reason: string } | null
}

/** What the registry knows about a family as a whole. */
export interface FamilyRecord {
  readonly family: string
  /** From 1; a fan-out gives the template its next version. */
  readonly version: number
  /** The template's text at that version, to be compared with the file's. */
  readonly template: string
  readonly checksum: string
  /** The last run that completed this family. */
  readonly lastSuccessAt: number | null
}

/** A text that a family's template had. */
export type FamilyTemplate = Pick<FamilyRecord, 'family' | 'version' | 'template' | 'checksum'>

/**
 * The last event in `wwdb_shard_events` of a table that has no row in the registry, or a row without that protection. A protection belongs to
 * the table: losing its row, or the registry, does not end it.
 */
export interface ShardTrace {
  readonly family: string
  readonly key: string
  readonly table: string
  readonly state: ShardState
  /** Why nothing may be removed from it; null where it may. */
  readonly protectedFor: string | null
  readonly at: number
}

/** The person who protects a shard that only an event protects: the run's row names the person. */
export const tracedBy = 'an earlier run, by `wwdb_shard_events`'

/** The protection in an event; null where it has none. */
export function protectionOf({ protectedFor, at }: ShardTrace): ShardRecord['protection'] {
  return protectedFor === null ? null : { reason: protectedFor, by: tracedBy, at }
}

/** The whole registry of a target. */
export interface Registry {
  /** False until its tables are created. */
  readonly exists: boolean
  /** Counts every change: applications that cache the shard map poll this number. */
  readonly generation: number
  readonly families: readonly FamilyRecord[]
  readonly shards: readonly ShardRecord[]
  /** Open findings. */
  readonly findings: readonly ShardFinding[]
  /** What events say about tables, where the shards above differ or have nothing. */
  readonly traces: readonly ShardTrace[]
  /** When the last rotation with reliable clocks began, by the server's clock. */
  readonly lastRunAt: number | null
}

const holdShape = /^_hold_\d{8}_[0-9a-f]{8}_./
const loadShape = /^_load_\d{8}_[0-9a-f]{8}_./

/**
 * The name under which a shard waits for the end of its grace: `_hold_20270301_1f0c22aa_messages_202601`, cut to the longest name
 * that RENAME accepts.
 */
export function holdName(shard: Shard, now: number): string {
  return nameFor('hold', shard, now)
}

/**
 * The hold name that follows a hold name: a DROP that was told the first one no longer finds the table. Always the same one, so a run that is killed between two shards is understood by the
 * next. Pure.
 */
export function nextHoldName(name: string, salt = ''): string {
  const digest = createHash('sha256').update(`${name}${salt}`).digest('hex').slice(0, 8)
  return name.replace(/^(_hold_\d{8}_)[0-9a-f]{8}/, `$1${digest}`)
}

/** What of a hold name is the table's own name, which may be cut at its end; any other name as it is. */
export const nameWithoutHold = (name: string): string => name.replace(/^_hold_\d{8}_[0-9a-f]{8}_/, '')

/** The name under which an archive is loaded before it gets the shard's name. */
export function loadName(shard: Shard, now: number): string {
  return nameFor('load', shard, now)
}

/** The hold name of a table that belongs to no family: `drift --revert` renames it aside. */
export function holdNameOf(table: string, now: number): string {
  return nameFor('hold', { family: 'drift', key: 'by hand', table }, now)
}

/** A table that `drift --revert` renamed aside. */
export interface DriftHold {
  /** Its own name. */
  readonly name: string
  /** The day on which it was renamed, in UTC: milliseconds since the epoch. */
  readonly heldAt: number
}

/**
 * Parses a name that `holdNameOf` made; null for any other, such as a shard's. @param candidates names of which one may be the full name of one that was cut
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
