import type { Fault } from '../core/tool-error.ts'
import type { SchemaSnapshot, TableSnapshot } from '../ddl/snapshot.ts'
import type { OwnRenames, Rename } from './renames.ts'

/** A rename as it was typed. */
export interface TypedRename extends Rename {
  /** `--rename a=b` */
  readonly typed: string
}

/** Both sides of one database, in either direction. */
export interface RenamePair {
  readonly before: SchemaSnapshot
  readonly after: SchemaSnapshot
}

interface ResolvedRenames {
  /** By logical database; databases without renames have none. */
  readonly renames: ReadonlyMap<string, OwnRenames>
  /** Renames that match nothing in any database, or not enough. */
  readonly faults: readonly Fault[]
}

/**
 * Assigns each rename to databases: those in which the old name exists before, and the new one after. In the rename of a column, its table may be
 * called by either name. Pure.
 */
export function resolveRenames(pairs: readonly RenamePair[], typed: readonly TypedRename[]): ResolvedRenames {
  const owns = pairs.map((pair) => resolveIn(pair, typed))
  const faults = typed.flatMap((one): readonly Fault[] => {
    const reasons = owns.map(({ reasons: own }) => own.get(one) ?? null)
    if (reasons.includes(null)) return []
    const why = reasons.find((reason) => reason !== unknownTable(one)) ?? unknownTable(one)
    return [{ what: `\`${one.typed}\` is not a possible rename: ${why}.`, next: nextOf(one) }]
  })
  return { renames: new Map(pairs.map(({ before }, at) => [before.database, owns[at]?.own ?? none])), faults }
}

const none: OwnRenames = { tables: new Map(), columns: new Map() }

const unknownTable = ({ table }: Rename): string => `no database has a table \`${table}\` before the change`

function nextOf({ column }: Rename): string {
  return column === null
    ? 'Give old=new: the name of a table before the change, and its name after it.'
    : 'Give table.old=new: the name of a column before the change, and its name after it.'
}

interface Resolution {
  readonly own: OwnRenames
  /** Why a rename is not one of this database; null where it is. */
  readonly reasons: ReadonlyMap<TypedRename, string>
}

function resolveIn({ before, after }: RenamePair, typed: readonly TypedRename[]): Resolution {
  const [have, want] = [tablesOf(before), tablesOf(after)]
  const tables = new Map<string, string>()
  const columns = new Map<string, Map<string, string>>()
  const reasons = new Map<TypedRename, string>()
  const going = new Set(typed.filter(({ column }) => column === null).map(({ table }) => table))
  for (const one of typed.filter(({ column }) => column === null)) {
    const reason = refuseTable(one, before, have, want, going, tables)
    if (reason === null) tables.set(one.table, one.to)
    else reasons.set(one, reason)
  }
  const oldNames = new Map([...tables].map(([from, to]) => [to, from]))
  for (const one of typed) {
    if (one.column === null) continue
    const table = have.has(one.table) ? one.table : (oldNames.get(one.table) ?? one.table)
    const [old, made] = [have.get(table), want.get(tables.get(table) ?? table)]
    const own = columns.get(table) ?? new Map<string, string>()
    const reason = refuseColumn(one, one.column, old, made, typed, own)
    if (reason !== null) reasons.set(one, reason)
    else columns.set(table, own.set(one.column.toLowerCase(), nameIn(made, one.to)))
  }
  return { own: { tables, columns }, reasons }
}

function tablesOf({ objects }: SchemaSnapshot): ReadonlyMap<string, TableSnapshot> {
  return new Map(objects.flatMap((object) => (object.type === 'table' ? [[object.name, object] as const] : [])))
}

function refuseTable(
  one: TypedRename,
  before: SchemaSnapshot,
  have: ReadonlyMap<string, TableSnapshot>,
  want: ReadonlyMap<string, TableSnapshot>,
  going: ReadonlySet<string>,
  taken: ReadonlyMap<string, string>,
): string | null {
  const { table, to } = one
  const code = before.objects.find(({ type, name }) => type === 'view' && name === table)
  if (code !== undefined) return `\`${table}\` is a view, which has no data and is created again under its new name`
  if (!have.has(table)) return unknownTable(one)
  if (!want.has(to)) return `there is no table \`${to}\` after the change`
  if (have.has(to) && !going.has(to)) return `a table \`${to}\` also exists before the change`
  if (taken.has(table)) return `\`${table}\` is already renamed to \`${taken.get(table)}\``
  return [...taken.values()].includes(to) ? `another table is already renamed to \`${to}\`` : null
}

function refuseColumn(
  one: TypedRename,
  column: string,
  old: TableSnapshot | undefined,
  made: TableSnapshot | undefined,
  typed: readonly TypedRename[],
  taken: ReadonlyMap<string, string>,
): string | null {
  if (old === undefined) return unknownTable(one)
  if (made === undefined) return `there is no table \`${one.table}\` after the change`
  const goes = (name: string): boolean =>
    typed.some((other) => other.table === one.table && other.column?.toLowerCase() === name.toLowerCase())
  if (!hasColumn(old, column)) return `\`${one.table}\` has no column \`${column}\` before the change`
  if (!hasColumn(made, one.to)) return `\`${one.table}\` has no column \`${one.to}\` after the change`
  const isSelf = column.toLowerCase() === one.to.toLowerCase()
  if (hasColumn(old, one.to) && !isSelf && !goes(one.to))
    return `\`${one.table}\` also has a column \`${one.to}\` before the change`
  if (taken.has(column.toLowerCase())) return `\`${column}\` of \`${one.table}\` is already renamed`
  const isTaken = [...taken.values()].some((name) => name.toLowerCase() === one.to.toLowerCase())
  return isTaken ? `another column of \`${one.table}\` is already renamed to \`${one.to}\`` : null
}

function hasColumn({ columns }: TableSnapshot, name: string): boolean {
  return columns.some((column) => column.name.toLowerCase() === name.toLowerCase())
}

/** As the table spells it. */
function nameIn(table: TableSnapshot | undefined, name: string): string {
  return table?.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())?.name ?? name
}
