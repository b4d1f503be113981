import type { Emit } from '../../core/event.ts'
import type { Statement, StatementFacts } from '../../sql/statement.ts'
import type { Schemas } from '../plan/placeholders.ts'
import type { Step } from '../plan.ts'
import type { Session, StopRequest } from '../ports.ts'
import type { Gates } from './gates.ts'
import type { Slots } from './slots.ts'
import type { StepRun } from './work.ts'

/** All that working off one target's steps needs. */
export interface ExecutionRequest {
  readonly session: Session
  readonly runs: readonly StepRun[]
  readonly schemas: Schemas
  readonly gates: Gates
  readonly slots: Slots
  readonly emit: Emit
  readonly stop: StopRequest
  readonly statementTimeout: number | null
  readonly classify: (text: string) => StatementFacts
  /** Refuses what EXECUTE resolves to when it is a hazard that nobody allowed. */
  readonly approve: (statement: Statement, facts: StatementFacts, text: string, step: Step) => void
}

/** How far a target came. */
export interface ExecutionReport {
  readonly done: readonly string[]
  readonly statements: number
  readonly stopped: boolean
  readonly error: unknown
}
