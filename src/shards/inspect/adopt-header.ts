import { describeMisfit, readKey } from '../contradictions.ts'
import { type FamilyView, isGone } from '../family-view.ts'
import type { TableShape } from '../ports.ts'
import type { ShardRecord } from '../shard.ts'

/** A record that is changed to match the family's header. */
export interface HeaderChange {
  readonly before: ShardRecord
  readonly after: ShardRecord
}

/**
 * Records that `shards adopt` brings in line with a changed header: tables that a migration renamed to the header's names, and shards whose periods have different bounds in another zone. A record whose key the header does not allow stays unchanged. Pure.
 * @param shapes of every table, by name: what has another shape is another table
 */
export function adoptHeader(view: FamilyView, shapes: ReadonlyMap<string, TableShape>): readonly HeaderChange[] {
  const misfits = [...view.records.values()].filter(
    (record) => !isGone(record) && describeMisfit(view, record) !== null,
  )
  const inUse = misfits.filter(isInUse)
  const changed = inUse.flatMap((record) => adoptInUse(view, record, shapes))
  // While a table still has its old name, it is unknown which of the two ways a person chooses: held tables have no name of their own yet.
  if (changed.length < inUse.length) return changed
  const retired = misfits.filter(({ state }) => state === 'held' || state === 'archived')
  return [...changed, ...retired.flatMap((record) => adoptRetired(view, record))]
}

const isInUse = ({ state }: ShardRecord): boolean => state === 'live' || state === 'sealed'

function adoptInUse(
  view: FamilyView,
  record: ShardRecord,
  shapes: ReadonlyMap<string, TableShape>,
): readonly HeaderChange[] {
  const wanted = readKey(view, record.key)
  if (wanted === null || view.tables.get(wanted.table) !== 'table') return []
  if (wanted.table === record.table) return [{ before: record, after: { ...record, ...wanted } }]
  if (view.tables.has(record.table)) return []
  const isSame = record.fingerprint === null || shapes.get(wanted.table)?.fingerprint === record.fingerprint
  return isSame ? [{ before: record, after: { ...record, ...wanted } }] : []
}

function adoptRetired(view: FamilyView, record: ShardRecord): readonly HeaderChange[] {
  const wanted = readKey(view, record.key)
  if (wanted === null || view.tables.has(record.table) || view.tables.has(wanted.table)) return []
  return [{ before: record, after: { ...record, ...wanted } }]
}
