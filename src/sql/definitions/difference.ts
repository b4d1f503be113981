/** One way in which a table differs from what its template makes. */
export interface ShapeDifference {
  readonly part: 'column' | 'index' | 'foreign key' | 'check' | 'option' | 'partitioning' | 'order' | 'trigger'
  /** The column's, index's, constraint's or option's name; the first column out of place; empty for partitioning. */
  readonly name: string
  readonly change: 'missing' | 'extra' | 'differs'
  /** As the template has it, a trigger as most shards have it; null for what is extra. */
  readonly wanted: string | null
  /** As the table has it; null for what is missing. */
  readonly found: string | null
}

/**
 * What is different, as the end of a sentence about one table or, with `many`, about several: `lacks index idx_time`,
 * `have a column note that the template has not`.
 */
export function describeDifference({ part, name, change, wanted, found }: ShapeDifference, many = false): string {
  const [has, is, lacks] = many ? ['have', 'are', 'lack'] : ['has', 'is', 'lacks']
  if (part === 'order') return `${has} ${many ? 'their' : 'its'} columns in another order, from ${name} on`
  if (part === 'partitioning') {
    if (change === 'missing') return `${is} not partitioned`
    return change === 'extra' ? `${is} partitioned` : `${is} partitioned differently`
  }
  if (change === 'missing')
    return part === 'option' ? `${lacks} ${part} ${name} (${wanted})` : `${lacks} ${part} ${name}`
  if (part === 'trigger' && change === 'extra') return `${has} a trigger ${name} that most shards have not`
  const article = /^[aeiou]/.test(part) ? 'an' : 'a'
  if (change === 'extra') return `${has} ${article} ${part} ${name} that the template has not`
  return `${has} another ${part} ${name}: ${found} instead of ${wanted}`
}
