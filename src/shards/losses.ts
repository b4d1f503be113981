import type { FamilyView } from './family-view.ts'
import { isLoadName } from './hold-name.ts'
import type { ShardFinding, ShardRecord } from './shard.ts'

/** True where the registry has a table that is not on the server. A drop that was begun may have ended: that is no surprise. */
export function isVanished({ tables }: Pick<FamilyView, 'tables'>, { state, table, hold }: ShardRecord): boolean {
  if (state === 'dropped' || state === 'lost' || state === 'dropping') return false
  if (state === 'live' || state === 'sealed') return !tables.has(table)
  const isHeld = hold !== null && tables.has(hold.table)
  // What is restored from its archive has no table for a while.
  return !isHeld && !tables.has(table) && !(state === 'restoring' && hold !== null && isLoadName(hold.table))
}

/**
 * Whether rows went with a table that vanished. None did where an archive has them, where a table on hold was counted empty, and
 * where the period had not begun.
 */
export function losesRows({ state, archive, seal, from }: ShardRecord, now: number): boolean {
  if (archive !== null && state !== 'live' && state !== 'sealed') return false
  if (state === 'live' || state === 'sealed') return from === null || from <= now
  return seal === null || seal.rows > 0
}

/** What a person must hear of a shard whose rows are gone. */
export function toLoss({ family, key, table, state, seal }: ShardRecord, now: number): ShardFinding {
  return { family, key, kind: 'loss', table, state, rows: seal?.rows ?? null, at: now, closed: null }
}

/** Losses that nobody acknowledged. */
export function openLosses({ findings }: Pick<FamilyView, 'findings'>): readonly ShardFinding[] {
  return findings.filter(({ kind, closed }) => kind === 'loss' && closed === null)
}

/** What is known of lost rows and what to do, as sentences. */
export function describeLoss({ family, key, table, state, rows }: ShardFinding): string {
  const known =
    rows === null ? 'Nobody had counted its rows' : `Its last count was ${rows} ${rows === 1 ? 'row' : 'rows'}`
  return (
    `Rows of ${table} are lost: somebody dropped the table while it was ${state}, and no archive has them. ${known}. ` +
    `Restore them from a backup where they matter, then \`wwdb shards repair --family ${family} --acknowledge-loss ${key}\`.`
  )
}
