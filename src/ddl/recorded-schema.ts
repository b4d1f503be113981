import type { ObjectName } from '../sql/statement.ts'
import { isAsRecorded, isComparable } from './as-recorded.ts'
import { compareDefaults, compareObjects, type ObjectDifference } from './compare-snapshots.ts'
import { foldRecord, nameAsFound } from './fold-names.ts'
import {
  type DefaultsSnapshot,
  defaultsOf,
  fingerprintObject,
  identityOf,
  isVschemaType,
  listRecorded,
  type ObjectType,
  objectKey,
  type RecordedSnapshot,
  type RecordedType,
  type SchemaSnapshot,
  type SnapshotReading,
} from './snapshot.ts'
import { isRoutedPart } from './vschema-snapshot.ts'

/** What identifies an object in its schema. */
export interface ObjectId {
  readonly type: RecordedType
  readonly name: string
}

/** One object as the last run left it. */
export interface RecordedObject extends ObjectId {
  /** Null where a run changed an object that had been changed by hand before: what it should be is unknown. */
  readonly fingerprint: string | null
  /** The number of the normal form of the fingerprint, or `textForm`; 0 where the user of the run could not read the object. */
  readonly form: number
  /** Null where the fingerprint is. */
  readonly definition: () => RecordedSnapshot | null
}

/** The schema of a target as wwdb left it, read from the target's own table `wwdb_schema`. */
export interface RecordedSchema {
  /** By `objectKey`. */
  readonly objects: ReadonlyMap<string, RecordedObject>
  /** Passes of the journal after this one are not in the record. */
  readonly through: number
  /** How many statements were complete in passes that were incomplete then. */
  readonly partial: ReadonlyMap<number, number>
  /** The first pass of the journal of which the record has no copy, or only one from when it was incomplete. */
  readonly copiesFrom?: number
  /** True where one of its rows was changed or removed by other means: then nothing is concluded from it. */
  readonly isDamaged?: boolean
  /** True where the server that wrote it ignores the case of names: a server that does not may spell the names of a table differently. */
  readonly foldsNames?: boolean
  /** True where the server that wrote it compares names differently from the one that reads it: keys are those of existing objects, names are as they were. */
  readonly isFolded?: boolean
}

/** Changes of statements in the journal that the record does not contain yet. */
export interface TouchedObjects {
  /** True where they are unknown: a procedure, a module, a mark. */
  readonly everything: boolean
  /**
   * True where other schemas of the server may have been changed by something that no text names: a procedure, a
   * prepared statement.
   */
  readonly elsewhere?: boolean
  readonly objects: readonly ObjectName[]
}

export const nothingTouched: TouchedObjects = { everything: false, objects: [] }

/** What a run writes into a record. */
interface ObjectChanges {
  readonly put: readonly RecordedSnapshot[]
  /** Recorded as unknown. */
  readonly unproven: readonly ObjectId[]
  /** Recorded as existing, but not read. */
  readonly unread: readonly ObjectId[]
  readonly remove: readonly ObjectId[]
  /** The defaults of the schema before they were first changed: a replay begins with them. Null where they are as recorded. */
  readonly start: DefaultsSnapshot | null
}

/** The same with its last write to the journal. */
export interface RecordChange extends ObjectChanges {
  /** What the run changed in other databases of the server, for their records; absent where it changed nothing. */
  readonly neighbors?: readonly NeighborChange[]
  /** The first pass of the journal that is copied into the record; absent for all of them. */
  readonly copiesFrom?: number
  /** Passes that the journal no longer has because they were reverted. */
  readonly forgotten?: readonly number[]
  /** True where nothing that was recorded before stays. */
  readonly isWhole?: boolean
}

export interface NeighborChange extends ObjectChanges {
  readonly schema: string
  /** How much of that database's journal is in its record: this is kept. */
  readonly through: number
}

/** How an object differs from the record. `unproven`: what it should be is unknown. */
export interface RecordedDifference extends Pick<ObjectDifference, 'name' | 'parts'> {
  readonly type: RecordedType
  readonly wanted: RecordedSnapshot | null
  readonly found: RecordedSnapshot | null
  readonly key: string
  readonly change: ObjectDifference['change'] | 'unproven'
}

/**
 * The objects that differ from the record, by type and name. Objects are left out that this user may not read, that were recorded in another normal form, or that were touched by statements that the record does not contain yet. Pure.
 * @param schema the target's own, as names in the journal are qualified
 */
export function findDrift(
  given: RecordedSchema,
  reading: SnapshotReading,
  touched: TouchedObjects,
  schema: string,
): readonly RecordedDifference[] {
  if (touched.everything) return []
  const { snapshot, hidden } = reading
  const foldsNames = reading.foldsNames === true || given.foldsNames === true
  const isTouched = touchedBy(touched, schema)
  const unread = new Set(hidden)
  const live = objectsOf(snapshot)
  const recorded = foldsNames ? foldRecord(given, live) : given
  const isOne = hasVschema(given) && snapshot.vschema !== undefined
  const isKnown = (key: string): boolean => isOne || !isVschemaType(key.split(' ')[0] ?? '')
  const keys = [...new Set([...recorded.objects.keys(), ...live.keys()])].filter(isKnown).sort()
  return keys.flatMap((key): readonly RecordedDifference[] => {
    const [record, found = null] = [recorded.objects.get(key), live.get(key)]
    const { type, name } = found ?? record ?? { type: 'table', name: '' }
    if (unread.has(`${type} ${name}`) || (record !== undefined && !isComparable(record))) return []
    if (record !== undefined && found !== null && isAsRecorded(record, found)) return []
    const was = record?.definition() ?? null
    const isFolded = foldsNames && found !== null && (recorded.isFolded === true || found.type === 'table')
    const wanted = isFolded ? nameAsFound(was, found) : was
    if (isTouched(found) || isTouched(wanted) || isTouched({ type, name })) return []
    if (record !== undefined && record.fingerprint === null)
      return [{ key, type, name, change: 'unproven', wanted: null, found, parts: [] }]
    return compareRecorded(wanted, found).map((one) => ({ ...one, key }))
  })
}

/** A record of an earlier wwdb has nothing about the VSchema of its keyspace. */
export const hasVschema = ({ objects }: Pick<RecordedSchema, 'objects'>): boolean =>
  objects.has(objectKey({ type: 'keyspace', name: '' }))

/** A record of an earlier wwdb has nothing about the schema itself. */
function compareRecorded(
  wanted: RecordedSnapshot | null,
  found: RecordedSnapshot | null,
): readonly Omit<RecordedDifference, 'key'>[] {
  if (wanted?.type !== 'schema' && found?.type !== 'schema') {
    const present = wanted ?? found
    return present === null ? [] : compareObjects(wanted, found, true).map((one) => ({ ...one, type: present.type }))
  }
  if (wanted?.type !== 'schema' || found?.type !== 'schema') return []
  const parts = compareDefaults(wanted, found)
  return parts.length === 0 ? [] : [{ type: 'schema', name: found.name, change: 'differs', wanted, found, parts }]
}

type Named = RecordedSnapshot | ObjectId | null

/**
 * Whether a statement that names some objects may have changed another one: triggers and foreign keys change with the table that they name.
 * @param schema null where every name counts as the target's own
 */
export function touchedBy({ objects }: Pick<TouchedObjects, 'objects'>, schema: string): (object: Named) => boolean {
  const own = objects.filter((one) => one.schema === null || one.schema === schema)
  const namesOf = (isWanted: (type: string) => boolean): ReadonlySet<string> =>
    new Set(own.filter(({ type }) => isWanted(type)).map(({ name }) => name.toLowerCase()))
  const ofVschema = namesOf(isVschemaType)
  const names = namesOf((type) => !isVschemaType(type))
  const has = (name: string | null): boolean => name !== null && names.has(name.toLowerCase())
  return (object) => {
    if (object === null) return false
    // A table and what the VSchema says of it change by different statements.
    if (isVschemaType(object.type)) return ofVschema.has(object.name.toLowerCase())
    if (names.size === 0) return false
    if (object.type === 'schema') return objects.some(({ type }) => type === 'schema')
    if (has(object.name)) return true
    if ('foreignKeys' in object)
      return object.foreignKeys.some(({ parent, parentDatabase }) => parentDatabase === null && has(parent))
    return 'table' in object && has(object.table)
  }
}

/** What objects must be after `drift --revert`, by `objectKey`: fingerprints, null for objects that must not exist. */
export type Reverts = Readonly<Record<string, string | null>>

/**
 * What a run records: everything where nothing was recorded yet, otherwise its changes. Drift that the run did not change stays drift; drift that it changed becomes unproven; a table that returns from its hold is drift as before. Pure.
 * @param drifted what differed from the record when the run began
 * @param before the schema at that time, also where nothing was recorded yet
 * @param reverts where the run was to take drift back: what it did not take back stays drift
 */
export function decideRecord(
  given: RecordedSchema | null,
  drifted: readonly RecordedDifference[],
  before: SchemaSnapshot,
  { snapshot, hidden, foldsNames }: SnapshotReading,
  reverts: Reverts | null = null,
): RecordChange {
  const [was, present] = [objectsOf(before), objectsOf(snapshot)]
  const identity = (object: RecordedSnapshot | undefined): string => (object === undefined ? '' : identityOf(object))
  const isFolded = foldsNames === true || given?.foldsNames === true
  const recorded = given !== null && isFolded ? foldRecord(given, present) : given
  const wasDrift = new Set(drifted.map(({ key }) => key))
  const unread = hidden.map(toId)
  const unreadKeys = new Set(unread.map(objectKey))
  const put: RecordedSnapshot[] = []
  const unproven: ObjectId[] = []
  const counted = new Set(recorded?.objects.values())
  const moved: ObjectId[] = [...(given?.objects.values() ?? [])].filter((one) => !counted.has(one)).map(idOf)
  for (const [key, object] of [...present].filter(([, one]) => !isRoutedPart(one))) {
    const record = recorded?.objects.get(key)
    const isSame = record !== undefined && isComparable(record) && isAsRecorded(record, object)
    const isMoved = record !== undefined && objectKey(record) !== key
    if ((isSame && !isMoved) || (wasDrift.has(key) && identity(was.get(key)) === identity(object))) continue
    const hasSuch = recorded !== null && (hasVschema(recorded) || !isVschemaType(object.type))
    const isFound = wasDrift.has(key) || (hasSuch && record === undefined)
    if (isFound && reverts !== null && reverts[key] !== fingerprintObject(object)) continue
    if (isMoved) moved.push(idOf(record))
    if (wasDrift.has(key) && reverts === null) unproven.push({ type: object.type, name: object.name })
    else put.push(object)
  }
  const isRead = ([key, one]: readonly [string, ObjectId]): boolean =>
    !unreadKeys.has(key) && (snapshot.vschema !== undefined || !isVschemaType(one.type))
  const gone = [...(recorded?.objects ?? [])].filter((one) => isRead(one) && !present.has(one[0]))
  return {
    put,
    unproven,
    unread: unread.filter((one) => recorded?.objects.get(objectKey(one)) === undefined),
    remove: [
      ...moved,
      ...gone
        .filter(([key]) => !(wasDrift.has(key) && (reverts === null ? !was.has(key) : reverts[key] !== null)))
        .map(([, one]) => idOf(one)),
    ],
    start: findStart(recorded === null ? defaultsOf(before) : recordedDefaults(recorded), snapshot),
    ...(recorded?.copiesFrom !== undefined && { copiesFrom: recorded.copiesFrom }),
  }
}

const idOf = ({ type, name }: RecordedObject): ObjectId => ({ type, name })

function recordedDefaults({ objects }: RecordedSchema): RecordedSnapshot | null {
  return objects.get(objectKey({ type: 'schema', name: '' }))?.definition() ?? null
}

function findStart(was: RecordedSnapshot | null, snapshot: SchemaSnapshot): DefaultsSnapshot | null {
  return was?.type === 'schema' && fingerprintObject(was) !== fingerprintObject(defaultsOf(snapshot)) ? was : null
}

/** The part of a change of a record that another database's statements touched: all of it where they do not name what they touch. Pure. */
export function limitToTouched(
  change: RecordChange,
  recorded: RecordedSchema,
  touched: Omit<TouchedObjects, 'everything'>,
  schema: string,
): NeighborChange | null {
  // Unqualified names are those of the other database.
  const isNamed = touchedBy({ objects: touched.objects.filter((one) => one.schema !== null) }, schema)
  const isTouched = (id: ObjectId): boolean =>
    touched.elsewhere === true || isNamed(id) || isNamed(recorded.objects.get(objectKey(id))?.definition() ?? null)
  const limited = {
    put: change.put.filter((object) => isNamed(object) || isTouched(object)),
    unproven: change.unproven.filter(isTouched),
    unread: [],
    remove: change.remove.filter(isTouched),
    start: change.start,
  }
  const isNothing = limited.put.length + limited.unproven.length + limited.remove.length === 0
  return isNothing ? null : { ...limited, schema, through: recorded.through }
}

/** A change of nothing: with it, the record learns how far the journal is. */
export const noRecordChange: RecordChange = { put: [], unproven: [], unread: [], remove: [], start: null }

/** What `drift --accept` and `baseline` record: these objects in their current state. */
export function recordAsFound(
  differences: readonly Pick<RecordedDifference, 'type' | 'name' | 'wanted' | 'found'>[],
): RecordChange {
  const put = differences.flatMap(({ found }) => (found === null ? [] : [found]))
  const remove = differences.filter(({ found }) => found === null).map(({ type, name }) => ({ type, name }))
  const [start = null] = differences.flatMap(({ wanted }) => (wanted?.type === 'schema' ? [wanted] : []))
  return { put, unproven: [], unread: [], remove, start }
}

const objectsOf = (snapshot: SchemaSnapshot): ReadonlyMap<string, RecordedSnapshot> =>
  new Map(listRecorded(snapshot).map((object) => [objectKey(object), object]))

const types: readonly ObjectType[] = ['table', 'view', 'procedure', 'function', 'trigger', 'event']

/** `procedure work`, the form in which a reading names what it could not read. */
function toId(hidden: string): ObjectId {
  const at = hidden.indexOf(' ')
  const type = types.find((one) => one === hidden.slice(0, at))
  if (type === undefined) throw new Error(`${hidden} is no object`)
  return { type, name: hidden.slice(at + 1) }
}
