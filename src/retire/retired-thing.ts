import { migrationLabel } from '../core/migration-label.ts'
import type { Fault } from '../core/tool-error.ts'
import type { OpenTarget } from '../migrations/targets.ts'
import { endOfRetirement } from '../operate/retire/presence.ts'
import type { RetiredRecord, SeenUse } from '../operate/retire/record.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import type { Verdict } from './judge.ts'

/** A retired thing, as answers show it. */
export interface RetiredThing {
  readonly database: string
  /** `users.nick` */
  readonly name: string
  readonly type: RetiredRecord['type']
  /** `0002_nick` */
  readonly migration: string
  /**
   * - `waiting`  nothing has used it, and its grace has not ended
   * - `unused`   nothing has used it until its grace ended: a run drops it
   * - `used`     something uses it: its grace began again
   * - `unproven` a server was not looked at, or counts from later on
   * - `dropped`  nothing is left of it
   * - `failed`   its drop failed: `fault` says why
   */
  readonly state: Verdict['type'] | 'dropped' | 'failed'
  /** False for a column that stays visible. */
  readonly isHidden: boolean
  /** The name of a table while it is held; empty for others. */
  readonly hold: string
  readonly since: string
  /** When its grace ends at the earliest. */
  readonly until: string
  readonly uses: readonly ShownUse[]
  /** Sentences: why it stays visible, and why nothing is proven. */
  readonly notes: readonly string[]
  /** What was looked at before it was dropped; null before that. */
  readonly proof: string | null
  /** Why its drop failed; null where it did not. */
  readonly fault: Fault | null
}

interface ShownUse {
  /** `primary`, the name of a replica, or the address of a group member. */
  readonly server: string
  /** Null where only a counter shows it, or stored code. */
  readonly at: string | null
  /** `user@host` of open connections. */
  readonly users: readonly string[]
  readonly what: string
}

const iso = (at: number): string => new Date(at).toISOString()

/** @param verdict null for one that is dropped @param fault why its drop failed */
export function showRetired(
  target: OpenTarget,
  record: RetiredRecord,
  verdict: Verdict | null,
  fault: Fault | null = null,
): RetiredThing {
  const { version, type, isHidden, hold, why, proof } = record
  const migration = target.all.find((one) => one.version === version)
  const uses: readonly SeenUse[] = verdict?.type === 'used' ? verdict.uses : record.uses
  return {
    database: target.database.name,
    name: nameRetired(record),
    type,
    migration: migration === undefined ? version : migrationLabel(migration),
    state: fault === null ? (verdict?.type ?? 'dropped') : 'failed',
    isHidden,
    hold,
    since: iso(record.since),
    until: iso(endOfRetirement(record, verdict?.baselines)),
    uses: uses.map((use) => ({ ...use, at: use.at === null ? null : iso(use.at) })),
    notes: [...(why === '' ? [] : [`It stays visible: ${why}.`]), ...(verdict?.type === 'unproven' ? verdict.why : [])],
    ...{ proof, fault },
  }
}
