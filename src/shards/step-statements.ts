import { quoteName } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ShardStep } from './rotation/family-plan.ts'
import { holdName } from './shard.ts'

/** The statement that renames a table. */
export function renameTable(table: string, to: string): string {
  return `RENAME TABLE ${quoteName(table)} TO ${quoteName(to)}`
}

/** The statement that removes a table. */
export function dropTable(table: string): string {
  return `DROP TABLE IF EXISTS ${quoteName(table)}`
}

/**
 * @param rename the statement that gives a table another name
 * The statement with which a step of rotation would change the schema now; null where it only counts or copies rows, or loads an archive. The
 * name of a hold contains the day of its run.
 */
export function statementOfStep(
  { step, record }: ShardStep,
  rename: (table: string, to: string) => string,
  now: number,
): string | null {
  const held = record.hold?.table ?? null
  switch (step) {
    case 'hold':
      return rename(record.table, holdName(record, now))
    case 'restore':
      return held === null ? null : rename(held, record.table)
    case 'drop':
      return held === null ? null : dropTable(held)
    default:
      return null
  }
}

/** `ALTER VSCHEMA`, and what it names. */
export interface VschemaStatement {
  readonly text: string
  readonly objects: readonly ObjectName[]
}
