import type { ShardNaming } from '../calendar/naming.ts'
import { periodOf } from '../calendar/period.ts'
import type { ShardFamily } from '../core/shard-family.ts'
import type { Target } from '../core/target.ts'
import type { KeyCensus, LiveTable } from './ports.ts'
import type { Shard, ShardFinding, ShardRecord } from './shard.ts'

/** All that a decision about one family is made from. */
export interface FamilyView {
  readonly family: ShardFamily
  readonly target: Target
  readonly naming: ShardNaming
  /** What the registry has of the family, by key. */
  readonly records: ReadonlyMap<string, ShardRecord>
  /** What nobody closed of the family's shards. */
  readonly findings: readonly ShardFinding[]
  /** Every table and view of the schema, by name. */
  readonly tables: ReadonlyMap<string, LiveTable['type']>
  /** Null for periods, and where the key source's table does not exist yet. */
  readonly census: KeyCensus | null
  /** The census' present keys. */
  readonly present: ReadonlySet<string>
}

/** The shard that a key names; null for text that is no key of the family's division. */
export function shardOf({ family, naming }: Pick<FamilyView, 'family' | 'naming'>, key: string): Shard | null {
  const { division, name } = family
  if (division.type === 'key') return { family: name, key, table: naming.name(key), from: null, to: null }
  const period = periodOf(key, division.kind, division.zone)
  if (period === null) return null
  return { family: name, key, table: naming.name(key), from: period.from, to: period.to }
}

/** Where a shard's rows are gone from its own name, by the registry. */
export function isRetired({ state }: Pick<ShardRecord, 'state'>): boolean {
  return state === 'held' || state === 'archived' || state === 'dropped'
}

/** Where nothing of a shard is on the server any more, by the registry. */
export function isGone({ state }: Pick<ShardRecord, 'state'>): boolean {
  return state === 'dropped' || state === 'lost'
}

/** A row of the registry for a shard that begins its life. */
export function newRecord(shard: Shard, templateVersion: number, fingerprint: string | null): ShardRecord {
  const blank = { goneAt: null, seal: null, hold: null, archive: null, protection: null }
  return { ...shard, state: 'live', templateVersion, fingerprint, ...blank }
}

/** One sentence for many shards: the first few by name, and how many more. */
export function nameSome(tables: readonly string[]): string {
  const shown = tables.slice(0, 3).join(', ')
  return tables.length > 3 ? `${shown} and ${tables.length - 3} more` : shown
}
