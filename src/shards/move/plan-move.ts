import { type Fault, ToolError } from '../../core/tool-error.ts'
import type { TableObstacles } from '../../operate/online/ports.ts'
import type { VschemaTable } from '../../sql/vschema.ts'
import { has, isNamed, type MoveFacts, type MoveRefusal, quoted, type ShardFacts } from './move-facts.ts'
import { refuseDestination } from './refuse-destination.ts'
import type { MovedShard } from './workflow-commands.ts'

/** A move that can be carried out. */
export interface MovePlan {
  readonly shards: readonly MovedShard[]
  /** The shards that get the column of the key first. */
  readonly widened: readonly MovedShard[]
  /** The type of that column: that of the keyspace. */
  readonly columnType: string
  /** The columns of the shards that an INSERT names. */
  readonly columns: readonly string[]
  /** The primary key of the shards: one column. */
  readonly id: string
  readonly sequence: VschemaTable['autoIncrement']
  readonly rows: number
  /** Sentences: what changes for the application, and what was not looked at. */
  readonly notes: readonly string[]
}

/** Each is a workflow with a stream to every shard of the keyspace. */
export const mostShards = 200

/** Throws ToolError `MOVE_REFUSED` with everything that keeps the family from being moved, before anything is written. */
export function planMove(facts: MoveFacts): MovePlan {
  const refusals = [...refuseShards(facts), ...refuseDestination(facts)]
  const { source, family, shards, column, wanted, vschema } = facts
  if (refusals.length > 0)
    throw new ToolError(
      'MOVE_REFUSED',
      refusals.map(
        ({ why, next }): Fault => ({
          what: `The shards of \`${family.name}\` cannot be moved to \`${facts.destination.schema}\`.`,
          where: { database: source.database, server: source.server },
          why,
          next: `Nothing was written. ${next}`,
        }),
      ),
    )
  const [first] = shards
  const id = first === undefined ? null : idOf(first)
  if (first === undefined || id === null) throw new Error('shards without a key are refused')
  const lacking = shards.filter((shard) => !has(shard.columns, column))
  return {
    shards: shards.map(({ key, table }) => ({ key, table })),
    widened: lacking.map(({ key, table }) => ({ key, table })),
    columnType: wanted.find(({ name }) => isNamed(name, column))?.fullType ?? '',
    columns: first.columns.filter(({ generated }) => !generated).map(({ name }) => name),
    id,
    sequence: vschema?.autoIncrement ?? null,
    rows: shards.reduce((sum, { rows }) => sum + rows, 0),
    notes: notesOf(facts, lacking.length),
  }
}

const wholeNumbers = new Set(['tinyint', 'smallint', 'mediumint', 'int', 'bigint'])

/** The primary key of a shard where it is one column of whole numbers: by it rows are read in turn on both sides. */
export function idOf({ columns, unique }: Pick<ShardFacts, 'columns' | 'unique'>): string | null {
  const [name, ...others] = unique.find((one) => one.name === 'PRIMARY')?.columns ?? []
  const column = columns.find((one) => name !== undefined && isNamed(one.name, name))
  return column !== undefined && others.length === 0 && wholeNumbers.has(column.type) ? column.name : null
}

/** The definition of a column, as two shards are compared. */
const shapeOf = ({ columns }: ShardFacts, left: string): string =>
  columns
    .filter(({ name }) => !isNamed(name, left))
    .map(({ name, fullType, charset, generated }) => `${name.toLowerCase()} ${fullType} ${charset} ${generated}`)
    .join(', ')

function refuseShards({ family, shards, column }: MoveFacts): readonly MoveRefusal[] {
  const [first] = shards
  if (family.division.type !== 'key')
    return [
      {
        why: `\`${family.name}\` is a family by time, whose old tables go as a whole: a vindex does not take its place.`,
        next: 'On a keyspace it stays a family: write `-- wwdb:vindex` into its template.',
      },
    ]
  if (first === undefined)
    return [{ why: 'No shard of the family exists.', next: 'Let the application write to the keyspace at once.' }]
  const refusals: MoveRefusal[] = []
  if (shards.length > mostShards)
    refusals.push({
      why: `It has ${shards.length} shards, and each is a workflow that reads the binary log of its server: ${mostShards} are the most.`,
      next: 'Merge small shards first.',
    })
  const odd = shards.filter((shard) => shapeOf(shard, column) !== shapeOf(first, column))
  if (odd.length > 0)
    refusals.push({
      why: `The columns of ${quoted(odd.slice(0, 5).map(({ table }) => table))} are not those of \`${first.table}\`.`,
      next: 'Bring the shards to one definition first: `wwdb shards repair`.',
    })
  const unkeyed = shards.filter((shard) => idOf(shard) === null)
  if (unkeyed.length > 0)
    refusals.push({
      why: `The primary key of ${quoted(unkeyed.slice(0, 5).map(({ table }) => table))} is not one column of whole numbers.`,
      next: 'Rows are compared and carried back by such a key: give the shards one.',
    })
  for (const { table, obstacles, strangers, key } of shards)
    refusals.push(...refuseShard(table, key, obstacles, strangers, column))
  return refusals
}

function refuseShard(
  table: string,
  key: string,
  { triggers, foreignKeys, engine }: TableObstacles,
  strangers: number | null,
  column: string,
): readonly MoveRefusal[] {
  const foreign = triggers.filter((name) => !name.startsWith('wwdb_move_'))
  return [
    ...(engine === 'InnoDB'
      ? []
      : [
          { why: `The engine of \`${table}\` is ${engine === '' ? 'unknown' : engine}.`, next: 'Change it to InnoDB.' },
        ]),
    ...(foreign.length === 0
      ? []
      : [
          {
            why: `\`${table}\` has the triggers ${quoted(foreign)}, and a sharded keyspace has none.`,
            next: 'Drop them, and have the application do what they did.',
          },
        ]),
    ...(foreignKeys.length === 0
      ? []
      : [
          {
            why: `The foreign keys ${quoted(foreignKeys)} are on \`${table}\` or reference it. What a key cascades fires no trigger, so it would be written after writes are refused.`,
            next: 'Drop them, and have the application keep the rule.',
          },
        ]),
    ...(strangers === null || strangers === 0
      ? []
      : [
          {
            why: `\`${table}\` has ${strangers} rows whose \`${column}\` is not ${key}: they would stay behind.`,
            next: `Correct them: \`SELECT * FROM \`${table}\` WHERE NOT \`${column}\` <=> ${key}\`.`,
          },
        ]),
  ]
}

function notesOf(facts: MoveFacts, lacking: number): readonly string[] {
  const { family, table, column, source, destination, wantedUnique, vschema, shards, sequence, lastId } = facts
  const [primary] = vschema?.vindexes ?? []
  const byShard = wantedUnique.filter(
    ({ columns }) =>
      primary !== undefined &&
      !primary.columns.split(', ').every((one) =>
        has(
          (columns ?? []).map((name) => ({ name })),
          one,
        ),
      ),
  )
  return [
    `The rows are kept twice until the shards go, and each write of a shard is written once more by Vitess, to \`${destination.schema}\`.`,
    ...(lacking === 0
      ? []
      : [
          `${lacking} of ${shards.length} shards get the column \`${column}\` at once, without a copy: \`SELECT *\` shows it, and an INSERT that names no columns fails. \`wwdb shards check\` calls them different until then.`,
        ]),
    `No migration runs on \`${source.database}\` while the rows are copied. A shard that is made meanwhile is in no workflow: the switch is refused, and names it.`,
    ...(byShard.length === 0
      ? []
      : [
          `The unique keys ${quoted(byShard.map(({ name }) => name))} hold within a shard of the keyspace alone, as \`${primary?.columns}\` is not among their columns.`,
        ]),
    ...(vschema?.autoIncrement === null || vschema === null
      ? []
      : [
          `New rows take their \`${vschema.autoIncrement.column}\` from the sequence \`${vschema.autoIncrement.sequence.name}\`, whose next block begins at ${sequence?.next ?? 'unknown'}. The highest of the shards is ${lastId ?? 'none'}: at the switch, each number that it still gives must be higher.`,
        ]),
    `At the switch, the application stops writing to the shards and writes to \`${table}\` through vtgate, with \`${column}\` in each row. Statements that ask for one shard get a condition on \`${column}\`${primary === undefined || isNamed(primary.columns, column) ? '' : `, and one on \`${primary.columns}\` where one shard of the keyspace is to answer`}.`,
    `After the switch, a wwdb that does not know this command reads no registry of \`${source.database}\` (\`REGISTRY_UNKNOWN\`), so it works on none of its families: upgrade wwdb in each checkout and scheduled job first.`,
    ...(shards.every(({ obstacles }) => obstacles.seesAll)
      ? []
      : [
          'Foreign keys to the shards from schemas in which the account has no rights were not looked for: that needs `GRANT PROCESS ON *.*`.',
        ]),
    ...(family.template.siblings.length === 0
      ? []
      : [`Shards of ${quoted(family.template.siblings)} are not moved with it: move each family by itself.`]),
  ]
}
