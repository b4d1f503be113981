import { createHash } from 'node:crypto'
import { comparablePartitioning } from './partition-names.ts'
import type { VschemaSnapshot } from './vschema-parts.ts'
import { contentOfVschema } from './vschema-snapshot.ts'

/**
 * The number of the normal form. It is raised by every change of what fingerprints are computed from: objects that were recorded under another
 * number are not compared until a run records them again.
 */
export const normalForm = 1

/** A column in normal form. */
export interface ColumnSnapshot {
  readonly name: string
  /** `varchar(50)`, `bigint unsigned`: without display width, character set and collation. */
  readonly type: string
  readonly nullable: boolean
  /** As SQL: `'x'`, `0`, `CURRENT_TIMESTAMP`, `(uuid())`; null without one. */
  readonly default: string | null
  readonly generated: { readonly expression: string; readonly stored: boolean } | null
  readonly autoIncrement: boolean
  /** Null for a type without a collation. */
  readonly collation: string | null
  readonly comment: string
  /** The whole definition, including the name, in normal form. */
  readonly text: string
}

/** An index, foreign key or check in normal form. */
export interface PartSnapshot {
  /** `PRIMARY` is the primary key's name. */
  readonly name: string
  /** The whole element, including the name. */
  readonly text: string
}

/** A foreign key with both ends. */
export interface ForeignKeySnapshot extends PartSnapshot {
  readonly columns: readonly string[]
  /** Logical database of the parent; null for the table's own. */
  readonly parentDatabase: string | null
  readonly parent: string
  readonly parentColumns: readonly string[]
}

/** A table as a server printed it, in normal form. */
export interface TableSnapshot {
  readonly type: 'table'
  readonly name: string
  /** In the order of the table. */
  readonly columns: readonly ColumnSnapshot[]
  /** By name; the primary key is the first. */
  readonly indexes: readonly (PartSnapshot & { readonly columns: readonly string[]; readonly unique: boolean })[]
  /**
   * The names of indexes that MySQL created for foreign keys: a later index takes their place. Absent where that is unknown; not part of the fingerprint.
   */
  readonly implicit?: readonly string[]
  readonly foreignKeys: readonly ForeignKeySnapshot[]
  readonly checks: readonly PartSnapshot[]
  /** By name in capitals: `ENGINE`, `CHARSET`, `COLLATE`, `COMMENT`, ...; without AUTO_INCREMENT. */
  readonly options: Readonly<Record<string, string>>
  /** `PARTITION BY ...`; null for a table without partitions. */
  readonly partitioning: string | null
}

/** The kinds of objects that are stored as code. */
export interface CodeSnapshot {
  readonly type: 'view' | 'procedure' | 'function' | 'trigger' | 'event'
  readonly name: string
  /** `CREATE VIEW ...` without a definer. */
  readonly text: string
  /**
   * `root@%`. Not part of the fingerprint: a copy under another account has a different one. The record of a schema compares
   * it.
   */
  readonly definer: string
  /**
   * The collation_connection under which it was created, which its literals have; absent in records of an earlier wwdb. Not part of the fingerprint:
   * another client creates the same code under another one. The record of a schema compares it.
   */
  readonly collation?: string | undefined
  /** The sql_mode that its code runs under; null for a view. */
  readonly sqlMode: string | null
  /** The time zone of an event's schedule. */
  readonly timeZone: string | null
  /** The table of a trigger. */
  readonly table: string | null
  /** Place among the triggers of the same table, time and event, from 1; 0 for anything else. */
  readonly order: number
}

export type ObjectSnapshot = TableSnapshot | CodeSnapshot
export type ObjectType = ObjectSnapshot['type']

/** The defaults of tables that state no character set: the schema itself, which is not one of its objects. */
export interface DefaultsSnapshot {
  readonly type: 'schema'
  /** Logical database. */
  readonly name: string
  readonly charset: string
  readonly collation: string
}

/** What is recorded about a schema, one row each. */
export type RecordedSnapshot = ObjectSnapshot | DefaultsSnapshot | VschemaSnapshot
export type RecordedType = RecordedSnapshot['type']

/** The whole schema of a target in normal form: equal for the same SQL on every server. */
export interface SchemaSnapshot {
  /** Version of this form. */
  readonly format: 1
  /** Logical database. */
  readonly database: string
  readonly charset: string
  readonly collation: string
  /** By type and name. */
  readonly objects: readonly ObjectSnapshot[]
  /** For a keyspace of Vitess: what its VSchema says, as far as vtgate shows it. Absent where that is not known, and for a schema of MySQL itself. */
  readonly vschema?: readonly VschemaSnapshot[]
}

/** An object before its text is read. */
interface ListedObject {
  readonly type: ObjectType | 'vindex'
  readonly name: string
  /** The table of a trigger; null for anything else. */
  readonly table: string | null
  /** True for a table that wwdb recorded as a shard, even without a template for it; absent where no record was read. */
  readonly isRegistered?: boolean
}

/** A shard as recorded: in the registry, or, where that is lost, in its last event. Instants in milliseconds. */
export interface RegisteredShard {
  readonly family: string
  readonly key: string
  readonly table: string
  readonly state: string
  readonly from: number | null
  readonly to: number | null
}

/** Whether an object of a logical database is not managed by its migrations. */
export type SchemaScope = (database: string, object: ListedObject) => boolean

export interface SnapshotOptions {
  /** Logical databases by the schemas that hold them on this server, except for the one that is read. */
  readonly databases: ReadonlyMap<string, string>
  /**
   * What is left out: tables of wwdb, shards, tables of online schema change tools, and objects that the configuration declares as belonging to
   * others.
   */
  readonly isLeftOut: (object: ListedObject) => boolean
}

/** Another logical database in a schema of the same server. */
export interface NeighborSchema {
  readonly database: string
  readonly schema: string
  /** How a snapshot of it is read. */
  readonly options: SnapshotOptions
}

/** An object that is not the same on all shards of a keyspace, or the defaults of their schemas, which are `schema`. */
export interface UnevenObject {
  readonly type: RecordedType
  readonly name: string
  /** One for each definition, in the order of the shards; null where the shards do not have it. */
  readonly variants: readonly ObjectVariant[]
}

export interface ObjectVariant {
  readonly shards: readonly string[]
  readonly object: RecordedSnapshot | null
}

export interface SnapshotReading {
  readonly snapshot: SchemaSnapshot
  /**
   * Objects whose text this user may not read: for a routine, the user needs SHOW_ROUTINE or must be its definer.
   * `procedure work`
   */
  readonly hidden: readonly string[]
  /** Names of tables and views that the options leave out. */
  readonly leftOut: readonly string[]
  /** Names of triggers that the options leave out; absent where there are none. */
  readonly leftOutTriggers?: readonly string[]
  /** True where the server ignores the case of tables and views (`lower_case_table_names` other than 0). */
  readonly foldsNames?: boolean
  /** Shards that wwdb recorded and that have a table. */
  readonly shards: readonly RegisteredShard[]
  /** For a keyspace: objects that are not the same on all of its shards. Absent where there are none. */
  readonly uneven?: readonly UnevenObject[]
  /** For a keyspace: what vtgate finds wrong in its VSchema, which was not read then. Absent where nothing is. */
  readonly vschemaFault?: string
  /** For a keyspace: that of the journal, where this user may not see there when a VSchema was changed last. Absent where that was seen. */
  readonly vschemaUnseen?: string
}

/** Types in the order in which their objects can be created. */
const objectTypes: readonly RecordedType[] = [
  ...(['schema', 'table', 'function', 'procedure', 'view', 'trigger', 'event'] as const),
  ...(['keyspace', 'vindex', 'vschema'] as const),
]

/** Sorts by type and name, so that the same schema always gives the same value. */
export function sortObjects<T extends Pick<RecordedSnapshot, 'type' | 'name'>>(objects: readonly T[]): readonly T[] {
  const rank = (object: T): number => objectTypes.indexOf(object.type)
  return objects.toSorted((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}

/** What is recorded about a schema: its defaults, its objects, and the VSchema of a keyspace. */
export function listRecorded(snapshot: SchemaSnapshot): readonly RecordedSnapshot[] {
  return [defaultsOf(snapshot), ...snapshot.objects, ...(snapshot.vschema ?? [])]
}

export function defaultsOf({ database, charset, collation }: SchemaSnapshot): DefaultsSnapshot {
  return { type: 'schema', name: database, charset, collation }
}

/** Whether it is a part of a VSchema, which no shard has. */
export const isVschemaType = (type: string): type is VschemaSnapshot['type'] =>
  type === 'keyspace' || type === 'vindex' || type === 'vschema'

export const isVschemaPart = (object: RecordedSnapshot): object is VschemaSnapshot => isVschemaType(object.type)

/** Whether it is an object of the schema, and neither the schema itself nor a part of a VSchema. */
export const isOfShard = (object: RecordedSnapshot): object is ObjectSnapshot =>
  object.type !== 'schema' && !isVschemaType(object.type)

/** The key of an object within its schema: MySQL ignores the case of names, except those of tables and views. The schema itself is one, under any name. */
export function objectKey({ type, name }: Pick<RecordedSnapshot, 'type' | 'name'>): string {
  if (type === 'schema' || type === 'keyspace') return `${type} `
  const isCased = type === 'table' || type === 'view' || type === 'trigger' || isVschemaType(type)
  return `${type} ${isCased ? name : name.toLowerCase()}`
}

/** SHA-256 of an object in normal form, as hexadecimal digits. */
export function fingerprintObject(object: RecordedSnapshot): string {
  return createHash('sha256')
    .update(JSON.stringify(contentOf(object)))
    .digest('hex')
}

/** The same including the definer of code and the collation of its literals. */
export function identityOf(object: RecordedSnapshot): string {
  const own = 'definer' in object ? `${object.definer} ${object.collation ?? ''}` : ''
  return `${fingerprintObject(object)} ${own}`
}

/** RESTRICT is the default of a foreign key without a rule: MySQL 8.0.12 does not print it. */
function contentOf(object: RecordedSnapshot): readonly unknown[] {
  switch (object.type) {
    case 'schema':
      return [object.charset, object.collation]
    case 'keyspace':
    case 'vindex':
    case 'vschema':
      return contentOfVschema(object)
    case 'table':
      return [
        object.name,
        object.columns.map(({ text }) => text),
        textsOf(object.indexes),
        textsOf(object.foreignKeys).map((text) => text.replaceAll(/ ON (?:DELETE|UPDATE) RESTRICT\b/g, '')),
        textsOf(object.checks),
        Object.entries(object.options).sort(),
        comparablePartitioning(object.partitioning),
      ]
    default:
      return [object.type, object.name, object.text, object.sqlMode, object.timeZone, object.table, object.order]
  }
}

/** The fingerprint of the whole schema. */
export function fingerprintSchema({ charset, collation, objects }: SchemaSnapshot): string {
  const lines = objects.map((object) => `${objectKey(object)} ${fingerprintObject(object)}`)
  return createHash('sha256')
    .update([charset, collation, ...lines].join('\n'))
    .digest('hex')
}

function textsOf(parts: readonly PartSnapshot[]): readonly string[] {
  return parts.map(({ text }) => text)
}
