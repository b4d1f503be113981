import { quoteName } from '../sql/quote-name.ts'
import type { SchemaDiff } from './diff.ts'

/** A table that no migration created and that has rows: reverting it renames it aside. */
export interface HeldTable {
  readonly name: string
  /** Null where this user may not read the rows. */
  readonly rows: number | null
  /** True where there are more rows than were counted. */
  readonly isMore: boolean
  /** The name under which it is held. */
  readonly hold: string
}

/** The most rows that are counted: the question is the same for a hundred million rows as for one million. */
export const mostCounted = 1_000_000

/** The number of rows in the question, for people. */
export function describeRows({ rows, isMore }: Pick<HeldTable, 'rows' | 'isMore'>): string {
  if (rows === null) return 'rows that this account cannot count'
  return `${isMore ? 'more than ' : ''}${rows} ${rows === 1 ? 'row' : 'rows'}`
}

/**
 * The same statements without a DROP TABLE of a table that has rows: it is renamed to its hold name first, so that its name becomes free. Pure.
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
