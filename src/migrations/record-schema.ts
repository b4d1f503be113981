import type { Emit } from '../command/event.ts'
import type { DatabaseConfig } from '../config/config.ts'
import type { Target } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import {
  decideRecord,
  findDrift,
  limitToTouched,
  type NeighborChange,
  nothingTouched,
  type RecordChange,
  type RecordedDifference,
  type RecordedSchema,
  type Reverts,
  type TouchedObjects,
  touchedBy,
} from '../ddl/recorded-schema.ts'
import { carryAdvanced } from '../ddl/replayed-record.ts'
import { compareShards, withoutObjects, withoutProof } from '../ddl/shards-of-run.ts'
import type { NeighborSchema, SchemaScope, SnapshotOptions, SnapshotReading } from '../ddl/snapshot.ts'
import { unlikeRecord } from '../ddl/unlike-record.ts'
import { type Advanced, advanceBehind, describeUnknown, type ReplayBehind } from './behind-record.ts'
import { isBegunOnly } from './journal/compare-records.ts'
import { noChange } from './journal/rows.ts'
import type { Session } from './ports.ts'
import type { SchemaRecord } from './schema-record.ts'
import { findUnrecorded, refuseStale } from './stale-schema.ts'
import { TablesReadAhead } from './tables-read-ahead.ts'
import type { OpenTarget } from './targets.ts'

/** How a schema is read for its record, with the schemas of the same server that its migrations may change. */
export interface RecordOptions extends SnapshotOptions {
  readonly neighbors: readonly NeighborSchema[]
  /** Absent where statements that ran after the record cannot be replayed: what they named counts as theirs. */
  readonly replay?: ReplayBehind
}

/** What a snapshot of one of the databases leaves out, and the names it uses for the others. */
export function snapshotOptions(
  databases: readonly DatabaseConfig[],
  database: DatabaseConfig,
  scope: SchemaScope,
  replay?: ReplayBehind,
): RecordOptions {
  const others = neighborsOf(databases, database)
  const neighbors = others.map((one) => {
    const around = neighborsOf(databases, one)
    return { database: one.name, schema: one.schema, options: readingOptions(around, one.name, scope) }
  })
  return { ...readingOptions(others, database.name, scope), neighbors, ...(replay !== undefined && { replay }) }
}

function neighborsOf(databases: readonly DatabaseConfig[], { name, server }: DatabaseConfig) {
  const plain = databases.filter(({ targets }) => targets === undefined)
  return plain.filter((one) => one.name !== name && one.server.label === server.label)
}

function readingOptions(around: readonly DatabaseConfig[], name: string, scope: SchemaScope): SnapshotOptions {
  return {
    databases: new Map(around.map((one) => [one.schema, one.name])),
    isLeftOut: (object) => scope(name, object),
  }
}

/** The record of one target while a run changes its schema. */
export interface OpenRecord {
  /** What differed from the record before the first statement. */
  readonly drift: readonly RecordedDifference[]
  /** The same for the neighbors that the run changes. */
  readonly neighbors: readonly OpenNeighbor[]
  /** Tables that the run has created, to be read while it waits for the server. */
  readonly readAhead: (tables: readonly string[]) => void
  /** Any object may have been changed: what was read ahead must be read again. */
  readonly forgetAhead: () => void
  /** What the run's last write records; null where the schema cannot be read. */
  readonly finish: () => Promise<RecordChange | null>
}

/** Another database of the server that a run changes, with its record. */
interface OpenNeighbor {
  readonly neighbor: NeighborSchema
  readonly recorded: RecordedSchema
  readonly before: SnapshotReading
  readonly drift: readonly RecordedDifference[]
}

/**
 * Reads a schema before a run changes it. Needs the lock. Null where the target keeps no record, or where its schema cannot be read: that does not stop a run, and the next one that can read it records what both did. @param planned what the run's statements define, by name @param reverts where the run reverts drift
 */
export async function beginRecord(
  target: OpenTarget,
  options: RecordOptions,
  emit: Emit,
  planned: Omit<TouchedObjects, 'everything'>,
  reverts: Reverts | null = null,
): Promise<OpenRecord | null> {
  const { session, snapshot } = target
  const { record } = session
  if (record === undefined) return null
  // The journal was read under the lock, with the names of wwdb's tables: missing ones need not be read.
  const isNone = snapshot.tables?.every(({ name }) => name !== 'wwdb_schema') === true
  const found = isNone ? null : await warning(session, emit, record.read)
  if (found?.isDamaged === true && reverts === null) throw damagedRecord(session.target)
  return warning(session, emit, async () => {
    const recorded = found?.isDamaged === true ? null : found
    // Without a record, everything is recorded at the end: of the state before, only the character set of the schema matters.
    const unlike = (reading: SnapshotReading): SnapshotReading =>
      recorded === null ? reading : unlikeRecord(reading, recorded)
    const [live] = await Promise.all([
      record.readLive(recorded === null ? { ...options, isLeftOut: () => true } : options),
      recorded === null ? record.create() : undefined,
    ])
    const before = unlike(live)
    if (recorded !== null && reverts === null) await refuseStale({ session, snapshot }, { recorded, reading: before })
    const behind = recorded === null ? null : await advance(target, recorded, before, options, emit)
    const touched = behind?.touched ?? nothingTouched
    const drift = behind === null ? [] : findDrift(behind.recorded, before, touched, session.target.schema)
    const all = join(touched, planned)
    const neighbors = await openNeighbors(record, options, all, touched)
    const ahead = new TablesReadAhead((tables) => record.readAhead(tables, options))
    return {
      drift,
      neighbors,
      readAhead: (tables) => ahead.read(tables),
      forgetAhead: () => ahead.forget(),
      finish: () =>
        warning(session, emit, async () => {
          const live = unlike(await record.readLive({ ...options, ahead: await ahead.take() }))
          const { left, unfinished } = compareShards(drift, before, live, touchedBy(all, session.target.schema))
          const decided = decideBehind(recorded, behind, (given) =>
            decideRecord(given, left, before.snapshot, live, reverts),
          )
          return {
            ...(recorded === null ? withoutProof(decided, live) : withoutObjects(decided, unfinished)),
            neighbors: await changeNeighbors(record, neighbors, all),
          }
        }),
    }
  })
}

/** A row of the record was changed or removed: the record no longer proves what was changed by hand. */
function damagedRecord({ database, server }: Target): ToolError {
  return new ToolError('RECORDS_DIFFER', {
    what: `The record of the schema of \`${database}\` is damaged: \`wwdb_schema\` does not have the rows that the last run wrote.`,
    where: { database, server },
    why: 'Changes made by hand since the last run could not be distinguished from changes made by migrations.',
    next: `Restore \`wwdb_schema\` from a backup, or compare with \`wwdb drift --replay --target ${database}\` and record the schema as it is with \`wwdb repair --rebuild-record --target ${database}\`.`,
  })
}

/** Records the whole current schema, and nothing that was recorded before: the journal counts from then on. Needs the lock. */
export async function recordAnew({ session }: OpenTarget, options: RecordOptions): Promise<void> {
  const { record } = session
  if (record === undefined) return
  await record.create()
  const live = await record.readLive(options)
  await session.writeJournal({
    ...noChange,
    record: { ...withoutProof(decideRecord(null, [], live.snapshot, live), live), isWhole: true },
  })
}

/** The record updated by what ran after it; warns where that is unknown. */
async function advance(
  target: OpenTarget,
  recorded: RecordedSchema,
  reading: SnapshotReading,
  { neighbors, replay }: RecordOptions,
  emit: Emit,
): Promise<Advanced> {
  const schemas = neighbors.map(({ schema }) => schema)
  const behind = await advanceBehind(target, recorded, reading, schemas, replay)
  const { target: place } = target.session
  if (behind.why !== null)
    emit({ type: 'warning', message: describeUnknown(place.database, behind.why), target: place })
  return behind
}

/** The record of a schema, and the result of statements that ran after it. */
function decideBehind(
  recorded: RecordedSchema | null,
  behind: Advanced | null,
  decide: (recorded: RecordedSchema | null) => RecordChange,
): RecordChange {
  const change = decide(behind?.recorded ?? recorded)
  return recorded === null || behind === null ? change : carryAdvanced(change, recorded, behind.recorded)
}

type Touched = Omit<TouchedObjects, 'everything'>

const join = (one: Touched, other: Touched): Touched => ({
  elsewhere: one.elsewhere === true || other.elsewhere === true,
  objects: [...one.objects, ...other.objects],
})

/**
 * Reads the databases that statements name, or may change without a name, and that keep a record which this user may write. @param all what statements of the run touch, and what was touched before @param touched what statements did that no record has yet: it does not count as drift
 */
async function openNeighbors(
  record: SchemaRecord,
  { neighbors }: RecordOptions,
  all: Touched,
  touched: Touched,
): Promise<readonly OpenNeighbor[]> {
  const opened: OpenNeighbor[] = []
  for (const neighbor of neighbors) {
    const isNamed = all.objects.some((one) => one.schema === neighbor.schema)
    if (!isNamed && all.elsewhere !== true) continue
    const recorded = await record.readNeighbor(neighbor.schema)
    if (recorded === null || (!isNamed && !(await record.isAtRest(neighbor.schema)))) continue
    const before = await record.readLive(neighbor.options, neighbor)
    const objects = touched.objects.filter((one) => one.schema === neighbor.schema)
    const drift = findDrift(recorded, before, { everything: touched.elsewhere === true, objects }, neighbor.schema)
    opened.push({ neighbor, recorded, before, drift })
  }
  return opened
}

/** What statements changed in other databases, for their records: the same write renews these, and changes nothing else in them. */
async function changeNeighbors(
  record: SchemaRecord,
  opened: readonly OpenNeighbor[],
  all: Touched,
): Promise<readonly NeighborChange[]> {
  const changes: NeighborChange[] = []
  for (const { neighbor, recorded, before, drift } of opened) {
    const change = decideRecord(recorded, drift, before.snapshot, await record.readLive(neighbor.options, neighbor))
    // A run there has changed what it names, and records that itself.
    const elsewhere = all.elsewhere === true && (await record.isAtRest(neighbor.schema))
    const limited = limitToTouched(change, recorded, { ...all, elsewhere }, neighbor.schema)
    if (limited !== null) changes.push(limited)
  }
  return changes
}

async function warning<T>({ target }: Session, emit: Emit, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'RECORDS_DIFFER') throw error
    const why = error.faults[0]?.why ?? error.faults[0]?.what ?? error.message
    emit({ type: 'warning', message: `The schema of \`${target.database}\` is not recorded: ${why}`, target })
    return null
  }
}

/** Records what passes did that the record lacks, where there is nothing else to do. Needs the lock. */
export async function settleRecord(target: OpenTarget, options: RecordOptions, emit: Emit): Promise<void> {
  const { record } = target.session
  const recorded = (await record?.read()) ?? null
  if (recorded === null && isBegunOnly(target.snapshot))
    return void (await warning(target.session, emit, () => recordAnew(target, options)))
  if (record === undefined || recorded === null || findUnrecorded(recorded, target.snapshot.passes).length === 0) return
  const reading = await warning(target.session, emit, () => record.readLive(options))
  if (reading === null) return
  await refuseStale(target, { recorded, reading })
  await recordPresent(target, options, emit, nothingTouched)
}

/**
 * Records the current state of what passes of the journal changed, and of what a person names: everything, or objects by name. Other differences stay drift. Needs
 * the lock.
 * @param said objects that were changed without wwdb and are to be recorded as well: with `everything` a record is begun where none exists
 */
export async function recordPresent(
  target: OpenTarget,
  options: RecordOptions,
  emit: Emit,
  said: TouchedObjects,
): Promise<void> {
  const { session } = target
  const { record: store } = session
  if (store === undefined) return
  const record = await warning(session, emit, async () => {
    const recorded = await store.read()
    if (recorded === null && !said.everything) return null
    if (recorded === null) await store.create()
    const live = await store.readLive(options)
    const behind = recorded === null ? null : await advance(target, recorded, live, options, emit)
    const ran = behind?.touched ?? said
    const touched = {
      everything: ran.everything || said.everything,
      objects: [...ran.objects, ...said.objects],
    }
    const drift = behind === null ? [] : findDrift(behind.recorded, live, touched, session.target.schema)
    const neighbors = await openNeighbors(store, options, ran, ran)
    return {
      ...withoutProof(
        decideBehind(recorded, behind, (given) => decideRecord(given, drift, live.snapshot, live)),
        live,
      ),
      // The journal's account of earlier passes may have been changed, too.
      copiesFrom: 1,
      neighbors: await changeNeighbors(store, neighbors, ran),
    }
  })
  if (record !== null) await session.writeJournal({ ...noChange, record })
}
