/** One way in which a table differs from what its template makes. */
export interface ShapeDifference {
  readonly part: 'column' | 'index' | 'foreign key' | 'check' | 'option' | 'partitioning' | 'order'
  /** The column's, index's, constraint's or option's name; the first column out of place; empty for partitioning. */
  readonly name: string
  readonly change: 'missing' | 'extra' | 'differs'
  /** As the template has it; null for what is extra. */
  readonly wanted: string | null
  /** As the table has it; null for what is missing. */
  readonly found: string | null
}

/** `lacks index idx_send_time`, `has a column note that the template does not have`, `column a differs: ...`. */
export function describeDifference({ part, name, change, wanted, found }: ShapeDifference): string {
  if (part === 'order') return `has its columns in another order, from ${name} on`
  if (part === 'partitioning') return describePartitioning(change)
  const noun = `${part} ${name}`
  if (change === 'missing') return part === 'option' ? `lacks ${noun} (${wanted})` : `lacks ${noun}`
  if (change === 'extra') return `has ${article(part)} ${noun} that its template has not`
  return `has another ${noun}: ${found} instead of ${wanted}`
}

function describePartitioning(change: ShapeDifference['change']): string {
  if (change === 'missing') return 'is not partitioned'
  return change === 'extra' ? 'is partitioned' : 'is partitioned differently'
}

function article(part: string): string {
  return /^[aeiou]/.test(part) ? 'an' : 'a'
}
