import { compareForeignKeyModes, compareNumbers } from '../ddl/compare-vschema.ts'
import type { SchemaSnapshot } from '../ddl/snapshot.ts'
import type { VschemaSnapshot } from '../ddl/vschema-parts.ts'
import { isRoutedPart } from '../ddl/vschema-snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { backingOf, renderAutoIncrement, renderColumnVindex, renderCreateVindex } from '../sql/vschema.ts'

type Part<T extends VschemaSnapshot['type']> = Extract<VschemaSnapshot, { readonly type: T }>

/** What turns one VSchema into another, by its place among the statements of all databases. */
interface VschemaWay {
  /** What uses a column, a table or a sequence, and goes before that does; then vindexes that no table uses any more. */
  readonly first: readonly string[]
  /** Sequences that go: no table of any database takes numbers from them any more. */
  readonly tables: readonly string[]
  /** What others use: it runs when the tables are there. */
  readonly keys: readonly string[]
  /** What uses it. */
  readonly last: readonly string[]
  /** Sentences about what is left to a person. */
  readonly byHand: readonly string[]
}

const nothing: VschemaWay = { first: [], tables: [], keys: [], last: [], byHand: [] }

/** Both sides of a keyspace. */
interface Sides {
  /** The logical database: its keyspace may be called otherwise. */
  readonly database: string
  readonly want: VschemaParts
  readonly have: VschemaParts
  /** Tables that exist before the first statement: they may have rows. */
  readonly present: ReadonlySet<string>
}

/** The `ALTER VSCHEMA` statements that turn `found` into `wanted`, in an order that runs; none where the VSchema of one is not known. Pure. */
export function writeVschema(wanted: SchemaSnapshot, found: SchemaSnapshot): VschemaWay {
  if (wanted.vschema === undefined || found.vschema === undefined) return nothing
  const [want, have] = [partsOf(wanted.vschema), partsOf(found.vschema)]
  const present = new Set(found.objects.flatMap(({ type, name }) => (type === 'table' ? [name] : [])))
  const sides = { database: found.database, want, have, present }
  const tables = union(want.tables, have.tables).map((name) => ({ name, ...writeTable(sides, name) }))
  // Vitess drops no vindex that a table still has.
  const left = tables.filter((one) => one.byHand.length > 0 || isRoutedPart(have.tables.get(one.name) ?? null))
  const held = new Set(left.flatMap(({ name }) => have.tables.get(name)?.vindexes.map((one) => one.name) ?? []))
  const vindexes = union(want.vindexes, have.vindexes).map((name) => writeVindex(sides, name, held))
  const ways = [...writeKeyspace(sides), ...vindexes, ...tables]
  const of = (place: keyof VschemaWay): readonly string[] => ways.flatMap((one) => one[place])
  return {
    first: inOrder(of('first')),
    tables: of('tables'),
    keys: of('keys'),
    last: inOrder(of('last')),
    byHand: of('byHand'),
  }
}

/** A vindex is made before a table uses it, and dropped after. */
const order = [/^ALTER VSCHEMA CREATE VINDEX/, /^ALTER VSCHEMA ON/, /^/]

const inOrder = (texts: readonly string[]): readonly string[] => {
  const rank = (text: string): number => order.findIndex((one) => one.test(text))
  return texts.toSorted((a, b) => rank(a) - rank(b))
}

interface VschemaParts {
  readonly keyspace: Part<'keyspace'> | undefined
  readonly vindexes: ReadonlyMap<string, Part<'vindex'>>
  readonly tables: ReadonlyMap<string, Part<'vschema'>>
}

function partsOf(parts: readonly VschemaSnapshot[]): VschemaParts {
  const of = <T extends VschemaSnapshot['type']>(type: T): ReadonlyMap<string, Part<T>> =>
    new Map(parts.filter((one): one is Part<T> => one.type === type).map((one) => [one.name, one]))
  const [keyspace] = of('keyspace').values()
  return { keyspace, vindexes: of('vindex'), tables: of('vschema') }
}

const union = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].toSorted()

const byHand = (sentence: string): VschemaWay => ({ ...nothing, byHand: [sentence] })

const apply = (database: string, what: string): VschemaWay =>
  byHand(
    `${what}, which no \`ALTER VSCHEMA\` does: change it with \`vtctldclient GetVSchema\` and \`vtctldclient ApplyVSchema\` for the keyspace of \`${database}\`.`,
  )

function writeKeyspace({ want: { keyspace: want }, have: { keyspace: have }, database }: Sides): readonly VschemaWay[] {
  if (want === undefined || have === undefined) return []
  return [
    ...(want.isSharded === have.isSharded ? [] : [apply(database, `\`sharded\` is to be ${want.isSharded}`)]),
    ...(compareForeignKeyModes(want, have).length === 0
      ? []
      : [apply(database, `\`foreignKeyMode\` is to be \`${want.foreignKeyMode}\``)]),
  ]
}

/** @param held vindexes of tables that a person must change */
function writeVindex({ database, ...sides }: Sides, name: string, held: ReadonlySet<string>): VschemaWay {
  const [want, have] = [sides.want.vindexes.get(name), sides.have.vindexes.get(name)]
  const drop = have === undefined || held.has(name) ? [] : [`ALTER VSCHEMA DROP VINDEX ${quoteName(name)}`]
  if (want === undefined) return { ...nothing, first: drop }
  const create = renderCreateVindex({ ...want, type: want.kind })
  if (have === undefined) return { ...nothing, last: [create] }
  const isSame = want.kind === have.kind && want.params === have.params && want.owner === have.owner
  if (isSame) return nothing
  // Vitess does not drop it then.
  const isUsed = [...sides.have.tables.values()].some(({ vindexes }) => vindexes.some((one) => one.name === name))
  if (isUsed) return apply(database, `The vindex \`${name}\` is to be another one, and tables use it`)
  return { ...nothing, first: drop, last: [create] }
}

function writeTable(sides: Sides, name: string): VschemaWay {
  const [want, have] = [sides.want.tables.get(name), sides.have.tables.get(name)]
  if ([want, have].some((one) => isRoutedPart(one ?? null))) return nothing
  const kinds = [want, have].flatMap((one) => (one === undefined ? [] : [kindOf(one)]))
  // Where one side is missing, it is the statements of the other kind that count.
  if (kinds.length === 2 && kinds.every((kind) => kind === 'unrouted')) return nothing
  if (kinds.includes('unrouted') || new Set(kinds).size > 1)
    return apply(
      sides.database,
      `The VSchema is to ${want === undefined ? 'leave out' : 'have'} \`${name}\` as ${describeKind(want ?? have)}`,
    )
  if (kinds[0] === 'sequence') {
    if (want === undefined) return { ...nothing, tables: [`ALTER VSCHEMA DROP SEQUENCE ${quoteName(name)}`] }
    return have === undefined ? { ...nothing, keys: [`ALTER VSCHEMA ADD SEQUENCE ${quoteName(name)}`] } : nothing
  }
  const reason = refuseVindexes(sides, name)
  if (reason !== null) return byHand(reason)
  const [numbers, vindexes] = [writeNumbers(sides, name), writeVindexes(want, have)]
  return {
    ...nothing,
    first: [...numbers.first, ...vindexes.first],
    keys: numbers.keys,
    last: [...vindexes.last, ...numbers.last],
  }
}

function kindOf({ isSequence, vindexes, autoIncrement }: Part<'vschema'>): 'sequence' | 'unrouted' | 'table' {
  if (isSequence) return 'sequence'
  return vindexes.length === 0 && autoIncrement === null ? 'unrouted' : 'table'
}

function describeKind(part: Part<'vschema'> | undefined): string {
  const kind = part === undefined ? 'table' : kindOf(part)
  return kind === 'sequence' ? 'a sequence' : kind === 'unrouted' ? 'a reference table, or a pinned one' : 'a table'
}

type ColumnVindex = Part<'vschema'>['vindexes'][number]

/** Those of one list that the other one does not have on the same columns. */
const without = (list: readonly ColumnVindex[], others: readonly ColumnVindex[]): readonly ColumnVindex[] =>
  list.filter((one) => !others.some(({ name, columns }) => name === one.name && columns === one.columns))

/**
 * Why the vindexes of a table are left to a person; null where statements do what is missing. `ALTER VSCHEMA` moves no rows, and enters none in a lookup table: with its vindex back,
 * vtgate would not find the rows that were written without it.
 */
function refuseVindexes({ database, want, have, present }: Sides, name: string): string | null {
  const wanted = want.tables.get(name)?.vindexes ?? []
  const found = have.tables.get(name)?.vindexes ?? []
  const [first, other] = [wanted[0], found[0]]
  // A table without a vindex takes no rows: those that it has are where its first one says.
  if (first !== undefined && other !== undefined && without([first], [other]).length > 0)
    return `The first vindex of \`${name}\` is to be \`${first.name}\` (${first.columns}), and it is \`${other.name}\` (${other.columns}). It says on which shard a row is, and \`ALTER VSCHEMA\` moves no rows. Where none were written since, change it with \`vtctldclient GetVSchema\` and \`vtctldclient ApplyVSchema\` for the keyspace of \`${database}\`; else move the rows with \`vtctldclient MoveTables\`.`
  const isLookup = (vindex: ColumnVindex): boolean => {
    const own = want.vindexes.get(vindex.name)
    return own !== undefined && (own.owner !== '' || backingOf({ ...own, type: own.kind }) !== null)
  }
  const lookup = present.has(name) ? without(wanted, found).find(isLookup) : undefined
  if (lookup === undefined) return null
  return `\`${name}\` is to have the lookup vindex \`${lookup.name}\` (${lookup.columns}), and the rows that were written without it have no entries in its table: vtgate would not find them. \`vtctldclient LookupVindex create\` fills that table with the rows that exist and adds the vindex, and \`vtctldclient LookupVindex externalize\` lets queries use it.`
}

/** The first one is the same, or there is none: the others may have any order. Vitess adds a vindex behind them, and forgets a table, with its AUTO_INCREMENT, with its last vindex. */
function writeVindexes(
  want: Part<'vschema'> | undefined,
  have: Part<'vschema'> | undefined,
): Pick<VschemaWay, 'first' | 'last'> {
  const [wanted, found] = [want?.vindexes ?? [], have?.vindexes ?? []]
  const on = `ALTER VSCHEMA ON ${quoteName((want ?? have)?.name ?? '')}`
  return {
    first: without(found, wanted)
      .toReversed()
      .map(({ name }) => `${on} DROP VINDEX ${quoteName(name)}`),
    last: without(wanted, found).map((one) => `${on} ${renderColumnVindex(one)}`),
  }
}

function writeNumbers({ want, have }: Sides, name: string): Pick<VschemaWay, 'first' | 'keys' | 'last'> {
  const [wanted, found] = [want.tables.get(name)?.autoIncrement ?? null, have.tables.get(name)?.autoIncrement ?? null]
  if (compareNumbers({ autoIncrement: wanted }, { autoIncrement: found }).length === 0) return nothing
  const on = `ALTER VSCHEMA ON ${quoteName(name)}`
  const isSharded = (want.keyspace ?? have.keyspace)?.isSharded !== false
  return {
    first: found === null ? [] : [`${on} DROP AUTO_INCREMENT`],
    // Where nothing is sharded, vtgate does not show whether the VSchema has the table, and Vitess gives numbers to no other. It may have it already.
    keys: isSharded || wanted === null || found !== null ? [] : [`ALTER VSCHEMA ADD TABLE ${quoteName(name)}`],
    last: wanted === null ? [] : [`${on} ${renderAutoIncrement(wanted)}`],
  }
}
