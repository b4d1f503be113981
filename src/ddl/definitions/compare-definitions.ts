import { comparablePartitioning } from '../partition-names.ts'
import { readColumn } from './column-text.ts'
import type { DefinitionPart, TableDefinition } from './table-definition.ts'

/** All differences between the definition that a table has and the one it should have. Pure. */
export function compareDefinitions(wanted: TableDefinition, found: TableDefinition): readonly ShapeDifference[] {
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

/** Whether two definitions of a column mean the same in their tables. */
export function isSameColumn(
  one: DefinitionPart,
  ofOne: TableDefinition,
  other: DefinitionPart,
  ofOther: TableDefinition,
): boolean {
  const [left, right] = [readColumn(one, ofOne), readColumn(other, ofOther)]
  return left.name === right.name && left.rest === right.rest && left.charset === right.charset
}

/** Names of columns, indexes and constraints are compared without regard to case. */
export function findPart(parts: readonly DefinitionPart[], name: string): DefinitionPart | undefined {
  return parts.find((part) => part.name.toLowerCase() === name.toLowerCase())
}

function compareColumns(wanted: TableDefinition, found: TableDefinition): readonly ShapeDifference[] {
  const missingOrDifferent = wanted.columns.flatMap((column): readonly ShapeDifference[] => {
    const present = findPart(found.columns, column.name)
    if (present === undefined) return [difference('column', 'missing', column, null)]
    return isSameColumn(column, wanted, present, found) ? [] : [differsInColumn(column, wanted, present, found)]
  })
  const extra = found.columns.filter((column) => findPart(wanted.columns, column.name) === undefined)
  return [...missingOrDifferent, ...extra.map((column) => difference('column', 'extra', null, column))]
}

/** Where the texts of two columns are equal and only the inherited character set differs, the character set is shown. */
function differsInColumn(
  column: DefinitionPart,
  wanted: TableDefinition,
  present: DefinitionPart,
  found: TableDefinition,
): ShapeDifference {
  const plain = difference('column', 'differs', column, present)
  if (plain.wanted !== plain.found) return plain
  const show = (part: DefinitionPart, table: TableDefinition): string =>
    `${withoutName(part)} (${readColumn(part, table).charset ?? ''})`
  return { ...plain, wanted: show(column, wanted), found: show(present, found) }
}

function compareOrder(wanted: TableDefinition, found: TableDefinition): readonly ShapeDifference[] {
  const common = wanted.columns.filter((column) => findPart(found.columns, column.name) !== undefined)
  const present = found.columns.filter((column) => findPart(wanted.columns, column.name) !== undefined)
  const staying = new Set(longestRun(present.map(lowerName), common.map(lowerName)))
  const moved = common.filter((column) => !staying.has(lowerName(column)))
  if (moved.length === 0) return []
  const list = (columns: readonly DefinitionPart[]): string => columns.map(({ name }) => name).join(', ')
  const [first] = moved
  return [{ part: 'order', name: first?.name ?? '', change: 'differs', wanted: list(common), found: list(present) }]
}

function lowerName({ name }: DefinitionPart): string {
  return name.toLowerCase()
}

function compareParts(
  part: ShapeDifference['part'],
  wanted: readonly DefinitionPart[],
  found: readonly DefinitionPart[],
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
  wanted: DefinitionPart | null,
  found: DefinitionPart | null,
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
function withoutName({ name, text }: DefinitionPart): string {
  const quoted = `\`${name.replaceAll('`', '``')}\` `
  return text.startsWith(quoted) ? text.slice(quoted.length) : text
}

function compareOptions(
  wanted: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): readonly ShapeDifference[] {
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((name): readonly ShapeDifference[] => {
    const [want, have] = [wanted.get(name) ?? null, found.get(name) ?? null]
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
  readonly part: 'column' | 'index' | 'foreign key' | 'check' | 'option' | 'partitioning' | 'order' | 'trigger'
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
 * as possible are touched. Both lists hold the same names.
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
