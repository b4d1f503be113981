import type { Config } from '../../config/config.ts'
import type { SchemaScope, SnapshotReading } from '../../ddl/snapshot.ts'
import { type OnlineServerOf, readKeptByChanges } from '../../migrations/online-changes.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import { readRetiredRecords } from '../../migrations/retired-records.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { readUndoRecords } from '../../migrations/undo/read-records.ts'
import { readDriftHold } from '../../shards/shard.ts'
import { readSplitTables } from '../../shards/split/split-names.ts'

const day = 86_400_000

/** When a grace that begins at a time ends: after the day of its start, because the hold name contains no time. Milliseconds. */
export function endOfGrace(heldAt: number, grace: number): number {
  return Math.floor(heldAt / day) * day + day + grace
}

/** A table that `drift --revert` renamed aside, or that an online change keeps, or in which a batch keeps rows as they were. */
export interface TableAside {
  readonly database: string
  /** Its current name: `_hold_20261128_1f0c22aa_notes`. */
  readonly table: string
  /** Its own name. */
  readonly name: string
  /** When it was renamed, and until when it is kept at least. */
  readonly since: string
  readonly until: string
  /** The version of the migration whose online change keeps it; null for one that `drift --revert` renamed. */
  readonly change: string | null
  /** Present where that change was taken back: the table is as the change had made it. */
  readonly takenBack?: true
  /** Present where a revert of that change ended without putting the table back: rows that were written since may have been carried to it. */
  readonly hasCarried?: true
  /** Present where a migration retired it: `wwdb retire run` drops it, and `held --drop` never does. */
  readonly isRetired?: true
  /** Where a batch keeps rows in it, under its own name: of which table, and of which migration. One of a batch that is not complete is never dropped. */
  readonly undo?: {
    readonly table: string
    readonly version: string
    readonly isComplete: boolean
    readonly isAdded?: true
  }
}

/** Whether its time has ended by a clock, in milliseconds since the epoch. What is retired is dropped by its proof alone. The chunks of a batch that is not complete go on in its table. */
export const hasEnded = (
  { until, undo, isRetired }: Pick<TableAside, 'until' | 'undo' | 'isRetired'>,
  now: number,
): boolean => Date.parse(until) <= now && undo?.isComplete !== false && isRetired !== true

/**
 * The tables of one database that drift renamed aside or that online changes keep, by their own names. A longer name was cut: the journal has it in full.
 */
export async function findAside(
  target: OpenTarget,
  { leftOut }: Pick<SnapshotReading, 'leftOut'>,
  grace: number,
  online: () => Promise<OnlineServerOf>,
): Promise<readonly TableAside[]> {
  const tables = leftOut.filter((name) => name.startsWith('_hold_'))
  const candidates = tables.some((table) => readDriftHold(table, []) === null) ? await readNames(target) : []
  const found = tables.flatMap((table): readonly TableAside[] => {
    const hold = readDriftHold(table, candidates)
    if (hold === null) return []
    const { name, heldAt } = hold
    const [since, until] = [heldAt, endOfGrace(heldAt, grace)].map((at) => new Date(at).toISOString())
    return [{ database: target.database.name, table, name, since: since ?? '', until: until ?? '', change: null }]
  })
  const others = tables.filter((table) => !found.some((one) => one.table === table))
  const retired = leftOut.includes('wwdb_retired') ? await findRetired(target, others) : []
  const split = await findSplit(target, leftOut)
  const left = others.filter((table) => ![...retired, ...split].some((one) => one.table === table))
  const kept = left.length === 0 ? [] : await findKept(target, left, await online())
  const rows = leftOut.includes('wwdb_undo') ? await findRows(target) : []
  return [...found, ...retired, ...split, ...kept, ...rows].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Tables whose split was confirmed. One that can be taken back is not on hold until its time ends. */
async function findSplit(
  { database, session }: OpenTarget,
  leftOut: readonly string[],
): Promise<readonly TableAside[]> {
  const splits = await readSplitTables(session, leftOut)
  return splits.flatMap(({ table: name, hold, keptUntil }): readonly TableAside[] => {
    if (keptUntil === null || !leftOut.includes(hold)) return []
    const day = /^_hold_(\d{4})(\d\d)(\d\d)_/.exec(hold)
    const since = `${day?.slice(1).join('-')}T00:00:00.000Z`
    return [
      { database: database.name, table: hold, name, since, until: new Date(keptUntil).toISOString(), change: null },
    ]
  })
}

/** Tables that migrations retired. */
async function findRetired(
  { database, session }: OpenTarget,
  tables: readonly string[],
): Promise<readonly TableAside[]> {
  const records = await readRetiredRecords(session)
  return records.flatMap(({ hold, table: name, since, grace, version }): readonly TableAside[] => {
    if (!tables.includes(hold)) return []
    const [from = '', until = ''] = [since, since + grace].map((at) => new Date(at).toISOString())
    return [{ database: database.name, table: hold, name, since: from, until, change: version, isRetired: true }]
  })
}

/** The tables in which batches keep rows. */
async function findRows({ database, session }: OpenTarget): Promise<readonly TableAside[]> {
  const records = (await readUndoRecords(session.readRows)).filter(({ isThere }) => isThere)
  return records.map(({ name, since, keptUntil, version, kept, state }) => ({
    database: database.name,
    table: name,
    name,
    since: new Date(since).toISOString(),
    until: new Date(keptUntil).toISOString(),
    change: null,
    undo: {
      table: kept.table,
      version,
      isComplete: state !== 'keeping',
      ...(kept.verb === 'INSERT' ? { isAdded: true as const } : {}),
    },
  }))
}

/** Tables that online changes keep, by the records of these. */
async function findKept(
  { database, session }: OpenTarget,
  tables: readonly string[],
  serverOf: OnlineServerOf,
): Promise<readonly TableAside[]> {
  const kept = await readKeptByChanges(serverOf(session))
  return kept.flatMap(
    ({ hold, table: name, since, keptUntil, version, isTakenBack, hasCarried }): readonly TableAside[] => {
      if (!tables.includes(hold)) return []
      const [from = '', until = ''] = [since ?? 0, keptUntil].map((at) => new Date(at).toISOString())
      const more = {
        ...(isTakenBack && { takenBack: true as const }),
        ...(hasCarried && { hasCarried: true as const }),
      }
      return [{ database: database.name, table: hold, name, since: from, until, change: version, ...more }]
    },
  )
}

async function readNames({ session, snapshot }: OpenTarget): Promise<readonly string[]> {
  const passes = snapshot.passes.filter(({ kind }) => kind === 'drift').map(({ pass }) => pass)
  const touched = await session.record?.readTouched(passes, [])
  return touched?.objects.map(({ name }) => name) ?? []
}

/** The same for a database that is read only for them. */
export async function readAside(
  config: Config,
  target: OpenTarget,
  scope: SchemaScope,
  online: () => Promise<OnlineServerOf>,
): Promise<readonly TableAside[]> {
  const reading = await target.session.record?.readLive(snapshotOptions(config.databases, target.database, scope))
  return reading === undefined ? [] : findAside(target, reading, config.drift.grace, online)
}
