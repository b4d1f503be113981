import type { Asker } from '../../../mysql/connection.ts'
import { readIsSharded, readVindexes, readVschemaTable } from '../../../mysql/vschema.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import {
  columnsOfVindex,
  numbersOf,
  readVindex,
  type Vindex,
  type VschemaTable,
  vindexOf,
} from '../../../sql/vschema.ts'

/**
 * What a vtgate shows where Vitess says that the VSchema is already as a statement would make it:
 * - `as wanted`  the same
 * - `hidden`     not yet: it is in the topology, and nobody has published it
 * - `otherwise`  something else has the name: the statement has failed
 */
export type Shown = 'as wanted' | 'hidden' | 'otherwise'

export interface WantedChange {
  readonly verb: string
  readonly text: string
  readonly objects: readonly ObjectName[]
}

const isThere = /\balready (?:exists|defined|contains)\b/
const isGone = /\bdoes not exists\b|\bdoes not contain\b|\bnot defined\b/

/** The parts of a statement, by its verb: `ALTER VSCHEMA DROP VINDEX` without a table is of the keyspace. */
function partsOf({ verb, text, objects }: WantedChange) {
  const [, kind, what] = /^ALTER VSCHEMA (ADD|CREATE|DROP) (\w+)/.exec(verb) ?? []
  const table = objects.find(({ type }) => type === 'vschema')?.name
  const vindex = objects.find(({ type }) => type === 'vindex')?.name ?? vindexOf(text)
  return { isDrop: kind === 'DROP', what, table, vindex }
}

/**
 * Whether a vtgate shows what a statement has changed in the topology, by which it plans the next statements:
 * - `shown`
 * - `hidden`
 * - `listed`  it shows nothing more of a table that the VSchema had, and still lists it: tablets had it a moment ago
 * - `routed`  it never does: routing rules lead statements on the table to another one, and plans show that
 */
export async function lookShown(
  connection: Asker,
  keyspace: string,
  wanted: WantedChange,
): Promise<'shown' | 'hidden' | 'listed' | 'routed'> {
  const { isDrop, what, table, vindex } = partsOf(wanted)
  const shownIf = (isSo: boolean): 'shown' | 'hidden' => (isSo ? 'shown' : 'hidden')
  const hasVindex = async (): Promise<boolean> =>
    (await readVindexes(connection, keyspace)).some(({ name }) => name === vindex)
  if (table === undefined) return shownIf(what !== 'VINDEX' || (await hasVindex()) !== isDrop)
  const isSharded = (await readIsSharded(connection, keyspace)) === true
  const shown = await readVschemaTable(connection, keyspace, table, isSharded)
  // Those of a table are shown in a sharded keyspace alone.
  if (what === 'VINDEX')
    return shownIf(
      isSharded ? shown.vindexes.some(({ name }) => name === vindex) !== isDrop : isDrop || (await hasVindex()),
    )
  if (shown.isRouted === true && (what === 'SEQUENCE' || (what === 'AUTO_INCREMENT' && !isSharded))) return 'routed'
  if (what === 'SEQUENCE') return shownIf(shown.isSequence !== isDrop)
  // In a sharded keyspace, nothing is shown of the numbers of a table without a vindex.
  if (what === 'AUTO_INCREMENT')
    return shownIf(isDrop ? shown.autoIncrement === null : isSharded || shown.autoIncrement !== null)
  const isListed = await isTableListed(connection, table)
  if (!isDrop) return shownIf(isListed)
  if (shown.vindexes.length > 0 || shown.isSequence || shown.autoIncrement !== null) return 'hidden'
  // One without a vindex that every shard has, or one alone: once vtgate knows it from the tablets only, it knows no shard for a row.
  if (isSharded && shown.takesRows) return 'hidden'
  return !isListed || (await isOnTablets(connection, table)) ? 'shown' : 'listed'
}

/** Milliseconds in which a vtgate hears from its tablets that a table does not exist any more. Where they do not tell it, it lists the table, and that says nothing of the VSchema. */
const longestListed = 10_000

/** The same, once the topology has had it for a time. @param waited milliseconds */
export async function lookShownIn(
  connection: Asker,
  keyspace: string,
  wanted: WantedChange,
  waited: number,
): Promise<'shown' | 'hidden' | 'routed'> {
  const shown = await lookShown(connection, keyspace, wanted)
  if (shown !== 'listed') return shown
  return waited >= longestListed ? 'shown' : 'hidden'
}

/** The session is in the keyspace: `SHOW VSCHEMA TABLES` knows no other. Tables that are on the tablets are listed, too. */
const isTableListed = async (connection: Asker, table: string): Promise<boolean> =>
  (await connection.ask('SHOW VSCHEMA TABLES')).rows.some(([name]) => String(name) === table)

/** Without LIKE: a name with `_` would need a backslash, and vtgate takes no text that is not plain there. */
async function isOnTablets(connection: Asker, table: string): Promise<boolean> {
  const { rows } = await connection.ask('SHOW TABLES')
  return rows.some(([name]) => String(name) === table)
}

/** @param why the answer of Vitess */
export async function compareShown(
  connection: Asker,
  keyspace: string,
  wanted: WantedChange,
  why: string,
): Promise<Shown> {
  const { isDrop, what, table, vindex } = partsOf(wanted)
  const { text } = wanted
  if (!(isDrop ? isGone : isThere).test(why)) return 'otherwise'
  if (table === undefined) {
    const shown = (await readVindexes(connection, keyspace)).find(({ name }) => name === vindex)
    if (isDrop) return shown === undefined ? 'as wanted' : 'hidden'
    return shown === undefined ? 'hidden' : same(isVindex(shown, text))
  }
  const isSharded = (await readIsSharded(connection, keyspace)) === true
  const shown = await readVschemaTable(connection, keyspace, table, isSharded)
  if (what === 'VINDEX') {
    const own = shown.vindexes.find(({ name }) => name === vindex)
    if (isDrop) return own === undefined ? 'as wanted' : 'hidden'
    return own === undefined ? 'hidden' : same(own.columns.toLowerCase() === columnsOfVindex(text).toLowerCase())
  }
  if (what === 'AUTO_INCREMENT')
    return isDrop ? withoutNumbers(shown, why) : compareNumbers(shown, wantedNumbers(text), why)
  // A table that is no sequence is shown alike, in the VSchema and outside of it: the topology has answered for it.
  if (isDrop) return shown.isSequence ? 'hidden' : 'as wanted'
  // Its plans are those of another table: the topology has answered for it, too.
  if (what === 'SEQUENCE') return shown.isSequence || shown.isRouted === true ? 'as wanted' : 'hidden'
  return same(!shown.isSequence)
}

const same = (isSame: boolean): Shown => (isSame ? 'as wanted' : 'otherwise')

function withoutNumbers({ autoIncrement }: VschemaTable, why: string): Shown {
  if (autoIncrement !== null) return 'hidden'
  // Else the VSchema does not have the table.
  return same(why.includes('auto increment'))
}

interface Numbers {
  readonly column: string
  /** `keyspace.name`, or the name alone. */
  readonly sequence: string
}

function wantedNumbers(text: string): Numbers {
  const { column = '', sequence = null } = numbersOf(text) ?? {}
  return { column, sequence: [sequence?.keyspace ?? [], sequence?.name ?? []].flat().join('.') }
}

/** Vitess names what the topology has: `already contains auto inc column:"id" sequence:"user_db.ids" on table letters`. */
function compareNumbers({ autoIncrement }: VschemaTable, wanted: Numbers, why: string): Shown {
  const [, column, sequence] = /\bcolumn:"([^"]*)"\s+sequence:"([^"]*)"/.exec(why.replaceAll('`', '')) ?? []
  const isColumn = (one: string): boolean => one.toLowerCase() === wanted.column.toLowerCase()
  if (column !== undefined && !(isColumn(column) && sequence === wanted.sequence)) return 'otherwise'
  if (autoIncrement === null) return 'hidden'
  // vtgate shows a sequence without its keyspace, and the column not always.
  const isSame = autoIncrement.column === '' || isColumn(autoIncrement.column)
  const isOwn = isSame && autoIncrement.sequence.name === wanted.sequence.replace(/^.*\./, '')
  return isOwn ? 'as wanted' : column === undefined ? 'otherwise' : 'hidden'
}

/** Whether a vindex is as `CREATE VINDEX` would make it. */
function isVindex({ type, params, owner }: Vindex, text: string): boolean {
  const wanted = readVindex(text)
  const given = params.split('; ').filter(Boolean).toSorted().join('; ')
  return type === wanted.type && owner === wanted.owner && given === wanted.params
}
