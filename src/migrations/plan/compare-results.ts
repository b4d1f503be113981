import { countOf } from '../../core/plural.ts'
import type { LeftValues, SampleOutcome, SampleResult } from '../../probe/probe-result.ts'

/**
 * What the result of a sample before and after a migration says:
 * - `same`      `added` are columns that it reads in addition, behind the others
 * - `unjudged`  nothing: a clause
 * - `changed`   what it was and what it is, without a value
 * - `fails`     the server refuses it on rows as they are after the migration
 */
export type ComparedResult =
  | { readonly type: 'same'; readonly added: readonly string[] }
  | { readonly type: 'unjudged'; readonly why: string }
  | { readonly type: 'changed' | 'fails'; readonly before: string; readonly after: string }

type Rows = Extract<SampleResult, { readonly type: 'rows' }>
type Affected = Extract<SampleResult, { readonly type: 'affected' }>
type Removed = Extract<SampleResult, { readonly type: 'removed' }>

/** Pure. */
export function compareOutcomes(before: SampleOutcome | undefined, after: SampleOutcome | undefined): ComparedResult {
  if (before === undefined || after === undefined) return unjudged('the scratch schema was not made')
  if (before.type === 'untried') return unjudged(before.why)
  if (before.type === 'refused') return unjudged('it fails before the migration, too')
  if (after.type === 'untried') return unjudged(after.why)
  const was = before.result
  if (was === undefined) return unjudged('the scratch schema was not made')
  if (was.type === 'unjudged') return was
  if (after.type === 'refused') return { type: 'fails', before: describe(was), after: after.why }
  const is = after.result
  if (is === undefined) return unjudged('the scratch schema was not made')
  return is.type === 'unjudged' ? is : compareResults(was, is)
}

const unjudged = (why: string): ComparedResult => ({ type: 'unjudged', why })

function describe(result: Exclude<SampleResult, { readonly type: 'unjudged' }>): string {
  if (result.type === 'rows') return countOf(result.rows.length, 'row')
  return `${countOf(result.rows, 'row')} ${result.type === 'removed' ? 'removed' : 'changed'}`
}

function compareResults(
  was: Exclude<SampleResult, { readonly type: 'unjudged' }>,
  is: Exclude<SampleResult, { readonly type: 'unjudged' }>,
): ComparedResult {
  if (was.type === 'rows' && is.type === 'rows') return compareRows(was, is)
  if (was.type === 'affected' && is.type === 'affected' && was.rows === is.rows) return compareLeft(was, is)
  if (was.type === 'removed' && is.type === 'removed' && was.rows === is.rows) return compareRemoved(was, is)
  return { type: 'changed', before: describe(was), after: describe(is) }
}

/** As many rows are removed: their keys say whether they are the same ones, where the migration keeps the keys. */
function compareRemoved(was: Removed, is: Removed): ComparedResult {
  if (was.rows === 0) return unjudged('it removed none of the rows that were made')
  if (was.keys === null || is.keys === null) return unjudged('only the number of rows that it removes was compared')
  const [before, after] = [sortTexts(was.keys.removed), sortTexts(is.keys.removed)]
  // Keys that the plan adds or removes are on one side alone; those that it changes are missing on both.
  const [allBefore, allAfter] = [was.keys, is.keys].map((keys) => new Set(sortTexts([...keys.removed, ...keys.kept])))
  const isMissing = (some: ReadonlySet<string> = new Set(), others: ReadonlySet<string> = new Set()): boolean =>
    [...some].some((key) => !others.has(key))
  if (isMissing(allBefore, allAfter) && isMissing(allAfter, allBefore))
    return unjudged('the migration changes the key by which removed rows are compared')
  const isSameKey = JSON.stringify(was.keys.columns).toLowerCase() === JSON.stringify(is.keys.columns).toLowerCase()
  if (isSameKey && JSON.stringify(before) === JSON.stringify(after)) return same
  const keptBefore = new Set(sortTexts(was.keys.kept))
  const keptAfter = new Set(sortTexts(is.keys.kept))
  const isOther = before.some((key) => keptAfter.has(key)) || after.some((key) => keptBefore.has(key))
  return isSameKey && isOther
    ? { type: 'changed', before: describe(was), after: `${describe(is)}, and not the same ones` }
    : unjudged('the migration changes the key by which removed rows are compared')
}

/** As many rows are changed: what is in them decides. A row that had its new values before counts as changed, too. */
function compareLeft(was: Affected, is: Affected): ComparedResult {
  if (was.rows === 0) return unjudged('it changed none of the rows that were made')
  if (was.left === null || is.left === null) return unjudged('only the number of rows that it changes was compared')
  const count = was.left.rows.length
  if (count !== is.left.rows.length) return unjudged('rows that were made had the values that it sets')
  if (count === 0) return unjudged('it changed none of the rows that were made')
  const other = findLeft(was.left, is.left)
  return other.length === 0
    ? same
    : { type: 'changed', before: describe(was), after: `${describe(is)}, with another value of ${other.join(', ')}` }
}

const same: ComparedResult = { type: 'same', added: [] }

function compareRows(was: Rows, is: Rows): ComparedResult {
  const kept = is.columns.slice(0, was.columns.length)
  if (JSON.stringify(kept) !== JSON.stringify(was.columns)) return { type: 'changed', ...nameColumns(was, is) }
  const added = is.columns.slice(was.columns.length)
  const rows = is.rows.map((row) => row.slice(0, was.columns.length))
  if (isNothing(was.rows) && isNothing(rows)) return unjudged('it found none of the rows that were made')
  if (was.rows.length !== rows.length) return { type: 'changed', before: describe(was), after: describe(is) }
  const values = findValues(was, rows)
  if (values !== null) return { type: 'changed', before: describe(was), after: values }
  if (!was.isOrdered || isSameOrder(was, { ...is, rows })) return { type: 'same', added }
  if (was.ranks === null || is.ranks === null) return unjudged('its ORDER BY may leave rows in any order')
  return { type: 'changed', before: 'rows in one order', after: 'the same rows in another one' }
}

function nameColumns(was: Rows, is: Rows): { readonly before: string; readonly after: string } {
  const list = ({ columns }: Rows): string =>
    `the ${columns.length === 1 ? 'column' : 'columns'} ${columns.map((name) => `\`${name}\``).join(', ')}`
  return { before: list(was), after: list(is) }
}

/** No row, or one of an aggregate or an EXISTS over no row. */
const isNothing = (rows: Rows['rows']): boolean =>
  rows.length === 0 ||
  (rows.length === 1 && rows.every((row) => row.every((value) => value === null || Number(value) === 0)))

/** The columns in which another value is left: those that are there before and after. */
function findLeft(was: LeftValues, is: LeftValues): readonly string[] {
  return was.columns.flatMap((name, at) => {
    const after = is.columns.findIndex((one) => one.toLowerCase() === name.toLowerCase())
    const of = ({ rows }: LeftValues, column: number): string =>
      JSON.stringify(rows.map((row) => JSON.stringify(row[column])).sort())
    return after < 0 || of(was, at) === of(is, after) ? [] : [`\`${name}\``]
  })
}

/** Which values differ, by their columns; null where none does. */
function findValues({ columns, rows: was }: Rows, is: Rows['rows']): string | null {
  const [before, after] = [sortTexts(was), sortTexts(is)]
  if (JSON.stringify(before) === JSON.stringify(after)) return null
  const left = new Map<string, number>()
  for (const row of before) left.set(row, (left.get(row) ?? 0) + 1)
  const other = after.filter((row) => {
    const count = left.get(row) ?? 0
    left.set(row, count - 1)
    return count <= 0
  }).length
  const changed = columns.filter((_, at) => {
    const of = (rows: Rows['rows']): string => JSON.stringify(rows.map((row) => JSON.stringify(row[at])).sort())
    return of(was) !== of(is)
  })
  const named = changed.map((name) => `\`${name}\``).join(', ')
  return `${countOf(was.length, 'row')}, ${other} of them with ${named === '' ? 'other values beside each other' : `another value of ${named}`}`
}

const sortTexts = (rows: Rows['rows']): readonly string[] => rows.map((row) => JSON.stringify(row)).sort()

/** Rows of one place are in any order. */
function isSameOrder(was: Rows, is: Rows): boolean {
  return JSON.stringify(places(was)) === JSON.stringify(places(is))
}

function places({ rows, ranks }: Rows): readonly (readonly string[])[] {
  if (ranks === null) return rows.map((row) => [JSON.stringify(row)])
  const found = new Map<number, string[]>()
  for (const [at, row] of rows.entries()) {
    const rank = ranks[at] ?? 0
    found.set(rank, [...(found.get(rank) ?? []), JSON.stringify(row)])
  }
  return [...found].sort(([a], [b]) => a - b).map(([, texts]) => texts.sort())
}
