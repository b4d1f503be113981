import { findHazards } from '../lint/find-hazards.ts'
import type { Hazard } from '../lint/rule.ts'
import { toStatement } from '../sql/classify.ts'
import { compareSnapshots, type ObjectDifference, toDefinition } from '../sql/compare-snapshots.ts'
import { toPresentTable } from '../sql/definitions/column-text.ts'
import type { ShapeDifference } from '../sql/definitions/compare-definitions.ts'
import type { SchemaSnapshot } from '../sql/snapshot.ts'
import { type KnownTables, tableKey } from '../sql/table-state.ts'
import type { DifferencesAround } from './held-keys.ts'
import { applyRename, guessRenames, type Rename, writeRename } from './renames.ts'
import { plain, type RenderedStatement } from './render-sql.ts'
import { type PlacedStatements, placeChanges } from './write-changes.ts'

/** One object that is not the same on both sides. */
export interface DescribedDifference {
  readonly type: ObjectDifference['type']
  readonly name: string
  /** `missing`: only the first side has it; `extra`: only the second; `unproven`: what it should be is not recorded. */
  readonly change: ObjectDifference['change'] | 'unproven'
  readonly parts: readonly ShapeDifference[]
}

type Place = keyof PlacedStatements

/** A statement of a way from one side to the other. */
interface DiffStatement {
  readonly text: string
  /** Its place among the statements of all databases: no statement needs one of a later place. */
  readonly place: Place
  /** Whether it holds semicolons, and needs DELIMITER in a file. */
  readonly isCompound: boolean
  readonly hazards: readonly Hazard[]
}

/** Two schemas of one database beside each other. */
export interface SchemaDiff {
  readonly database: string
  readonly differences: readonly DescribedDifference[]
  /** What makes the first side of the second: in the order in which it runs. */
  readonly forward: readonly DiffStatement[]
  /** What makes the second of the first. */
  readonly backward: readonly DiffStatement[]
  /** What looks renamed, as `--rename` takes it; applied only when a person says so. */
  readonly renames: readonly string[]
  /** Objects that this user may not read on either side: they are not compared. */
  readonly hidden: readonly string[]
}

/** Two sides of one database. */
export interface SchemaPair {
  /** What `found` is to become. */
  readonly wanted: SchemaSnapshot
  readonly found: SchemaSnapshot
  /** Objects that this user may not read on either side. */
  readonly hidden: readonly string[]
}

/** What is compared of a pair. */
interface ReadyPair {
  readonly want: SchemaSnapshot
  readonly have: SchemaSnapshot
  readonly renamed: SchemaSnapshot
  readonly own: readonly Rename[]
  readonly hidden: readonly string[]
}

/**
 * Compares two schemas of one database and writes the SQL of both ways. Pure.
 * @param wanted the first side: what the second is to become
 * @param renames old names are those of `found`
 */
export function diffSchemas(
  wanted: SchemaSnapshot,
  found: SchemaSnapshot,
  renames: readonly Rename[],
  hidden: readonly string[],
): SchemaDiff {
  const [diff] = diffDatabases([{ wanted, found, hidden }], renames)
  if (diff === undefined) throw new Error(`${wanted.database} was not compared`)
  return diff
}

/** The same for several databases, in which foreign keys lead from one to another. */
export function diffDatabases(pairs: readonly SchemaPair[], renames: readonly Rename[]): readonly SchemaDiff[] {
  const ready = pairs.map((pair) => readyPair(pair, renames))
  const forward = new Map(ready.map(({ want, renamed }) => [want.database, compareSnapshots(want, renamed)]))
  const backward = new Map(ready.map(({ want, renamed }) => [want.database, compareSnapshots(renamed, want)]))
  return ready.map((one) => diffPair(one, forward, backward))
}

function readyPair({ wanted, found, hidden }: SchemaPair, renames: readonly Rename[]): ReadyPair {
  const known = new Set(hidden)
  const visible = (snapshot: SchemaSnapshot): SchemaSnapshot => ({
    ...snapshot,
    objects: snapshot.objects.filter(({ type, name }) => !known.has(`${type} ${name}`)),
  })
  const [want, have] = [visible(wanted), visible(found)]
  const own = renames.filter(({ table }) =>
    have.objects.some((object) => object.type === 'table' && object.name === table),
  )
  return { want, have, renamed: own.reduce(applyRename, have), own, hidden }
}

function diffPair(
  { want, have, renamed, own, hidden }: ReadyPair,
  forward: DifferencesAround,
  backward: DifferencesAround,
): SchemaDiff {
  const there = placeChanges(want, renamed, forward, { definers: false })
  const back = placeChanges(renamed, want, backward, { definers: false })
  return {
    database: want.database,
    differences: [...own.map(describeRename), ...(forward.get(want.database) ?? []).map(describe)],
    forward: judge({ ...there, first: [...own.map(renderRename), ...there.first] }, have),
    backward: judge({ ...back, last: [...back.last, ...own.map(invert).toReversed().map(renderRename)] }, want),
    renames: guessRenames(want, renamed).map(
      ({ table, column, to }) => `${table}${column === null ? '' : `.${column}`}=${to}`,
    ),
    hidden,
  }
}

const renderRename = (rename: Rename): RenderedStatement => plain(writeRename(rename))

function invert({ table, column, to }: Rename): Rename {
  return column === null ? { table: to, column, to: table } : { table, column: to, to: column }
}

function describe({ type, name, change, parts }: ObjectDifference): DescribedDifference {
  return { type, name, change, parts }
}

function describeRename({ table, column, to }: Rename): DescribedDifference {
  const part: ShapeDifference = {
    part: column === null ? 'option' : 'column',
    name: column ?? 'name',
    change: 'differs',
    wanted: to,
    found: column ?? table,
  }
  return { type: 'table', name: table, change: 'differs', parts: [part] }
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

/** The tables as they are before the first statement, for rules that compare types. */
function knownTables({ objects }: SchemaSnapshot): KnownTables {
  const tables = objects.filter((object) => object.type === 'table')
  const states = tables.map(
    (table) =>
      [tableKey({ schema: null }, { schema: null, name: table.name }), toPresentTable(toDefinition(table))] as const,
  )
  return { schema: null, states: new Map(states) }
}
