import { quoteName } from '../sql/quote-name.ts'
import type { SchemaDiff } from './diff.ts'

/** A table that no migration made and that has rows: taking it back moves it aside. */
export interface HeldTable {
  readonly name: string
  /** Null where this user may not read them. */
  readonly rows: number | null
  /** True where there are more than were counted. */
  readonly isMore: boolean
  /** The name that it is held under. */
  readonly hold: string
}

/** Rows that are counted at most: a table of a hundred million is asked about as well as one of a million. */
export const mostCounted = 1_000_000

/** How many rows are asked about, for people. */
export function describeRows({ rows, isMore }: Pick<HeldTable, 'rows' | 'isMore'>): string {
  if (rows === null) return 'rows that this account cannot count'
  return `${isMore ? 'more than ' : ''}${rows} ${rows === 1 ? 'row' : 'rows'}`
}

/**
 * The same way back, without a DROP TABLE of a table that has rows: it is renamed to its hold name instead, before anything else, so that what should have its
 * name can get it. Pure.
 */
export function holdInstead(diff: SchemaDiff, held: readonly HeldTable[]): SchemaDiff {
  if (held.length === 0) return diff
  const drops = new Map(held.map((table) => [`DROP TABLE ${quoteName(table.name)}`, table]))
  const renames = diff.forward.flatMap((statement) => {
    const table = drops.get(statement.text)
    if (table === undefined) return []
    const text = `RENAME TABLE ${quoteName(table.name)} TO ${quoteName(table.hold)}`
    return [{ ...statement, text, place: 'first' as const, hazards: [] }]
  })
  return { ...diff, forward: [...renames, ...diff.forward.filter(({ text }) => !drops.has(text))] }
}
