import { createHash } from 'node:crypto'
import type { Fault } from '../core/tool-error.ts'
import { type FindRow, namedBy } from './order-rows.ts'
import type { PresentRow, SeedMatch, SeedRecord } from './ports.ts'
import type { SeedChange, SeedRowChange } from './seed.ts'
import { type ChangedByHand, type SeedPlace, type SeedRow, textOf } from './seed.ts'
import type { StagedSeed } from './stage-target.ts'

/** A row with everything on which its plan depends. */
export interface PlannedRow {
  readonly index: number
  readonly row: SeedRow
  readonly match: SeedMatch
  /** What its columns should hold, as the server renders it; references to rows that do not exist yet by their names. */
  readonly wanted: ReadonlyMap<string, string | null>
  readonly record: SeedRecord | null
  readonly decision: RowDecision
}

export interface RowPlanning {
  readonly rows: readonly PlannedRow[]
  readonly faults: readonly Fault[]
}

/** The tool's records, by the row they describe. */
export class RecordIndex {
  readonly #records: ReadonlyMap<string, SeedRecord>

  constructor(records: readonly SeedRecord[]) {
    this.#records = new Map(records.map((record) => [nameOf(record.table, record.identity), record]))
  }

  /** Records of rows whose names are not among these. */
  without(names: ReadonlySet<string>): readonly SeedRecord[] {
    return [...this.#records].filter(([name]) => !names.has(name)).map(([, record]) => record)
  }

  find(table: string, identity: Readonly<Record<string, string>>): SeedRecord | null {
    return this.#records.get(nameOf(table, identity)) ?? null
  }
}

export function nameOf(table: string, identity: Readonly<Record<string, string>>): string {
  return JSON.stringify([table, Object.entries(identity).toSorted()])
}

/** The identity of a row that was found, by column. */
export function identityOf({ staged }: StagedSeed, match: SeedMatch): Readonly<Record<string, string>> | null {
  const { present } = match
  if (present === null) return null
  return Object.fromEntries(staged.shape.identity.map((column, index) => [column, present.identity[index] ?? '']))
}

/** Decides what to do with the rows that were looked up. Pure. `find` knows the rows that this run writes. */
export function planRows(
  seed: StagedSeed,
  matches: readonly SeedMatch[],
  records: RecordIndex,
  find: FindRow,
): RowPlanning {
  const faults: Fault[] = []
  const rows = matches.flatMap((match): readonly PlannedRow[] => {
    const row = seed.seed.rows[match.row]
    if (row === undefined) return []
    const wanted = new Map(seed.values[match.row])
    for (const [index, reference] of seed.seed.references.entries()) {
      const texts = namedBy(row, reference.field)
      if (texts === null && !row.references.has(reference.field)) continue
      const found = match.references[index] ?? null
      if (texts !== null && found === null && find(reference, texts) === null)
        faults.push(nothingNamed(reference, texts, row.references.get(reference.field)?.[0]?.place ?? row.place))
      wanted.set(reference.column, texts === null ? null : (found ?? `(new) ${texts.join('/')}`))
    }
    const identity = identityOf(seed, match)
    const record = identity === null ? null : records.find(seed.seed.table, identity)
    const decision = decideRow(wanted, match.present, record, seed.seed.changedByHand)
    return [{ index: match.row, row, match, wanted, record, decision }]
  })
  return { rows, faults }
}

function nothingNamed(
  { field, table, key }: StagedSeed['seed']['references'][number],
  texts: readonly (string | null)[],
  place: SeedPlace,
): Fault {
  const named = key.map((column, index) => `${column} "${texts[index]}"`).join(' and ')
  return {
    what: `The reference \`${field}\` matches no row: \`${table}\` has no row with ${named}.`,
    where: place,
    why: 'Neither a seed of this environment nor the database has it; seeds are case-sensitive.',
    next: 'Correct the name, or add the row.',
  }
}

/** The natural key in the words of the file. */
export function keyOf({ seed }: StagedSeed, row: SeedRow): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    seed.key.map((part) => {
      const cell = row.cells.get(part)
      const named = namedBy(row, part)
      return [part, named === null ? (cell === undefined ? null : textOf(cell.value)) : named.join('/')]
    }),
  )
}

/** Columns whose values must not appear on a screen or in a log. */
const secretName = /password|passwd|secret|salt|token|credential|private_?key|api_?key/i

export function showValue(column: string, text: string | null): string | null {
  return text !== null && secretName.test(column) ? '***' : text
}

function toChange({ column, before, after, byHand, kept }: Difference): SeedChange {
  return { column, before: showValue(column, before), after: showValue(column, after), byHand, kept }
}

/** The displayed plan of a row; null for a row that is as it should be. */
export function describeRow(seed: StagedSeed, planned: PlannedRow): SeedRowChange | null {
  const { decision, row, wanted } = planned
  if (decision.action === 'same') return null
  const inserted = [...wanted].map(([column, after]) =>
    toChange({ column, before: null, after, byHand: false, kept: false }),
  )
  const changes =
    decision.action === 'insert' ? inserted : 'differences' in decision ? decision.differences.map(toChange) : []
  const { table, file } = seed.seed
  return { table, key: keyOf(seed, row), action: decision.action, file, line: row.place.line, changes }
}

/** One column whose value is not the wanted one. */
interface Difference {
  readonly column: string
  readonly before: string | null
  readonly after: string | null
  readonly byHand: boolean
  readonly kept: boolean
}

/**
 * What is to be done with a row:
 * - `insert`
 * - `update`  the differences that are not kept are written
 * - `keep`    all that differs was changed by hand, and stays
 * - `adopt`   it is as wanted, but its record is not
 * - `same`
 */
type RowDecision =
  | { readonly action: 'insert' }
  | { readonly action: 'update' | 'keep'; readonly differences: readonly Difference[] }
  | { readonly action: 'adopt' | 'same' }

/**
 * True where the current value is not the one that the tool wrote: it was changed since, or the tool never wrote it.
 */
function isByHand(column: string, present: string | null, record: SeedRecord | null): boolean {
  if (record === null) return true
  const left = record.written[column]
  // A column that was added to the table later: in a row of the tool it holds what the migration put there.
  return left === undefined ? !record.inserted : left !== digestValue(present)
}

/**
 * Compares a row with its seed. Pure.
 * @param wanted by column, as the server renders it
 */
export function decideRow(
  wanted: ReadonlyMap<string, string | null>,
  present: PresentRow | null,
  record: SeedRecord | null,
  policy: ChangedByHand,
): RowDecision {
  if (present === null) return { action: 'insert' }
  const differences = [...wanted].flatMap(([column, after]): readonly Difference[] => {
    const before = present.values.get(column) ?? null
    if (before === after) return []
    const byHand = isByHand(column, before, record)
    return [{ column, before, after, byHand, kept: byHand && policy === 'keep' }]
  })
  if (differences.length > 0) return { action: differences.every(({ kept }) => kept) ? 'keep' : 'update', differences }
  const remembered = [...wanted].every(([column, text]) => record?.written[column] === digestValue(text))
  return { action: remembered ? 'same' : 'adopt' }
}

/** The record of a value: enough to see that it has changed, but not a copy of it. */
export function digestValue(text: string | null): string {
  return text === null ? 'NULL' : createHash('sha256').update(text).digest('hex').slice(0, 16)
}

export function digestValues(values: ReadonlyMap<string, string | null>): Readonly<Record<string, string>> {
  return Object.fromEntries([...values].map(([column, text]) => [column, digestValue(text)]))
}
