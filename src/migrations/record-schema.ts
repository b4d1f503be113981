import type { DatabaseConfig } from '../config/config.ts'
import type { Emit } from '../core/event.ts'
import { ToolError } from '../core/tool-error.ts'
import {
  decideRecord,
  findDrift,
  nothingTouched,
  type RecordChange,
  type RecordedDifference,
  type RecordedSchema,
  type Reverts,
  type TouchedObjects,
} from '../sql/recorded-schema.ts'
import type { SchemaScope, SchemaSnapshot, SnapshotOptions } from '../sql/snapshot.ts'
import type { Pass } from './journal/journal.ts'
import { noChange } from './journal/rows.ts'
import type { Session } from './ports.ts'
import type { OpenTarget } from './targets.ts'

/** What a snapshot of one of the databases leaves out, and how it names the others. */
export function snapshotOptions(
  databases: readonly DatabaseConfig[],
  { name, server }: DatabaseConfig,
  scope: SchemaScope,
): SnapshotOptions {
  const neighbors = databases.filter((one) => one.name !== name && one.server.label === server.label)
  return {
    databases: new Map(neighbors.map((one) => [one.schema, one.name])),
    isLeftOut: (object) => scope(name, object),
  }
}

/**
 * Passes of the journal that did something which the record does not have yet: those of a run that was killed, or of an earlier wwdb. Statements that take
 * drift back lead to what is recorded: an object that they were to change is as it should be, or still drift.
 */
export function findUnrecorded({ through, partial }: RecordedSchema, passes: readonly Pass[]): readonly number[] {
  return passes
    .filter(({ pass, closed, open, kind }) => {
      const known = partial.get(pass)
      if (kind === 'seed' || kind === 'drift') return false
      return pass > through || (known !== undefined && closed > known) || open > 0
    })
    .map(({ pass }) => pass)
}

/** The record of one target while a run changes its schema. */
export interface OpenRecord {
  /** What differed from the record before the first statement. */
  readonly drift: readonly RecordedDifference[]
  /** What the run's last write records; null where the schema cannot be read. */
  readonly finish: () => Promise<RecordChange | null>
}

const emptySnapshot = { format: 1, database: '', charset: '', collation: '', objects: [] } satisfies SchemaSnapshot

/**
 * Looks at a schema before a run changes it. Needs the lock. Null where the target keeps no record, or where its schema cannot be read: that stops
 * no run, and the next one that can read it records what both did.
 * @param reverts where the run takes drift back
 */
export async function beginRecord(
  { session, snapshot }: OpenTarget,
  options: SnapshotOptions,
  emit: Emit,
  reverts: Reverts | null = null,
): Promise<OpenRecord | null> {
  const { record, target } = session
  if (record === undefined) return null
  return warning(session, emit, async () => {
    const recorded = await record.read()
    if (recorded === null) await record.create()
    const before = recorded === null ? null : await record.readLive(options)
    const touched =
      recorded === null ? nothingTouched : await record.readTouched(findUnrecorded(recorded, snapshot.passes))
    const drift = recorded === null || before === null ? [] : findDrift(recorded, before, touched, target.schema)
    return {
      drift,
      finish: () =>
        warning(session, emit, async () =>
          decideRecord(recorded, drift, before?.snapshot ?? emptySnapshot, await record.readLive(options), reverts),
        ),
    }
  })
}

async function warning<T>({ target }: Session, emit: Emit, work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const why = error.faults[0]?.why ?? error.faults[0]?.what ?? error.message
    emit({ type: 'warning', message: `The schema of \`${target.database}\` is not recorded: ${why}`, target })
    return null
  }
}

/** Records what passes did that the record does not have yet, where there is nothing else to do. Needs the lock. */
export async function settleRecord(target: OpenTarget, options: SnapshotOptions, emit: Emit): Promise<void> {
  const recorded = await target.session.record?.read()
  if (recorded === undefined || recorded === null) return
  if (findUnrecorded(recorded, target.snapshot.passes).length > 0)
    await recordPresent(target, options, emit, nothingTouched)
}

/**
 * Records as it is what passes of the journal did, and what else a person says: everything, or objects by name. What differs otherwise stays drift. Needs
 * the lock.
 * @param said what was done without wwdb and counts as done by it: with `everything` a record is begun where there is none
 */
export async function recordPresent(
  { session, snapshot }: OpenTarget,
  options: SnapshotOptions,
  emit: Emit,
  said: TouchedObjects,
): Promise<void> {
  const { record: store, target } = session
  if (store === undefined) return
  const record = await warning(session, emit, async () => {
    const recorded = await store.read()
    if (recorded === null && !said.everything) return null
    if (recorded === null) await store.create()
    const ran = recorded === null ? said : await store.readTouched(findUnrecorded(recorded, snapshot.passes))
    const touched = {
      everything: ran.everything || said.everything,
      objects: [...ran.objects, ...said.objects],
    }
    const live = await store.readLive(options)
    const drift = recorded === null ? [] : findDrift(recorded, live, touched, target.schema)
    return decideRecord(recorded, drift, live.snapshot, live)
  })
  if (record !== null) await session.writeJournal({ ...noChange, record })
}
