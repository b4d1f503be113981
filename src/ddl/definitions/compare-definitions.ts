import { comparablePartitioning } from '../partition-names.ts'
import type { ColumnSnapshot, PartSnapshot, TableSnapshot } from '../snapshot.ts'
import { charsetClause, describeCollation } from './normal-column.ts'

/** All differences between the definition that a table has and the one it should have. Pure. */
export function compareDefinitions(wanted: TableSnapshot, found: TableSnapshot): readonly ShapeDifference[] {
  return [
    ...compareColumns(wanted, found),
    ...compareOrder(wanted, found),
    ...compareParts('index', wanted.indexes, found.indexes),
    ...compareParts('foreign key', wanted.foreignKeys, found.foreignKeys),
    ...compareParts('check', wanted.checks, found.checks),
    ...compareOptions(wanted.options, found.options),
    ...comparePartitioning(wanted.partitioning, found.partitioning),
  ]
}

/** Whether two columns are the same. The text of a column leaves out what it inherits from its table. */
export function isSameColumn(one: ColumnSnapshot, other: ColumnSnapshot): boolean {
  return one.collation === other.collation && (one.text === other.text || withoutCharset(one) === withoutCharset(other))
}

function withoutCharset({ text, collation }: ColumnSnapshot): string {
  return collation === null ? text : text.replace(charsetClause(collation), '')
}

/** Names of columns, indexes and constraints are compared without regard to case. */
export function findPart<Part extends PartSnapshot>(parts: readonly Part[], name: string): Part | undefined {
  return parts.find((part) => part.name.toLowerCase() === name.toLowerCase())
}

function compareColumns(wanted: TableSnapshot, found: TableSnapshot): readonly ShapeDifference[] {
  const missingOrDifferent = wanted.columns.flatMap((column): readonly ShapeDifference[] => {
    const present = findPart(found.columns, column.name)
    if (present === undefined) return [difference('column', 'missing', column, null)]
    return isSameColumn(column, present) ? [] : [differsInColumn(column, present)]
  })
  const extra = found.columns.filter((column) => findPart(wanted.columns, column.name) === undefined)
  return [...missingOrDifferent, ...extra.map((column) => difference('column', 'extra', null, column))]
}

/** Where the texts of two columns are equal and only the inherited character set differs, the character set is shown. */
function differsInColumn(column: ColumnSnapshot, present: ColumnSnapshot): ShapeDifference {
  const plain = difference('column', 'differs', column, present)
  if (plain.wanted !== plain.found) return plain
  const show = (part: ColumnSnapshot): string => `${withoutName(part)} (${describeCollation(part.collation ?? '')})`
  return { ...plain, wanted: show(column), found: show(present) }
}

function compareOrder(wanted: TableSnapshot, found: TableSnapshot): readonly ShapeDifference[] {
  const common = wanted.columns.filter((column) => findPart(found.columns, column.name) !== undefined)
  const present = found.columns.filter((column) => findPart(wanted.columns, column.name) !== undefined)
  const staying = new Set(longestRun(present.map(lowerName), common.map(lowerName)))
  const moved = common.filter((column) => !staying.has(lowerName(column)))
  if (moved.length === 0) return []
  const list = (columns: readonly PartSnapshot[]): string => columns.map(({ name }) => name).join(', ')
  const [first] = moved
  return [{ part: 'order', name: first?.name ?? '', change: 'differs', wanted: list(common), found: list(present) }]
}

function lowerName({ name }: PartSnapshot): string {
  return name.toLowerCase()
}

function compareParts(
  part: ShapeDifference['part'],
  wanted: readonly PartSnapshot[],
  found: readonly PartSnapshot[],
): readonly ShapeDifference[] {
  const missingOrDifferent = wanted.flatMap((one): readonly ShapeDifference[] => {
    const present = findPart(found, one.name)
    if (present === undefined) return [difference(part, 'missing', one, null)]
    return present.text === one.text ? [] : [difference(part, 'differs', one, present)]
  })
  const extra = found.filter((one) => findPart(wanted, one.name) === undefined)
  return [...missingOrDifferent, ...extra.map((one) => difference(part, 'extra', null, one))]
}

function difference(
  part: ShapeDifference['part'],
  change: ShapeDifference['change'],
  wanted: PartSnapshot | null,
  found: PartSnapshot | null,
): ShapeDifference {
  return {
    part,
    change,
    name: wanted?.name ?? found?.name ?? '',
    wanted: wanted === null ? null : withoutName(wanted),
    found: found === null ? null : withoutName(found),
  }
}

/** `varchar(50) NOT NULL` of `` `name` varchar(50) NOT NULL ``. */
function withoutName({ name, text }: PartSnapshot): string {
  const quoted = `\`${name.replaceAll('`', '``')}\` `
  return text.startsWith(quoted) ? text.slice(quoted.length) : text
}

function compareOptions(wanted: TableSnapshot['options'], found: TableSnapshot['options']): readonly ShapeDifference[] {
  return [...new Set([...Object.keys(wanted), ...Object.keys(found)])].flatMap((name): readonly ShapeDifference[] => {
    const [want, have] = [wanted[name] ?? null, found[name] ?? null]
    if (want === have) return []
    const change = have === null ? 'missing' : want === null ? 'extra' : 'differs'
    return [{ part: 'option', name, change, wanted: want, found: have }]
  })
}

function comparePartitioning(wanted: string | null, found: string | null): readonly ShapeDifference[] {
  if (comparablePartitioning(wanted) === comparablePartitioning(found)) return []
  const change = found === null ? 'missing' : wanted === null ? 'extra' : 'differs'
  return [{ part: 'partitioning', name: '', change, wanted, found }]
}

/** One difference between a table and the definition it should have: that of its shard template, or of another schema. */
export interface ShapeDifference {
  readonly part:
    | 'column'
    | 'index'
    | 'foreign key'
    | 'check'
    | 'option'
    | 'partitioning'
    | 'order'
    | 'trigger'
    | 'vindex'
  /** The column's, index's, constraint's or option's name; the first column out of place; empty for partitioning. */
  readonly name: string
  readonly change: 'missing' | 'extra' | 'differs'
  /** The expected definition; for a trigger, that of most shards. Null for an extra part. */
  readonly wanted: string | null
  /** The definition in the table; null for a missing part. */
  readonly found: string | null
}

/**
 * The difference as the end of a sentence about one table or, with `many`, about several: `lacks index `idx_time``,
 * `have an extra column `note``.
 */
export function describeDifference({ part, name, change, wanted, found }: ShapeDifference, many = false): string {
  const [has, is, lacks, differs] = many ? ['have', 'are', 'lack', 'differ'] : ['has', 'is', 'lacks', 'differs']
  const named = `${part} \`${name}\``
  if (part === 'order') return `${has} a different column order from \`${name}\` on`
  if (part === 'partitioning') {
    if (change === 'missing') return `${is} not partitioned`
    return change === 'extra' ? `${is} partitioned` : `${is} partitioned differently`
  }
  if (change === 'missing') return part === 'option' ? `${lacks} ${named} (${wanted})` : `${lacks} ${named}`
  if (change === 'extra') return `${has} an extra ${named}`
  return `${differs} in ${named}: ${found} instead of ${wanted}`
}

/**
 * The names that may stay where they are while the others are moved: a longest common subsequence, so that as few columns
 * as possible are moved. Both lists contain the same names.
 */
export function longestRun(present: readonly string[], wanted: readonly string[]): readonly string[] {
  const placeOf = new Map(wanted.map((name, place) => [name, place]))
  const places = present.map((name) => placeOf.get(name) ?? -1)
  // Longest increasing subsequence; a table has at most 4096 columns, and rarely fifty.
  const lengths: number[] = []
  const previous: number[] = []
  for (const [at, place] of places.entries()) {
    let best = -1
    for (let before = 0; before < at; before += 1) {
      const isSmaller = (places[before] ?? 0) < place
      if (isSmaller && (lengths[before] ?? 0) > (lengths[best] ?? 0)) best = before
    }
    lengths.push((lengths[best] ?? 0) + 1)
    previous.push(best)
  }
  const run: string[] = []
  let at = lengths.indexOf(Math.max(...lengths, 0))
  while (at >= 0) {
    run.unshift(present[at] ?? '')
    at = previous[at] ?? -1
  }
  return run
}
