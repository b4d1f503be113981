import type { SeenWorkflow } from './read-workflows.ts'
import { type MovedShard, type MovePlace, sourceExpression } from './workflow-commands.ts'

/**
 * What a workflow that has the name of this shard's and reads the source does otherwise than that of this move; null where it is that one. Pure.
 * @param place without columns where they do not matter: on the way back, shards may have got others since
 */
export function differenceOf(
  place: Pick<MovePlace, 'table' | 'column' | 'columns'>,
  shard: MovedShard,
  { streams }: SeenWorkflow,
): string | null {
  const expected = textOf(sourceExpression(place, shard))
  for (const { rules } of streams) {
    const [rule, ...others] = rules
    if (rule === undefined || others.length > 0 || rule.match !== place.table)
      return `it writes to ${rules.length === 0 ? 'no table that Vitess names' : rules.map(({ match }) => `\`${match}\``).join(', ')}, and not to \`${place.table}\` alone.`
    const found = textOf(rule.filter)
    if (rowsOf(found) !== rowsOf(expected)) return `it reads other rows than those of the shard: \`${rule.filter}\`.`
    if (place.columns.length > 0 && found !== expected)
      return `it reads other columns than the shard has now: \`${rule.filter}\`.`
  }
  return null
}

/** Vitess leaves quotes out where they are not needed, and adds the range of its own shard. */
const textOf = (query: string): string =>
  query
    .replace(/in_keyrange\([^)]*\) and | and in_keyrange\([^)]*\)/, '')
    .replaceAll('`', '')
    .replaceAll(/\s+/g, ' ')
    .trim()

/** The table and the condition. */
const rowsOf = (query: string): string => query.slice(query.lastIndexOf(' from '))
