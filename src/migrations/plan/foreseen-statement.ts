import type { Fault } from '../../core/tool-error.ts'
import type { Schema } from '../../ddl/schema.ts'
import type { Statement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'

/** A statement of a plan, in order, with what is known about the tables before it. */
export interface ForeseenStatement {
  readonly step: Step
  readonly statement: Statement
  readonly tables: Schema
  /** An earlier run opened it and may have executed it: it is settled before anything else runs. */
  readonly isOpen: boolean
}

export const placeOf = ({ statement, step }: ForeseenStatement): NonNullable<Fault['where']> => ({
  file: statement.file,
  line: statement.line,
  column: statement.column,
  database: step.migration.database,
})
