import { tokenize } from '../sql/tokens.ts'
import { compareObjects, compareSnapshots } from './compare-snapshots.ts'
import type { RecordChange, RecordedDifference, RecordedObject, RecordedSchema } from './recorded-schema.ts'
import {
  defaultsOf,
  fingerprintObject,
  isOfShard,
  isVschemaType,
  listRecorded,
  normalForm,
  type ObjectSnapshot,
  objectKey,
  type RecordedSnapshot,
  type SchemaSnapshot,
} from './snapshot.ts'

/** Whether statements that ran after a record was written may have changed an object. */
type IsTouched = (object: RecordedSnapshot | Pick<RecordedSnapshot, 'type' | 'name'> | null) => boolean

/**
 * The recorded objects that statements need in a scratch schema: those that they change, and those that both name. Pure.
 * @param texts the statements
 */
export function chooseNeeded(
  { objects }: Pick<RecordedSchema, 'objects'>,
  texts: readonly string[],
  isTouched: IsTouched,
): readonly ObjectSnapshot[] {
  const left = [...objects.values()].filter(
    ({ type, fingerprint }) => type !== 'schema' && !isVschemaType(type) && fingerprint !== null,
  )
  const names = new Set<string>()
  const readNames = (text: string): void => {
    for (const token of tokenize(text)) names.add(token.text.toLowerCase())
  }
  for (const text of texts) readNames(text)
  const chosen = new Map<RecordedObject, ObjectSnapshot>()
  for (let before = -1; before < chosen.size; ) {
    before = chosen.size
    for (const record of left) {
      if (chosen.has(record)) continue
      const definition = record.definition()
      if (definition === null || !isOfShard(definition)) continue
      const isNeeded = names.has(record.name.toLowerCase()) || isTouched(record) || isTouched(definition)
      if (!isNeeded) continue
      chosen.set(record, definition)
      if (definition.type !== 'table') readNames(definition.text)
      else for (const { parent } of definition.foreignKeys) names.add(parent.toLowerCase())
    }
  }
  return [...chosen.values()]
}

/**
 * A record updated with the result of statements in a scratch schema. Objects that they did not touch stay as recorded. Pure. @param variants their possible results; where there are several, the one nearest to the current schema counts @param live the current schema
 */
export function advanceRecord(
  recorded: RecordedSchema,
  variants: readonly SchemaSnapshot[],
  live: SchemaSnapshot,
  isTouched: IsTouched,
): RecordedSchema {
  const made = variants.map((one) => new Map(listRecorded(one).map((object) => [objectKey(object), object])))
  const present = new Map(listRecorded(live).map((object) => [objectKey(object), object]))
  const objects = new Map(recorded.objects)
  for (const key of new Set([...objects.keys(), ...made.flatMap((one) => [...one.keys()])])) {
    const record = objects.get(key)
    // No scratch schema has a VSchema.
    if ((record !== undefined && record.fingerprint === null) || isVschemaType(key.split(' ')[0] ?? '')) continue
    const was = record?.definition() ?? null
    const [first = null, ...others] = made.map((one) => one.get(key) ?? null)
    if (![record ?? null, was, first].some(isTouched)) continue
    const found = present.get(key) ?? null
    const nearest = others.reduce((best, one) => (distance(one, found) < distance(best, found) ? one : best), first)
    const chosen = keepDefiner(nearest, was, found)
    if (chosen === null) objects.delete(key)
    else objects.set(key, toRecord(chosen))
  }
  return { ...recorded, objects }
}

/** In how many parts two forms of an object differ. */
function distance(one: RecordedSnapshot | null, other: RecordedSnapshot | null): number {
  if (one === null || other === null || !isOfShard(one) || !isOfShard(other)) return one === other ? 0 : 1
  return compareObjects(one, other).reduce((sum, { parts }) => sum + Math.max(1, parts.length), 0)
}

const isSame = (one: RecordedSnapshot, other: RecordedSnapshot): boolean =>
  fingerprintObject(one) === fingerprintObject(other)

function toRecord(object: RecordedSnapshot): RecordedObject {
  const { type, name } = object
  return { type, name, fingerprint: fingerprintObject(object), form: normalForm, definition: () => object }
}

/**
 * In a scratch schema the definer of code is the user who runs it: objects that the statements left alone keep the recorded definer,
 * objects that they created get the existing one.
 */
function keepDefiner(
  made: RecordedSnapshot | null,
  was: RecordedSnapshot | null,
  found: RecordedSnapshot | null,
): RecordedSnapshot | null {
  if (made === null || !('definer' in made)) return made
  const from = was !== null && isSame(was, made) ? was : found
  return from !== null && 'definer' in from ? { ...made, definer: from.definer } : made
}

/**
 * A change of a record with the result of statements that ran after it, where the change says nothing else about it.
 * Pure.
 */
export function carryAdvanced(change: RecordChange, recorded: RecordedSchema, advanced: RecordedSchema): RecordChange {
  const said = new Set([...change.put, ...change.unproven, ...change.remove].map(objectKey))
  const put = [...advanced.objects].flatMap(([key, object]): readonly RecordedSnapshot[] => {
    const definition = said.has(key) || recorded.objects.get(key) === object ? null : object.definition()
    return definition === null ? [] : [definition]
  })
  const remove = [...recorded.objects]
    .filter(([key]) => !said.has(key) && !advanced.objects.has(key))
    .map(([, { type, name }]) => ({ type, name }))
  return { ...change, put: [...change.put, ...put], remove: [...change.remove, ...remove] }
}

/** The differences from what the migrations create in a scratch schema, in which everything is known. Pure. */
export function compareReplayed(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly RecordedDifference[] {
  return compareSnapshots(wanted, found).map((one) => ({
    ...one,
    key: objectKey(one),
    ...(one.type === 'schema' && { wanted: defaultsOf(wanted), found: defaultsOf(found) }),
  }))
}
