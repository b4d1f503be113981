import { createHash } from 'node:crypto'
import type { OnlineTool } from '../../core/online-tool.ts'

/**
 * How far an online change is:
 * - `copying`  the tool copies, or was ended while it did: what it left is removed before anything else
 * - `copied`   the tool has ended, and its triggers keep the copy current: the next run compares and swaps
 * - `swapped`  the copy has taken the table's place; triggers are being removed
 * - `held`     complete: the table as it was is kept under its hold name
 * - `reverted` the table as it was has its own name again
 * - `removed`  nothing is left of it
 */
export const onlineStates = ['copying', 'copied', 'swapped', 'held', 'reverted', 'removed'] as const
export type OnlineState = (typeof onlineStates)[number]

/** Names the record of a change: the journal's row of its statement, by its number in its own journal. */
export type ChangeName = Pick<OnlineRecord, 'pass' | 'statement'>

/** The record of one online change: a row of `wwdb_online`, or of `wwdb_shard_online` where a fan-out makes it. */
export interface OnlineRecord {
  readonly tool: OnlineTool
  /** Those of the journal's row. */
  readonly pass: number
  readonly statement: number
  readonly version: string
  readonly table: string
  readonly copy: string
  /** The name under which the tool itself leaves the table as it was, until wwdb gives it that below; of spirit its beginning, which the start of the tool follows. Null where wwdb swaps the tables. */
  readonly old: string | null
  /** Tables that the tool keeps for itself. */
  readonly logs: readonly string[]
  /** The name under which the table as it was is kept. */
  readonly hold: string
  /** The triggers that the tool creates: each is removed by its name, and no other is touched. */
  readonly triggers: readonly string[]
  readonly state: OnlineState
  /** By it the sessions of the tool are known. */
  readonly token: number
  /** New names of columns by old ones, in lower case. */
  readonly renamed: Readonly<Record<string, string>>
  /** Of the statement alone: once the tables are swapped, the definition is another one. */
  readonly textDigest: string
  /** Of the statement, and of the table's definition when the copy was begun. */
  readonly fingerprint: string
  /** Milliseconds since the epoch until which the table as it was is kept at least; null before the swap. */
  readonly keptUntil: number | null
  /** The definition that the table gets by the swap, without its name; null where no run has read it. A revert would lose what was added to it since. */
  readonly made: string | null
  /** The change that this one takes back: then `copy` is the table as it was before that change, and is never dropped. Null for all others. */
  readonly takesBack: ChangeName | null
  /** When it came to this state, by the server's clock: milliseconds since the epoch. Null for one that was not read. */
  readonly since: number | null
}

/** Whether no run has anything to do for it any more. */
export const isOver = ({ state }: OnlineRecord): boolean =>
  state === 'held' || state === 'reverted' || state === 'removed'

export const isOf = (record: ChangeName, name: ChangeName): boolean =>
  record.pass === name.pass && record.statement === name.statement

/** Whether a revert of this change ended without putting the table back that it keeps: rows may have been carried to it. */
export const isCarriedTo = (record: OnlineRecord, all: readonly OnlineRecord[]): boolean =>
  all.some(
    ({ takesBack, state, version }) =>
      takesBack !== null && isOf(takesBack, record) && version === record.version && state === 'removed',
  )

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

const longestName = 64

/** `_hold_20261129_1f0c22aa_orders`, cut to the longest name: the names of tables that rotation and drift hold look alike, so that no comparison of schemas takes it for a new table. */
export function onlineHoldName(table: string, version: string, now: number): string {
  const day = new Date(now).toISOString().slice(0, 10).replaceAll('-', '')
  const digest = digestOf(`online/${version}/${table}/${now}`).slice(0, 8)
  return `_hold_${day}_${digest}_${table}`.slice(0, longestName)
}

/** Longer than any session waits, and not the default of anything: performance_schema shows it beside each session of the tool. */
export function newToken(): number {
  return 10_000_000 + Math.floor(Math.random() * 20_000_000)
}
