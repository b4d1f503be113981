import type { ObjectName } from '../sql/statement.ts'
import { compareDefaults, compareDefiners, compareObjects, type ObjectDifference } from './compare-snapshots.ts'
import { foldRecord, nameAsFound } from './fold-names.ts'
import {
  type DefaultsSnapshot,
  defaultsOf,
  fingerprintObject,
  identityOf,
  listRecorded,
  normalForm,
  type ObjectType,
  objectKey,
  type RecordedSnapshot,
  type RecordedType,
  type SchemaSnapshot,
  type SnapshotReading,
} from './snapshot.ts'

/** What identifies an object in its schema. */
export interface ObjectId {
  readonly type: RecordedType
  readonly name: string
}

/** One object as the last run left it. */
export interface RecordedObject extends ObjectId {
  /** Null where a run changed what had been changed by hand before: what it should be is not known. */
  readonly fingerprint: string | null
  /** The normal form that the fingerprint is of; 0 where the user of the run could not read the object. */
  readonly form: number
  /** Null where the fingerprint is. */
  readonly definition: () => RecordedSnapshot | null
}

/** The schema of a target as wwdb left it, as the target's own table `wwdb_schema` has it. */
export interface RecordedSchema {
  /** By `objectKey`. */
  readonly objects: ReadonlyMap<string, RecordedObject>
  /** What passes of the journal after this one did is not in the record. */
  readonly through: number
  /** Of passes that were incomplete then, how many statements were closed. */
  readonly partial: ReadonlyMap<number, number>
  /** The first pass of the journal of which the record has no copy, or one of a time when it was incomplete. */
  readonly copiesFrom?: number
  /** True where a row of it was changed or taken out by other means: nothing is concluded from it. */
  readonly isDamaged?: boolean
  /** True where the case of names does not count on the server that it was written on: those of a table may be spelled otherwise where it does. */
  readonly foldsNames?: boolean
  /** True where it was written on a server that compares names otherwise than the one that it is read by: keys are those of what is there, names are as they were. */
  readonly isFolded?: boolean
}

/** What statements of the journal changed that the record does not have yet. */
export interface TouchedObjects {
  /** True where that is not known: a procedure, a module, a mark. */
  readonly everything: boolean
  /** True where other schemas of the server may be changed by what no text names: a procedure, a prepared statement. */
  readonly elsewhere?: boolean
  readonly objects: readonly ObjectName[]
}

export const nothingTouched: TouchedObjects = { everything: false, objects: [] }

/** What a run writes into a record. */
interface ObjectChanges {
  readonly put: readonly RecordedSnapshot[]
  /** Recorded as not known. */
  readonly unproven: readonly ObjectId[]
  /** Recorded as there, and not read. */
  readonly unread: readonly ObjectId[]
  readonly remove: readonly ObjectId[]
  /** The defaults of the schema before they were first changed: what a replay begins with. Null where they are as recorded. */
  readonly start: DefaultsSnapshot | null
}

/** The same with its last write to the journal. */
export interface RecordChange extends ObjectChanges {
  /** What the run changed in other databases of the server, for the records of these; absent where that is nothing. */
  readonly neighbors?: readonly NeighborChange[]
  /** The first pass of the journal that is copied into the record; absent for all of them. */
  readonly copiesFrom?: number
  /** Passes that the journal has no more because they were taken back. */
  readonly forgotten?: readonly number[]
  /** True where nothing that was recorded before stays. */
  readonly isWhole?: boolean
}

export interface NeighborChange extends ObjectChanges {
  readonly schema: string
  /** How far the journal of that database is in its record: that stays. */
  readonly through: number
}

/** How an object differs from the record. `unproven`: what it should be is not known. */
export interface RecordedDifference extends Pick<ObjectDifference, 'name' | 'parts'> {
  readonly type: RecordedType
  readonly wanted: RecordedSnapshot | null
  readonly found: RecordedSnapshot | null
  readonly key: string
  readonly change: ObjectDifference['change'] | 'unproven'
}

/**
 * The objects that are not as recorded, by type and name. Left out is what this user may not read, what was recorded in another normal form, and what
 * statements that the record does not have yet touched. Pure.
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
  const live = new Map(listRecorded(snapshot).map((object) => [objectKey(object), object]))
  const recorded = foldsNames ? foldRecord(given, live) : given
  const keys = [...new Set([...recorded.objects.keys(), ...live.keys()])].sort()
  return keys.flatMap((key): readonly RecordedDifference[] => {
    const [record, found = null] = [recorded.objects.get(key), live.get(key)]
    const { type, name } = found ?? record ?? { type: 'table', name: '' }
    if (unread.has(`${type} ${name}`) || (record !== undefined && record.form !== normalForm)) return []
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

/** Whose rights code runs with and the collation of its literals are not part of its fingerprint, and are recorded all the same. */
function isAsRecorded(record: RecordedObject, found: RecordedSnapshot): boolean {
  if (record.fingerprint !== fingerprintObject(found)) return false
  return !('definer' in found) || compareDefiners(record.definition(), found).length === 0
}

/** A record of an earlier wwdb has nothing of the schema itself. */
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
  const names = new Set(
    objects.filter((one) => one.schema === null || one.schema === schema).map(({ name }) => name.toLowerCase()),
  )
  const has = (name: string | null): boolean => name !== null && names.has(name.toLowerCase())
  return (object) => {
    if (object === null || names.size === 0) return false
    if (object.type === 'schema') return objects.some(({ type }) => type === 'schema')
    if (has(object.name)) return true
    if ('foreignKeys' in object)
      return object.foreignKeys.some(({ parent, parentDatabase }) => parentDatabase === null && has(parent))
    return 'table' in object && has(object.table)
  }
}

/** What objects are to be after `drift --revert`, by `objectKey`: fingerprints, null for those that are to be gone. */
export type Reverts = Readonly<Record<string, string | null>>

/**
 * What a run records: all there is where nothing was recorded yet, otherwise what it changed. What was drift before and is as it was stays drift; what
 * was drift and was changed by the run becomes unproven; a table that comes back from its hold is drift as before. Pure.
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
  const [was, now] = [identitiesOf(before), identitiesOf(snapshot)]
  const present = new Map(listRecorded(snapshot).map((object) => [objectKey(object), object]))
  const isFolded = foldsNames === true || given?.foldsNames === true
  const recorded = given !== null && isFolded ? foldRecord(given, present) : given
  const wasDrift = new Set(drifted.map(({ key }) => key))
  const unread = hidden.map(toId)
  const unreadKeys = new Set(unread.map(objectKey))
  const put: RecordedSnapshot[] = []
  const unproven: ObjectId[] = []
  const counted = new Set(recorded?.objects.values())
  const moved: ObjectId[] = [...(given?.objects.values() ?? [])].filter((one) => !counted.has(one)).map(idOf)
  for (const [key, object] of present) {
    const record = recorded?.objects.get(key)
    const isSame = record !== undefined && isAsRecorded(record, object) && record.form === normalForm
    const isMoved = record !== undefined && objectKey(record) !== key
    if ((isSame && !isMoved) || (wasDrift.has(key) && was.get(key) === now.get(key))) continue
    const isFound = wasDrift.has(key) || (recorded !== null && record === undefined)
    if (isFound && reverts !== null && reverts[key] !== fingerprintObject(object)) continue
    if (isMoved) moved.push(idOf(record))
    if (wasDrift.has(key) && reverts === null) unproven.push({ type: object.type, name: object.name })
    else put.push(object)
  }
  const gone = [...(recorded?.objects ?? [])].filter(([key]) => !present.has(key) && !unreadKeys.has(key))
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

/** Of a change of a record what statements touched that were another database's: all of it where they do not name what they touch. Pure. */
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

/** What `drift --accept` and `baseline` record: these objects as they are. */
export function recordAsFound(
  differences: readonly Pick<RecordedDifference, 'type' | 'name' | 'wanted' | 'found'>[],
): RecordChange {
  const put = differences.flatMap(({ found }) => (found === null ? [] : [found]))
  const remove = differences.filter(({ found }) => found === null).map(({ type, name }) => ({ type, name }))
  const [start = null] = differences.flatMap(({ wanted }) => (wanted?.type === 'schema' ? [wanted] : []))
  return { put, unproven: [], unread: [], remove, start }
}

function identitiesOf(snapshot: SchemaSnapshot): ReadonlyMap<string, string> {
  return new Map(listRecorded(snapshot).map((object) => [objectKey(object), identityOf(object)]))
}

const types: readonly ObjectType[] = ['table', 'view', 'procedure', 'function', 'trigger', 'event']

/** `procedure work`, as a reading names what it could not read. */
function toId(hidden: string): ObjectId {
  const at = hidden.indexOf(' ')
  const type = types.find((one) => one === hidden.slice(0, at))
  if (type === undefined) throw new Error(`${hidden} is no object`)
  return { type, name: hidden.slice(at + 1) }
}
