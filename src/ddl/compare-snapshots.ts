import { compareVschemaParts } from './compare-vschema.ts'
import type { ShapeDifference } from './definitions/compare-definitions.ts'
import { compareDefinitions } from './definitions/compare-definitions.ts'
import {
  type CodeSnapshot,
  type DefaultsSnapshot,
  fingerprintObject,
  isVschemaType,
  objectKey,
  type RecordedSnapshot,
  type RecordedType,
  type SchemaSnapshot,
  sortObjects,
} from './snapshot.ts'
import { isRoutedPart } from './vschema-snapshot.ts'

type ComparedSnapshot = Exclude<RecordedSnapshot, DefaultsSnapshot>

/** How one object of a schema differs from the expected one. */
export interface ObjectDifference {
  readonly type: RecordedType
  readonly name: string
  readonly change: 'missing' | 'extra' | 'differs'
  /** Null for an extra object, and for the schema itself. */
  readonly wanted: ComparedSnapshot | null
  /** Null for a missing object, and for the schema itself. */
  readonly found: ComparedSnapshot | null
  /** For a table that differs: the parts that do. Empty for anything else. */
  readonly parts: readonly ShapeDifference[]
}

/**
 * The differences between the two, object by object; empty where they are the same. Pure. @param definers whether the definer of code counts, and the collation of its literals: two databases can have the same schema under different accounts and clients
 */
export function compareSnapshots(
  wanted: SchemaSnapshot,
  found: SchemaSnapshot,
  definers = false,
): readonly ObjectDifference[] {
  const [want, have] = [byKey(listCompared(wanted, found)), byKey(listCompared(found, wanted))]
  const differences = [...new Set([...want.keys(), ...have.keys()])].flatMap((key): readonly ObjectDifference[] => {
    return compareObjects(want.get(key) ?? null, have.get(key) ?? null, definers)
  })
  return [...compareSchemas(wanted, found), ...sortObjectDifferences(differences)]
}

/** The difference between an object and what it should be; none where they are the same, or both are absent. Pure. */
export function compareObjects(
  wanted: ComparedSnapshot | null,
  found: ComparedSnapshot | null,
  definers = false,
): readonly ObjectDifference[] {
  const present = wanted ?? found
  if (present === null || isRoutedPart(wanted) || isRoutedPart(found)) return []
  const own = definers ? compareDefiners(wanted, found) : []
  const isSame = wanted !== null && found !== null && fingerprintObject(wanted) === fingerprintObject(found)
  if (isSame && own.length === 0) return []
  const change = found === null ? 'missing' : wanted === null ? 'extra' : 'differs'
  const parts = [...compareParts(wanted, found), ...own]
  if (isVschemaType(present.type) && change === 'differs' && parts.length === 0) return []
  return [{ type: present.type, name: present.name, change, wanted, found, parts }]
}

/** The definer of code, and the collation of its literals; a record of an earlier wwdb may not have them. */
export function compareDefiners(
  wanted: RecordedSnapshot | null,
  found: RecordedSnapshot | null,
): readonly ShapeDifference[] {
  if (wanted === null || found === null || !('definer' in wanted) || !('definer' in found)) return []
  const facts = [
    { name: 'DEFINER', want: wanted.definer, have: found.definer },
    { name: 'collation_connection', want: wanted.collation, have: found.collation },
  ]
  return facts.flatMap(({ name, want, have }): readonly ShapeDifference[] =>
    want === undefined || have === undefined || want === have
      ? []
      : [{ part: 'option', name, change: 'differs', wanted: want, found: have }],
  )
}

/** The difference in words: `column email is varchar(20), not varchar(100)`. */
export function describeDifference({
  change,
  parts,
}: Pick<ObjectDifference, 'parts'> & { readonly change: string }): string {
  const states: Readonly<Record<string, string>> = {
    missing: 'is missing',
    extra: 'is not expected',
    differs: 'differs',
    unproven: 'was changed by hand before a migration changed it',
  }
  return parts.length === 0 ? (states[change] ?? change) : parts.map(describePart).join('; ')
}

function describePart({ part, name, change, wanted, found }: ShapeDifference): string {
  if (part === 'order') return `the columns are in another order, from \`${name}\` on`
  const subject = part === 'partitioning' ? 'partitioning' : `${part} ${name}`
  if (part === 'option' && name === 'AUTO_INCREMENT') return describeNumbers(change, wanted, found)
  if (change === 'missing') return `${subject} is missing`
  if (change === 'extra') return `${subject} is not expected`
  return `${subject} is ${found}, not ${wanted}`
}

/** Only a VSchema has it as an option: a sequence of Vitess numbers new rows. The statement for it is shown beside the difference. */
function describeNumbers(change: ShapeDifference['change'], wanted: string | null, found: string | null): string {
  if (change === 'missing') return `AUTO_INCREMENT (${wanted}) is missing: vtgate numbers no new rows`
  if (change === 'extra') return `AUTO_INCREMENT (${found}) is not expected: vtgate numbers new rows`
  return `AUTO_INCREMENT is ${found}, not ${wanted}`
}

function sortObjectDifferences(differences: readonly ObjectDifference[]): readonly ObjectDifference[] {
  return sortObjects(differences)
}

/** A VSchema is compared where both sides have one, and the keyspace itself where both say something of it: files do not. */
function listCompared(one: SchemaSnapshot, other: SchemaSnapshot): readonly ComparedSnapshot[] {
  if (one.vschema === undefined || other.vschema === undefined) return one.objects
  const hasKeyspace = other.vschema.some(({ type }) => type === 'keyspace')
  return [...one.objects, ...one.vschema.filter(({ type }) => hasKeyspace || type !== 'keyspace')]
}

function byKey(objects: readonly ComparedSnapshot[]): ReadonlyMap<string, ComparedSnapshot> {
  return new Map(objects.map((object) => [objectKey(object), object]))
}

function compareSchemas(wanted: SchemaSnapshot, found: SchemaSnapshot): readonly ObjectDifference[] {
  const parts = compareDefaults(wanted, found)
  if (parts.length === 0) return []
  return [{ type: 'schema', name: wanted.database, change: 'differs', wanted: null, found: null, parts }]
}

/** The default character set of tables: a collation belongs to only one. */
export function compareDefaults(
  { collation: wanted }: Pick<SchemaSnapshot, 'collation'>,
  { collation: found }: Pick<SchemaSnapshot, 'collation'>,
): readonly ShapeDifference[] {
  return wanted === found ? [] : [{ part: 'option', name: 'COLLATE', change: 'differs', wanted, found }]
}

function compareParts(wanted: ComparedSnapshot | null, found: ComparedSnapshot | null): readonly ShapeDifference[] {
  if (wanted === null || found === null) return []
  if (wanted.type === 'table') return found.type === 'table' ? compareDefinitions(wanted, found) : []
  if (isCode(wanted)) return isCode(found) ? compareCode(wanted, found) : []
  return isCode(found) || found.type === 'table' ? [] : compareVschemaParts(wanted, found)
}

/** What a text does not show: the settings under which it runs. */
function compareCode(wanted: CodeSnapshot, found: CodeSnapshot): readonly ShapeDifference[] {
  const settings = [
    { name: 'sql_mode', want: wanted.sqlMode, have: found.sqlMode },
    { name: 'time_zone', want: wanted.timeZone, have: found.timeZone },
    { name: 'order', want: String(wanted.order), have: String(found.order) },
  ]
  return settings.flatMap(({ name, want, have }): readonly ShapeDifference[] =>
    want === have ? [] : [{ part: 'option', name, change: 'differs', wanted: want, found: have }],
  )
}

/** True for an object that is stored as code. */
export function isCode(object: ComparedSnapshot): object is CodeSnapshot {
  return object.type !== 'table' && !isVschemaType(object.type)
}
