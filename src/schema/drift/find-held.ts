import type { Config } from '../../config/config.ts'
import type { SchemaScope, SnapshotReading } from '../../ddl/snapshot.ts'
import { snapshotOptions } from '../../migrations/record-schema.ts'
import type { OpenTarget } from '../../migrations/targets.ts'
import { readDriftHold } from '../../shards/shard.ts'

const day = 86_400_000

/** When a grace that begins at a time ends: after the day of its start, because the hold name contains no time. Milliseconds. */
export function endOfGrace(heldAt: number, grace: number): number {
  return Math.floor(heldAt / day) * day + day + grace
}

/** A table that `drift --revert` renamed aside. */
export interface TableAside {
  readonly database: string
  /** Its current name: `_hold_20261128_1f0c22aa_notes`. */
  readonly table: string
  /** Its own name. */
  readonly name: string
  /** When it was renamed, and until when it is kept at least. */
  readonly since: string
  readonly until: string
}

/**
 * The tables of one database that drift renamed aside, by their own names. A longer name was cut: the journal has it in full.
 */
export async function findAside(
  target: OpenTarget,
  { leftOut }: Pick<SnapshotReading, 'leftOut'>,
  grace: number,
): Promise<readonly TableAside[]> {
  const tables = leftOut.filter((name) => name.startsWith('_hold_'))
  const candidates = tables.some((table) => readDriftHold(table, []) === null) ? await readNames(target) : []
  const found = tables.flatMap((table): readonly TableAside[] => {
    const hold = readDriftHold(table, candidates)
    if (hold === null) return []
    const { name, heldAt } = hold
    const [since, until] = [heldAt, endOfGrace(heldAt, grace)].map((at) => new Date(at).toISOString())
    return [{ database: target.database.name, table, name, since: since ?? '', until: until ?? '' }]
  })
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
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
): Promise<readonly TableAside[]> {
  const reading = await target.session.record?.readLive(snapshotOptions(config.databases, target.database, scope))
  return reading === undefined ? [] : findAside(target, reading, config.drift.grace)
}
