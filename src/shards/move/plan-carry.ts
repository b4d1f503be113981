import { has, quoted, type ShardFacts } from './move-facts.ts'
import { type MoveRequest, refused } from './move-request.ts'
import { idOf, type MovePlan } from './plan-move.ts'

/** A shard that gets rows of the keyspace back. */
export type UndoneShard = Pick<ShardFacts, 'key' | 'table' | 'columns' | 'unique'>

/** How rows come back: these columns, in the order of the id. */
export interface CarryPlan extends Pick<MovePlan, 'columns' | 'id'> {
  readonly shards: readonly CarriedShard[]
}

interface CarriedShard extends Pick<UndoneShard, 'key' | 'table'> {
  /** Columns of which the shard takes each value once. */
  readonly once: readonly (readonly string[])[]
}

/**
 * Asks only for what the way back needs: nothing of what speaks against a copy may keep the shards closed. Throws ToolError `MOVE_REFUSED`.
 * @param wanted the columns of the table of the keyspace
 */
export function planCarry(
  request: Pick<MoveRequest, 'store' | 'family' | 'table' | 'column'>,
  shards: readonly UndoneShard[],
  wanted: NamedColumns,
): CarryPlan {
  const { table, column } = request
  const [first] = shards
  if (first === undefined) throw new Error('a shard that was switched exists')
  const columns = namesOf(first)
  const keyless = shards.find((shard) => !has(shard.columns, column))
  if (keyless !== undefined)
    throw refused(
      request,
      `\`${keyless.table}\` does not have the column \`${column}\`, which the switch needed.`,
      'Name the column that it had with `--column`.',
    )
  const id = idOf(first)
  if (id === null || shards.some((shard) => idOf(shard) !== id))
    throw refused(
      request,
      'The primary key of the shards is not one column of whole numbers any more.',
      'Give the shards the primary key that they had at the switch, and run the command again.',
    )
  const odd = shards.filter((shard) => shapeOf(namesOf(shard)) !== shapeOf(columns))
  if (odd.length > 0)
    throw refused(
      request,
      `The columns of ${quoted(odd.slice(0, 5).map((one) => one.table))} are not those of \`${first.table}\`.`,
      'Give the shards the same columns, and run the command again.',
    )
  const missing = columns.filter((name) => !has(wanted, name))
  if (missing.length > 0)
    throw refused(
      request,
      wanted.length === 0
        ? `The keyspace has no table \`${table}\`, so no row can come back.`
        : `\`${table}\` does not have the columns ${quoted(missing)} of the shards any more.`,
      'Restore it, and run the command again.',
    )
  return {
    columns,
    id,
    shards: shards.map((shard) => ({ key: shard.key, table: shard.table, once: onceOf(shard, wanted) })),
  }
}

type NamedColumns = readonly { readonly name: string }[]

const namesOf = ({ columns }: UndoneShard): readonly string[] =>
  columns.filter(({ generated }) => !generated).map(({ name }) => name)

const shapeOf = (names: readonly string[]): string =>
  names
    .map((name) => name.toLowerCase())
    .toSorted()
    .join(', ')

/** A key of expressions or of beginnings of columns cannot be looked for. */
const onceOf = ({ unique }: UndoneShard, wanted: NamedColumns): CarriedShard['once'] =>
  unique.flatMap(({ columns }) => (columns?.every((name) => has(wanted, name)) === true ? [columns] : []))
