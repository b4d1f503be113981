import { quoteName } from '../sql/quote-name.ts'
import type { ObjectName } from '../sql/statement.ts'
import type { ShardStep } from './rotation/family-plan.ts'
import type { ShardRecord } from './shard.ts'

/** The statement that renames a table. */
export function renameTable(table: string, to: string): string {
  return `RENAME TABLE ${quoteName(table)} TO ${quoteName(to)}`
}

interface StepNames {
  /** The statement that gives a table another name. */
  readonly rename: (table: string, to: string) => string
  /** The name under which a shard would be on hold. */
  readonly hold: (record: ShardRecord) => string
}

/** The statement that removes a table. */
export function dropTable(table: string): string {
  return `DROP TABLE IF EXISTS ${quoteName(table)}`
}

/**
 * The statement with which a step of rotation would change the schema now; null where it only counts or copies rows, or loads an archive. The
 * name of a hold contains the day of its run.
 */
export function statementOfStep({ step, record }: ShardStep, { rename, hold }: StepNames): string | null {
  const held = record.hold?.table ?? null
  switch (step) {
    case 'hold':
      return rename(record.table, hold(record))
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
