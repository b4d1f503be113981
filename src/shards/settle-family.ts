import { countOf } from '../core/plural.ts'
import { isExpired } from './clocks.ts'
import type { FamilyView } from './family-view.ts'
import { nameSome } from './family-view.ts'
import { movedTo } from './moved-family.ts'
import { isLoadName, type ShardFinding, type ShardRecord } from './shard.ts'

/** The outcome of a step that a run began and did not end. */
export interface SettledIntent {
  readonly record: ShardRecord
  /** The finding, as a sentence. */
  readonly note: string
  /** A table that is no longer needed: a copy of an archive's content. */
  readonly leftover: string | null
}

/**
 * Settles an intent by checking which table exists; null for a record in another state. RENAME and DROP are atomic, so there
 * is no third case: either it happened or it did not.
 */
export function settleIntent(record: ShardRecord, has: (table: string) => boolean): SettledIntent | null {
  const held = record.hold !== null && has(record.hold.table)
  switch (record.state) {
    case 'holding':
      return settleHolding(record, held, has(record.table))
    case 'dropping':
      return held ? settled(putBack(record), 'had not been dropped') : settled(dropped(record), 'had been dropped')
    case 'restoring':
      return settleRestoring(record, held, has(record.table))
    default:
      return null
  }
}

function settleHolding(record: ShardRecord, held: boolean, own: boolean): SettledIntent {
  if (held) return settled({ ...record, state: 'held' }, 'had been put on hold')
  if (own) return settled({ ...record, state: 'sealed', hold: null }, 'had not been put on hold')
  return settled(
    dropped(record),
    'exists neither under its own name nor under its hold name: it was dropped outside of wwdb',
  )
}

function settleRestoring(record: ShardRecord, held: boolean, own: boolean): SettledIntent {
  const loads = record.hold !== null && isLoadName(record.hold.table)
  if (own && !held) return settled(revive(record), 'had been restored')
  if (loads) {
    const leftover = held ? record.hold.table : null
    return settled({ ...dropped(record), hold: null }, 'had not been restored from its archive', leftover)
  }
  if (held) return settled(putBack(record), 'had not been restored')
  return settled(
    dropped(record),
    'exists neither under its own name nor under its hold name: it was dropped outside of wwdb',
  )
}

/** A shard that is back in use: its count and its end are no longer valid. */
export function revive(record: ShardRecord): ShardRecord {
  return { ...record, state: 'live', seal: null, hold: null }
}

/**
 * A shard whose definition or rows wwdb itself changed: the count of its seal is outdated. It is in use again, and rotation counts it again, so that the
 * change is not mistaken for a late write.
 */
export function reopen(record: ShardRecord): ShardRecord {
  return record.state === 'sealed' ? { ...record, state: 'live', seal: null } : record
}

function putBack(record: ShardRecord): ShardRecord {
  return { ...record, state: record.archive === null ? 'held' : 'archived' }
}

function dropped(record: ShardRecord): ShardRecord {
  return { ...record, state: 'dropped' }
}

function settled(record: ShardRecord, found: string, leftover: string | null = null): SettledIntent {
  return { record, note: `\`${record.table}\` ${found} when an earlier run ended.`, leftover }
}

/** True where the registry has a table that is not on the server. A drop that was begun may have completed: that is expected. */
export function isVanished({ tables }: Pick<FamilyView, 'tables'>, { state, table, hold }: ShardRecord): boolean {
  if (state === 'dropped' || state === 'lost' || state === 'dropping') return false
  if (state === 'live' || state === 'sealed') return !tables.has(table)
  const isHeld = hold !== null && tables.has(hold.table)
  // A shard that is restored from its archive has no table for a while.
  return !isHeld && !tables.has(table) && !(state === 'restoring' && hold !== null && isLoadName(hold.table))
}

/**
 * Whether rows were lost with a table that vanished: not where an archive has them, where a held table was counted as empty, or
 * where the period had not begun.
 */
function losesRows({ state, archive, seal, from }: ShardRecord, now: number): boolean {
  if (archive !== null && state !== 'live' && state !== 'sealed') return false
  if (state === 'live' || state === 'sealed') return from === null || from <= now
  return seal === null || seal.rows > 0
}

/** The finding for a shard whose rows are lost. */
function toLoss({ family, key, table, state, seal }: ShardRecord, now: number): ShardFinding {
  return { family, key, kind: 'loss', table, state, rows: seal?.rows ?? null, at: now, closed: null }
}

/** Losses that are not acknowledged. */
export function openLosses({ findings }: Pick<FamilyView, 'findings'>): readonly ShardFinding[] {
  return findings.filter(({ kind, closed }) => kind === 'loss' && closed === null)
}

/** What is known about lost rows and what to do, as sentences. */
export function describeLoss({ family, key, table, state, rows }: ShardFinding): string {
  const known = rows === null ? 'Its rows were never counted' : `Its last count was ${countOf(rows, 'row')}`
  return (
    `Rows of \`${table}\` are lost: the table was dropped outside of wwdb while it was ${state}, and no archive has them. ${known}. ` +
    `Restore them from a backup if they matter, then \`wwdb shards repair --family ${family} --acknowledge-loss ${key}\`.`
  )
}

/** A view with what the check of the server proved, before anything is planned from it. */
export interface SettledView {
  readonly view: FamilyView
  readonly corrections: readonly ShardRecord[]
  /** Rows that were found lost: they are written with the corrections. */
  readonly losses: readonly ShardFinding[]
  readonly leftovers: readonly string[]
  readonly notes: readonly string[]
}

/** Settles what earlier runs left open, and changes made outside of wwdb. */
export function settleFamily(view: FamilyView, now: number): SettledView {
  // A shard that was dropped since is no loss: its rows are in the keyspace.
  if (movedTo(view) !== null) return { view, corrections: [], losses: [], leftovers: [], notes: [] }
  const corrections: ShardRecord[] = []
  const losses: ShardFinding[] = []
  const leftovers: string[] = []
  const notes: string[] = []
  const vanished: string[] = []
  for (const record of view.records.values()) {
    if (isVanished(view, record) && losesRows(record, now)) {
      losses.push(toLoss(record, now))
      corrections.push({ ...record, state: 'lost' })
      continue
    }
    const settled = settleIntent(record, (table) => view.tables.has(table))
    const current = settled?.record ?? record
    if (settled !== null) notes.push(settled.note)
    if (settled?.leftover) leftovers.push(settled.leftover)
    const gone = isDropped(view, current, now)
    if (gone) vanished.push(current.table)
    if (gone) corrections.push({ ...current, state: 'dropped' })
    else if (settled !== null) corrections.push(current)
  }
  if (vanished.length > 0) notes.push(`Dropped outside of wwdb, without losing rows: ${nameSome(vanished)}.`)
  const settledView = withRecords({ ...view, findings: [...view.findings, ...losses] }, corrections)
  return { view: settledView, corrections, losses, leftovers, notes }
}

/** True for a shard that will not be created again and was dropped outside of wwdb without a loss. */
function isDropped(view: FamilyView, record: ShardRecord, now: number): boolean {
  if (!isVanished(view, record)) return false
  if (record.state !== 'live' && record.state !== 'sealed') return true
  return isExpired(view.family, record, now)
}

/** The same view with some rows of the registry as they will be. */
export function withRecords(view: FamilyView, records: readonly ShardRecord[]): FamilyView {
  if (records.length === 0) return view
  return { ...view, records: new Map([...view.records, ...records.map((record) => [record.key, record] as const)]) }
}
