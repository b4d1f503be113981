import type { SnapshotReading, TableSnapshot } from '../ddl/snapshot.ts'
import { endOfRetirement, isAsLeft, selectPresence, toPresence } from '../operate/retire/presence.ts'
import { existsRegistry, isWaiting, type RetiredRecord, selectRecords, toRecord } from '../operate/retire/record.ts'
import { nameRetired } from '../operate/retire/retirement.ts'
import type { RetiredName } from './journal/retired-name.ts'
import type { Session } from './ports.ts'
import { hasRetired } from './retirements.ts'
import type { OpenTarget } from './targets.ts'

/** What was retired in a target, oldest first; none where there was never anything. */
export async function readRetiredRecords(session: Pick<Session, 'readRows'>): Promise<readonly RetiredRecord[]> {
  const [[exists = '0'] = []] = await session.readRows(existsRegistry)
  return exists === '0' ? [] : (await session.readRows(selectRecords)).map(toRecord)
}

/** What is retired now, and waits for its drop: without what was put back or dropped by hand. */
export async function readWaiting(session: Pick<Session, 'readRows'>): Promise<readonly RetiredRecord[]> {
  const waiting: RetiredRecord[] = []
  for (const record of await readRetiredRecords(session))
    if (isWaiting(record) && isAsLeft(record, toPresence(await session.readRows(selectPresence(record)))))
      waiting.push(record)
  return waiting
}

/** The same as answers show it; asks nothing where nothing was ever retired. */
export async function listRetired(
  { snapshot, session }: Pick<OpenTarget, 'snapshot' | 'session'>,
  now: number,
): Promise<readonly RetiredName[]> {
  if (!hasRetired(snapshot)) return []
  return (await readWaiting(session)).map((record) => {
    const until = endOfRetirement(record)
    return {
      ...{ name: nameRetired(record), type: record.type, isHidden: record.isHidden },
      ...{ until: new Date(until).toISOString(), isDue: until <= now },
    }
  })
}

/** A reading of a schema without what its migrations have dropped by their texts, and what is only hidden. */
export async function withoutRetired(
  session: Pick<Session, 'readRows'>,
  reading: SnapshotReading,
): Promise<SnapshotReading> {
  if (!reading.leftOut.includes('wwdb_retired')) return reading
  const hidden = (await readRetiredRecords(session)).filter((one) => one.part !== null && isWaiting(one))
  const objects = reading.snapshot.objects.map((object) =>
    object.type === 'table' ? withoutParts(object, hidden) : object,
  )
  return { ...reading, snapshot: { ...reading.snapshot, objects } }
}

function withoutParts(table: TableSnapshot, hidden: readonly RetiredRecord[]): TableSnapshot {
  const of = (type: RetiredRecord['type']): readonly string[] =>
    hidden.flatMap((one) => (one.type === type && one.table === table.name ? [(one.part ?? '').toLowerCase()] : []))
  const [columns, indexes] = [of('column'), of('index')]
  if (columns.length + indexes.length === 0) return table
  const isDropped = (name: string): boolean => columns.includes(name.toLowerCase())
  return {
    ...table,
    columns: table.columns.filter(({ name }) => !isDropped(name)),
    // An index goes with the last of its columns.
    indexes: table.indexes.filter(
      (index) => !indexes.includes(index.name.toLowerCase()) && !index.columns.every(isDropped),
    ),
  }
}
