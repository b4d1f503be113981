import type { Fault } from '../../core/tool-error.ts'
import { quoteName } from '../../sql/quote-name.ts'

/** A column of a table of wwdb. */
export interface OwnColumn {
  readonly name: string
  /** As MySQL shows it, without the display width of integers: `bigint unsigned`. */
  readonly type: string
  readonly nullable: boolean
  /** True where an INSERT need not name it though it is NOT NULL. */
  readonly filled: boolean
  readonly key: boolean
}

/** The same as wwdb creates it. */
export interface WantedColumn extends OwnColumn {
  /** Type and constraints, as in CREATE TABLE. */
  readonly definition: string
}

/** A table of wwdb as the server has it, with what wwdb created. */
export interface OwnTable {
  readonly name: string
  readonly engine: string
  /** Absent where the columns were not read, or belong to another room. */
  readonly columns?: readonly OwnColumn[]
  readonly wanted?: readonly WantedColumn[]
}

/** The tables whose writes share a transaction with what they describe. */
const journals: ReadonlySet<string> = new Set([
  'wwdb_journal',
  'wwdb_schema',
  'wwdb_shard_journal',
  'wwdb_shards',
  'wwdb_shard_events',
  'wwdb_shard_findings',
  'wwdb_shard_families',
])

/** True where a fault of the table stops a run: a row of `wwdb_runs` only describes a run, and no run depends on it. */
export const isJournal = ({ name }: Pick<OwnTable, 'name'>): boolean => journals.has(name)

/** What keeps wwdb from relying on its own tables, each with the ALTER that repairs it. Pure. */
export function judgeOwnTables(
  tables: readonly OwnTable[],
  { database, schema, server }: { readonly database: string; readonly schema: string; readonly server: string },
): readonly Fault[] {
  return tables.flatMap((table) =>
    judgeTable(table).map(({ state, why, alter }) => ({
      what: `\`${table.name}\` of \`${database}\` ${state}.`,
      where: { database, server },
      why,
      next: `Run \`ALTER TABLE ${quoteName(schema)}.${quoteName(table.name)} ${alter}\` while no run is in progress, then run this command again.`,
    })),
  )
}

interface Damage {
  readonly state: string
  readonly why: string
  readonly alter: string
}

function judgeTable(table: OwnTable): readonly Damage[] {
  const { columns, wanted = [] } = table
  const damages = table.engine.toLowerCase() === 'innodb' ? [] : [wrongEngine(table)]
  if (columns === undefined) return damages
  const present = new Map(columns.map((column) => [column.name.toLowerCase(), column]))
  const known = new Set(wanted.map(({ name }) => name))
  const changed = wanted.flatMap((column) => judgeColumn(column, present.get(column.name)))
  const strange = columns.filter(({ name, nullable, filled }) => !known.has(name.toLowerCase()) && !nullable && !filled)
  return [...damages, ...changed, ...strange.map(demandsValue), ...judgeKey(columns, wanted)]
}

function wrongEngine({ name, engine }: OwnTable): Damage {
  return {
    state: `has the engine ${engine}`,
    why: isJournal({ name })
      ? 'Only InnoDB commits a statement together with the row that closes it: with another engine a statement could run twice after a crash.'
      : 'Its rows do not survive a crash, and are not replicated to a group.',
    alter: 'ENGINE=InnoDB',
  }
}

function judgeColumn(wanted: WantedColumn, found: OwnColumn | undefined): readonly Damage[] {
  const { name, definition, type } = wanted
  const column = `COLUMN ${quoteName(name)} ${definition}`
  const why = 'wwdb writes and reads this column.'
  if (found === undefined) return [{ state: `lacks the column \`${name}\``, why, alter: `ADD ${column}` }]
  if (!holds(found.type, type))
    return [
      { state: `has \`${found.type}\` for the column \`${name}\`, not \`${type}\``, why, alter: `MODIFY ${column}` },
    ]
  if (wanted.nullable && !found.nullable)
    return [
      { state: `has the column \`${name}\` as NOT NULL`, why: 'wwdb writes NULL into it.', alter: `MODIFY ${column}` },
    ]
  return []
}

/** Whether a column of one type can hold everything that one of another type can: a wider one does. */
function holds(found: string, wanted: string): boolean {
  if (found === wanted) return true
  const [own, needed] = [found, wanted].map((type) => /^varchar\((\d+)\)$/.exec(type)?.[1])
  if (own !== undefined && needed !== undefined) return Number(own) >= Number(needed)
  const rank = (type: string): number => widths.findIndex((types) => types.includes(type))
  return rank(wanted) >= 0 && rank(found) >= rank(wanted) && family(found) === family(wanted)
}

const widths: readonly (readonly string[])[] = [
  ['smallint unsigned', 'text'],
  ['int unsigned', 'mediumtext'],
  ['bigint unsigned', 'longtext'],
]

const family = (type: string): string => (type.endsWith('text') ? 'text' : type.endsWith('unsigned') ? 'integer' : type)

function demandsValue({ name, type }: OwnColumn): Damage {
  return {
    state: `has a column \`${name}\` that wwdb did not create, which is NOT NULL and has no default`,
    why: 'wwdb writes rows without it, and MySQL refuses them.',
    alter: `MODIFY COLUMN ${quoteName(name)} ${type.toUpperCase()} NULL`,
  }
}

function judgeKey(columns: readonly OwnColumn[], wanted: readonly WantedColumn[]): readonly Damage[] {
  const keyOf = (list: readonly OwnColumn[]): string =>
    list
      .filter(({ key }) => key)
      .map(({ name }) => name.toLowerCase())
      .sort()
      .join()
  if (keyOf(columns) === keyOf(wanted)) return []
  const drop = columns.some(({ key }) => key) ? 'DROP PRIMARY KEY, ' : ''
  const key = wanted.filter((one) => one.key).map(({ name }) => quoteName(name))
  return [
    {
      state: 'does not have its primary key',
      why: 'Without it a row could be written twice.',
      alter: `${drop}ADD PRIMARY KEY (${key.join(', ')})`,
    },
  ]
}
