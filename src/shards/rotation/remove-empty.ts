import { periodAt, shiftPeriod } from '../../calendar/period.ts'
import { dependentsOf, KeySources } from '../family-view.ts'
import { periodsAhead } from '../plan-missing.ts'
import { revive } from '../settle-family.ts'
import type { ShardRecord } from '../shard.ts'
import { leaveView } from './propagate.ts'
import { closeShardTargets, openShardTargets, readTarget } from './read-targets.ts'
import type { RotationRequest } from './request.ts'
import { refuseUnsettled } from './restore-shards.ts'
import type { FamilyWork, TargetRun } from './target-run.ts'

/** An empty shard that rotation would not create. */
export interface RemovableShard {
  readonly database: string
  readonly family: string
  readonly key: string
  readonly table: string
}

/** What would be removed now. Writes nothing and takes no lock. Rejects with the reason why a family cannot be read. */
export async function planRemoval(request: RotationRequest): Promise<readonly RemovableShard[]> {
  const opened = await openShardTargets(request, false)
  try {
    const found: RemovableShard[] = []
    const sources = new KeySources(request)
    for (const { database, store, error } of opened) {
      if (store === null) throw error
      const target = await readTarget(request, database, store, sources)
      for (const work of target.families.filter(({ selected }) => selected)) {
        if (work.run.error !== null) throw work.run.error
        for (const { key, table } of await findRemovable(target, work))
          found.push({ database: database.name, family: work.family.name, key, table })
      }
    }
    return found
  } finally {
    await closeShardTargets(opened, false)
  }
}

/**
 * Empty shards that rotation does not want: those after its last period, and those before the family's first row. A shard between others that have rows is
 * wanted: rotation would create it again. The current shard, those that may still get late rows, shards in the family's view and protected ones are excluded.
 */
async function findRemovable(target: TargetRun, { family, view }: FamilyWork): Promise<readonly ShardRecord[]> {
  const { division } = family
  if (division.type === 'key') return []
  const { now } = target.clocks
  const current = periodAt(now, division.kind, division.zone)
  const shown = shiftPeriod(current, -(family.policy.view?.periods ?? 0))
  const wanted = periodsAhead(family, division, now, 0)
  const end = wanted.at(-1)?.to ?? current.to
  // Rows may still arrive there, so rotation makes its table also where it is empty.
  const late = periodAt(now - family.policy.late, division.kind, division.zone)
  const records = [...view.records.values()].toSorted((one, other) => (one.from ?? 0) - (other.from ?? 0))
  const isFree = ({ protection, table }: ShardRecord): boolean =>
    protection === null && target.tables.get(table) === 'table' && !target.unsettled.has(table)
  const removable: ShardRecord[] = []
  for (const record of records) {
    const isInUse = record.state === 'live' || record.state === 'sealed'
    // Shards on hold, or in an archive, have rows: the family begins with them.
    if (!isInUse && (record.state !== 'dropped' || record.archive !== null)) break
    const isPast = (record.to ?? now) <= Math.min(current.from, shown.from, late.from)
    if (!isInUse) continue
    if (!isPast || !isFree(record) || !(await target.store.isEmpty(record.table))) break
    removable.push(record)
  }
  for (const record of records)
    if ((record.state === 'live' || record.state === 'sealed') && (record.from ?? 0) >= end && isFree(record))
      if (await target.store.isEmpty(record.table)) removable.push(record)
  return removable
}

/** Removes what is removable now, under the lock. A shard that another family's table references stays. */
export async function removeEmpty(target: TargetRun, work: FamilyWork, planned: ReadonlySet<string>): Promise<void> {
  const views = target.families.map(({ view }) => view)
  for (const record of work.view.records.values())
    if (planned.has(`${work.family.name}/${record.key}`)) refuseUnsettled(target, record)
  for (const record of await findRemovable(target, work)) {
    const child = dependentsOf(work.view, views).find(({ naming }) => target.tables.has(naming.name(record.key)))
    // A person confirmed only the named ones.
    if (!planned.has(`${work.family.name}/${record.key}`)) continue
    if (child !== undefined)
      work.run.note(`\`${record.table}\` stays: \`${child.naming.name(record.key)}\` refers to it.`)
    else await removeOne(target, work, record)
  }
}

/**
 * Through its hold name, as in retirement: the RENAME waits for every transaction that has written to the table, and after it no row can arrive. If the
 * table is empty then, it is dropped; else it gets its name back.
 */
async function removeOne(target: TargetRun, work: FamilyWork, record: ShardRecord): Promise<void> {
  const { now } = target.clocks
  const hold = { table: target.store.nameHold(record, now), at: now, until: now }
  await target.write([{ ...record, state: 'holding', hold }])
  await leaveView(target, work, record.table)
  await target.rename(record.table, hold.table)
  const count = await target.store.measure(hold.table)
  const seal = { ...count, at: now }
  if (count.rows > 0) {
    await target.write([{ ...record, state: 'restoring', hold }])
    await target.rename(hold.table, record.table)
    await target.write([revive(record)])
    work.run.note(`\`${record.table}\` stays: it now has ${count.rows === 1 ? 'a row' : 'rows'}.`)
    return
  }
  await target.write([{ ...record, state: 'dropping', hold, seal }])
  await target.drop(hold.table)
  await target.write([{ ...record, state: 'dropped', hold, seal }])
  work.run.did('drop', record.table)
}
