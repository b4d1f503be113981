import type { SeenWorkflow } from './read-workflows.ts'
import { type MovedShard, type MovePlace, sourceExpression } from './workflow-commands.ts'

/** Why a workflow is not one of this move. */
export interface WorkflowDifference {
  readonly why: string
  /** It copies the rows of the shard, with the columns that this had when the copy began. */
  readonly isOutdated: boolean
}

/**
 * What a workflow that has the name of this shard's and reads the source does otherwise than that of this move; null where it is that one. Pure.
 * @param place without columns where they do not matter: on the way back, shards may have got others since
 */
export function differenceOf(
  place: Pick<MovePlace, 'table' | 'column' | 'columns'>,
  shard: MovedShard,
  { streams }: SeenWorkflow,
): WorkflowDifference | null {
  const expected = partsOf(sourceExpression(place, shard))
  const other = (why: string): WorkflowDifference => ({ why, isOutdated: false })
  for (const { rules } of streams) {
    const [rule, ...others] = rules
    if (rule === undefined || others.length > 0 || rule.match !== place.table)
      return other(
        `it writes to ${rules.length === 0 ? 'no table that Vitess names' : rules.map(({ match }) => `\`${match}\``).join(', ')}, and not to \`${place.table}\` alone.`,
      )
    const found = partsOf(rule.filter)
    if (found.rows !== expected.rows) return other(`it reads other rows than those of the shard: \`${rule.filter}\`.`)
    if (place.columns.length > 0 && found.columns !== expected.columns)
      return { why: `it reads other columns than the shard has now: \`${rule.filter}\`.`, isOutdated: true }
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

interface QueryParts {
  readonly columns: string
  /** The table and the condition. */
  readonly rows: string
}

/** Names of columns are the same in upper and lower case, those of tables need not be. */
function partsOf(query: string): QueryParts {
  const text = textOf(query)
  const at = text.lastIndexOf(' from ')
  const [table = '', condition = ''] = text.slice(at).split(' where ')
  return { columns: text.slice(0, at).toLowerCase(), rows: `${table} where ${condition.toLowerCase()}` }
}
