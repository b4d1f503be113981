import { compareNumbers } from '../ddl/compare-vschema.ts'
import type { SchemaSnapshot } from '../ddl/snapshot.ts'
import type { VschemaSnapshot } from '../ddl/vschema-snapshot.ts'
import { quoteName } from '../sql/quote-name.ts'
import { renderAutoIncrement, renderColumnVindex, renderCreateVindex } from '../sql/vschema.ts'

type Part<T extends VschemaSnapshot['type']> = Extract<VschemaSnapshot, { readonly type: T }>

/** What turns one VSchema into another. */
interface VschemaWay {
  /** What removes: it runs before tables are dropped. */
  readonly first: readonly string[]
  /** What adds: it runs when the tables are there. Vindexes that nothing uses any more are dropped last. */
  readonly last: readonly string[]
  /** Sentences about what no statement of vtgate does. */
  readonly byHand: readonly string[]
}

const nothing: VschemaWay = { first: [], last: [], byHand: [] }

/** The `ALTER VSCHEMA` statements that turn `found` into `wanted`, in an order that runs; none where the VSchema of one is not known. Pure. */
export function writeVschema(wanted: SchemaSnapshot, found: SchemaSnapshot): VschemaWay {
  if (wanted.vschema === undefined || found.vschema === undefined) return nothing
  const [want, have] = [partsOf(wanted.vschema), partsOf(found.vschema)]
  const used = new Set([...have.tables.values()].flatMap(({ vindexes }) => vindexes.map(({ name }) => name)))
  const ways = [
    ...writeKeyspace(want.keyspace, have.keyspace, found.database),
    ...[...union(want.vindexes, have.vindexes)].map((name) =>
      writeVindex(want.vindexes.get(name), have.vindexes.get(name), used.has(name), found.database),
    ),
    ...[...union(want.tables, have.tables)].map((name) =>
      writeTable(want.tables.get(name), have.tables.get(name), found.database),
    ),
  ]
  const of = (place: keyof VschemaWay): readonly string[] => ways.flatMap((one) => one[place])
  return { first: inOrder(of('first')), last: inOrder(of('last')), byHand: of('byHand') }
}

/** What is used comes before what uses it, and goes after. */
const order = [/^ALTER VSCHEMA CREATE VINDEX/, /^ALTER VSCHEMA ADD SEQUENCE/, /^ALTER VSCHEMA ON/, /^/]

const inOrder = (texts: readonly string[]): readonly string[] => {
  const rank = (text: string): number => order.findIndex((one) => one.test(text))
  return texts.toSorted((a, b) => rank(a) - rank(b))
}

function partsOf(parts: readonly VschemaSnapshot[]) {
  const of = <T extends VschemaSnapshot['type']>(type: T): ReadonlyMap<string, Part<T>> =>
    new Map(parts.filter((one): one is Part<T> => one.type === type).map((one) => [one.name, one]))
  const [keyspace] = of('keyspace').values()
  return { keyspace, vindexes: of('vindex'), tables: of('vschema') }
}

const union = (one: ReadonlyMap<string, unknown>, other: ReadonlyMap<string, unknown>): readonly string[] =>
  [...new Set([...one.keys(), ...other.keys()])].toSorted()

const apply = (keyspace: string, what: string): VschemaWay => ({
  ...nothing,
  byHand: [
    `${what}, which no \`ALTER VSCHEMA\` does: change it with \`vtctldclient GetVSchema ${keyspace}\` and \`vtctldclient ApplyVSchema\`.`,
  ],
})

function writeKeyspace(
  want: Part<'keyspace'> | undefined,
  have: Part<'keyspace'> | undefined,
  keyspace: string,
): readonly VschemaWay[] {
  if (want === undefined || have === undefined) return []
  return [
    ...(want.isSharded === have.isSharded ? [] : [apply(keyspace, `\`sharded\` is to be ${want.isSharded}`)]),
    ...(want.foreignKeyMode === have.foreignKeyMode
      ? []
      : [apply(keyspace, `\`foreignKeyMode\` is to be \`${want.foreignKeyMode}\``)]),
  ]
}

/** @param isUsed whether a table has it now: Vitess does not drop it then */
function writeVindex(
  want: Part<'vindex'> | undefined,
  have: Part<'vindex'> | undefined,
  isUsed: boolean,
  keyspace: string,
): VschemaWay {
  const drop = have === undefined ? [] : [`ALTER VSCHEMA DROP VINDEX ${quoteName(have.name)}`]
  if (want === undefined) return { ...nothing, last: drop }
  const create = renderCreateVindex({ ...want, type: want.kind })
  if (have === undefined) return { ...nothing, last: [create] }
  const isSame = want.kind === have.kind && want.params === have.params && want.owner === have.owner
  if (isSame) return nothing
  if (isUsed) return apply(keyspace, `The vindex \`${want.name}\` is to be another one, and tables use it`)
  return { ...nothing, first: drop, last: [create] }
}

function writeTable(
  want: Part<'vschema'> | undefined,
  have: Part<'vschema'> | undefined,
  keyspace: string,
): VschemaWay {
  const kinds = [want, have].flatMap((one) => (one === undefined ? [] : [kindOf(one)]))
  const name = (want ?? have)?.name ?? ''
  // Where one side is missing, it is the statements of the other kind that count.
  if (kinds.length === 2 && kinds.every((kind) => kind === 'unrouted')) return nothing
  if (kinds.includes('unrouted') || new Set(kinds).size > 1)
    return apply(
      keyspace,
      `The VSchema is to ${want === undefined ? 'leave out' : 'have'} \`${name}\` as ${describeKind(want ?? have)}`,
    )
  if (kinds[0] === 'sequence') {
    const verb = want === undefined ? 'DROP' : 'ADD'
    const texts = want !== undefined && have !== undefined ? [] : [`ALTER VSCHEMA ${verb} SEQUENCE ${quoteName(name)}`]
    return want === undefined ? { ...nothing, first: texts } : { ...nothing, last: texts }
  }
  const texts = writeVindexes(name, want, have)
  return want === undefined ? { ...nothing, first: texts } : { ...nothing, last: texts }
}

function kindOf({ isSequence, vindexes, autoIncrement }: Part<'vschema'>): 'sequence' | 'unrouted' | 'table' {
  if (isSequence) return 'sequence'
  return vindexes.length === 0 && autoIncrement === null ? 'unrouted' : 'table'
}

function describeKind(part: Part<'vschema'> | undefined): string {
  const kind = part === undefined ? 'table' : kindOf(part)
  return kind === 'sequence' ? 'a sequence' : kind === 'unrouted' ? 'a reference table, or a pinned one' : 'a table'
}

/**
 * Vitess adds a vindex behind the others, and forgets a table, with its AUTO_INCREMENT, with its last vindex: those that are to stay are followed by those that are missing, and only then others are
 * dropped.
 */
function writeVindexes(
  name: string,
  want: Part<'vschema'> | undefined,
  have: Part<'vschema'> | undefined,
): readonly string[] {
  const on = `ALTER VSCHEMA ON ${quoteName(name)}`
  const wanted = want?.vindexes ?? []
  const texts: string[] = []
  let list = [...(have?.vindexes ?? [])]
  let numbers = have?.autoIncrement ?? null
  const drop = (vindex: string): void => {
    texts.push(`${on} DROP VINDEX ${quoteName(vindex)}`)
    list = list.filter((one) => one.name !== vindex)
    if (list.length === 0) numbers = null
  }
  if (want === undefined && numbers !== null) texts.push(`${on} DROP AUTO_INCREMENT`)
  const isWanted = (one: (typeof wanted)[number]): boolean =>
    wanted.some(({ name: other, columns }) => other === one.name && columns === one.columns)
  const kept = list.filter(isWanted)
  const first = wanted.findIndex((one, at) => kept[at]?.name !== one.name)
  for (const one of first < 0 ? [] : wanted.slice(first)) {
    if (list.some((other) => other.name === one.name)) drop(one.name)
    texts.push(`${on} ${renderColumnVindex(one)}`)
    list.push(one)
  }
  for (const one of list.filter((other) => !isWanted(other)).toReversed()) drop(one.name)
  if (want === undefined) return texts
  if (compareNumbers(want, { autoIncrement: numbers }).length === 0) return texts
  if (numbers !== null) texts.push(`${on} DROP AUTO_INCREMENT`)
  if (want.autoIncrement !== null) texts.push(`${on} ${renderAutoIncrement(want.autoIncrement)}`)
  return texts
}
