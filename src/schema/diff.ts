import { compareSnapshots, type ObjectDifference } from '../ddl/compare-snapshots.ts'
import type { ShapeDifference } from '../ddl/definitions/compare-definitions.ts'
import { type Schema, tableKey } from '../ddl/schema.ts'
import type { SchemaSnapshot } from '../ddl/snapshot.ts'
import { findHazards } from '../lint/find-hazards.ts'
import type { Hazard } from '../lint/rule.ts'
import { toStatement } from '../sql/classify.ts'
import { guessRenames } from './guess-renames.ts'
import type { DifferencesAround } from './held-keys.ts'
import { applyRenames, invertRenames, noRenames, type OwnRenames, printRename, type RenamesAround } from './renames.ts'
import { plain } from './render-sql.ts'
import { type PlacedStatements, placeChanges } from './write-changes.ts'
import { writeRenames } from './write-renames.ts'
import { writeVschema } from './write-vschema.ts'

/** One object that differs between both sides. */
export interface DescribedDifference {
  /** `vindex` and `vschema` are what the VSchema of a keyspace says: of a vindex, and of a table. `keyspace` is what it says of the keyspace itself. */
  readonly type: ObjectDifference['type']
  readonly name: string
  /**
   * `missing`: only the first side has it; `extra`: only the second; `unproven`: its expected state is not recorded.
   */
  readonly change: ObjectDifference['change'] | 'unproven'
  readonly parts: readonly ShapeDifference[]
}

type Place = keyof PlacedStatements

/** A statement on the way from one side to the other. */
interface DiffStatement {
  readonly text: string
  /** Its place among the statements of all databases: no statement needs one at a later place. */
  readonly place: Place
  /** Whether it contains semicolons, and needs DELIMITER in a file. */
  readonly isCompound: boolean
  readonly hazards: readonly Hazard[]
}

/** Two schemas of one database side by side. */
export interface SchemaDiff {
  readonly database: string
  readonly differences: readonly DescribedDifference[]
  /** The statements that turn the second side into the first, in the order in which they run. */
  readonly forward: readonly DiffStatement[]
  /** The statements that turn the first side into the second. */
  readonly backward: readonly DiffStatement[]
  /**
   * What looks renamed, in the form of `--rename`; applied only when a person confirms it. While there are open ones, no statements
   * are shown.
   */
  readonly renames: readonly string[]
  /** Objects that this user may not read on either side: they are not compared. */
  readonly hidden: readonly string[]
  /** What a person must do about the VSchema of a keyspace so that the second side becomes the first, each a sentence: vtgate has no statement for it. Absent where there is nothing. */
  readonly byHand?: readonly string[]
  /** The same so that the first side becomes the second. */
  readonly byHandBack?: readonly string[]
}

/** Two sides of one database. */
export interface SchemaPair {
  /** What `found` is to become. */
  readonly wanted: SchemaSnapshot
  readonly found: SchemaSnapshot
  /** Objects that this user may not read on either side. */
  readonly hidden: readonly string[]
}

/** The compared part of a pair. */
interface ReadyPair {
  readonly want: SchemaSnapshot
  readonly have: SchemaSnapshot
  readonly renamed: SchemaSnapshot
  readonly own: OwnRenames
  readonly hidden: readonly string[]
}

/** Compares two schemas of one database and writes the SQL for both directions. Pure. */
export function diffSchemas(wanted: SchemaSnapshot, found: SchemaSnapshot, hidden: readonly string[]): SchemaDiff {
  const [diff] = diffDatabases([{ wanted, found, hidden }], noRenames)
  if (diff === undefined) throw new Error(`${wanted.database} was not compared`)
  return { ...diff, renames: guessRenames({ before: found, after: wanted }, undefined).map(printRename) }
}

/**
 * The same for several databases with foreign keys between them. What looks renamed is left out: it must be settled before statements are requested. @param renames by the names in `found` @param definers whether the definer of code counts, and is written
 */
export function diffDatabases(
  pairs: readonly SchemaPair[],
  renames: RenamesAround,
  definers = false,
): readonly SchemaDiff[] {
  const ready = pairs.map((pair) => readyPair(pair, renames))
  const forward = new Map(ready.map(({ want, renamed }) => [want.database, compareSnapshots(want, renamed, definers)]))
  const backward = new Map(ready.map(({ want, renamed }) => [want.database, compareSnapshots(renamed, want, definers)]))
  return ready.map((one) => diffPair(one, forward, backward, definers))
}

function readyPair({ wanted, found, hidden }: SchemaPair, renames: RenamesAround): ReadyPair {
  const known = new Set(hidden)
  const visible = (snapshot: SchemaSnapshot): SchemaSnapshot => ({
    ...snapshot,
    objects: snapshot.objects.filter(({ type, name }) => !known.has(`${type} ${name}`)),
  })
  const [want, have] = [visible(wanted), visible(found)]
  const own = renames.get(found.database) ?? { tables: new Map(), columns: new Map() }
  return { want, have, renamed: applyRenames(have, renames), own, hidden }
}

function diffPair(
  { want, have, renamed, own, hidden }: ReadyPair,
  forward: DifferencesAround,
  backward: DifferencesAround,
  definers: boolean,
): SchemaDiff {
  const there = placeChanges(want, renamed, forward, { definers })
  const back = placeChanges(renamed, want, backward, { definers })
  const [{ byHand }, { byHand: byHandBack }] = [writeVschema(want, renamed), writeVschema(renamed, want)]
  const first = writeRenames(have, own).map(plain)
  const last = writeRenames(renamed, invertRenames(own)).map(plain)
  return {
    database: want.database,
    differences: [...describeRenames(own), ...(forward.get(want.database) ?? []).map(describe)],
    forward: judge({ ...there, first: [...first, ...there.first] }, have),
    backward: judge({ ...back, last: [...back.last, ...last] }, want),
    renames: [],
    hidden,
    ...(byHand.length > 0 && { byHand }),
    ...(byHandBack.length > 0 && { byHandBack }),
  }
}

function describe({ type, name, change, parts }: ObjectDifference): DescribedDifference {
  return { type, name, change, parts }
}

function describeRenames({ tables, columns }: OwnRenames): readonly DescribedDifference[] {
  const renamed = (part: ShapeDifference['part'], name: string, wanted: string, found: string): ShapeDifference => {
    return { part, name, change: 'differs', wanted, found }
  }
  return [...new Set([...tables.keys(), ...columns.keys()])].map((name) => {
    const to = tables.get(name)
    const parts = [
      ...(to === undefined ? [] : [renamed('option', 'name', to, name)]),
      ...[...(columns.get(name) ?? [])].map(([from, made]) => renamed('column', from, made, from)),
    ]
    return { type: 'table', name, change: 'differs', parts }
  })
}

const places: readonly Place[] = ['first', 'tables', 'keys', 'last']

function judge(placed: PlacedStatements, before: SchemaSnapshot): readonly DiffStatement[] {
  const tables = knownTables(before)
  const statements = places.flatMap((place) => placed[place].map((one) => ({ ...one, place })))
  return statements.map(({ text, isCompound, place }, index) => {
    const statement = toStatement(
      { type: 'statement', text, source: text, file: 'schema diff', line: 1, column: 1 },
      index,
    )
    return { text, place, isCompound, hazards: findHazards(statement, { accepted: [], tables }) }
  })
}

/** The tables before the first statement, for rules that compare types. */
function knownTables({ objects }: SchemaSnapshot): Schema {
  const tables = objects.filter((object) => object.type === 'table')
  const place = { schema: null, foldsNames: false }
  const states = tables.map(
    (table) =>
      [
        tableKey(place, { schema: null, name: table.name }),
        { type: 'table', table: { ...table, rows: 0, bytes: 0 } },
      ] as const,
  )
  return { ...place, states: new Map(states) }
}
