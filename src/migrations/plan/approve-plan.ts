import { type Fault, ToolError } from '../../core/tool-error.ts'
import { applyAllowances, describeAllowance } from '../../lint/allowances.ts'
import { findHazards } from '../../lint/find-hazards.ts'
import { type Hazard, type HazardContext, stopsRun } from '../../lint/rule.ts'
import type { ServerFacts } from '../../mysql/facts.ts'
import { makeRowQuestion } from '../../probe/row-questions.ts'
import { beginningOf } from '../../sql/mask-passwords.ts'
import type { Statement, StatementFacts } from '../../sql/statement.ts'
import type { Plan, Step } from '../plan.ts'
import type { Session } from '../ports.ts'

/** What the user who starts the run has allowed. */
export interface Permission {
  readonly allow: readonly string[]
  readonly protected: boolean
}

function toFault(hazard: Hazard, database: string | null, isProtected: boolean): Fault {
  return {
    what: `${hazard.code}: ${hazard.statement}`,
    where: { file: hazard.file, line: hazard.line, ...(database === null ? {} : { database }) },
    why: hazard.why,
    next: `${hazard.instead} ${describeAllowance(hazard, isProtected)}`,
  }
}

/**
 * Stops a run whose plan holds destructive or blocking statements that were not accepted. A rollback has its own
 * question: it is meant to remove what a migration created. Throws ToolError `HAZARDS` with one fault for each, or
 * `UNKNOWN_HAZARD` (64).
 */
export function approvePlan(plan: Plan, permission: Permission): void {
  const stopped = new Set(findStopped(plan, permission))
  if (stopped.size === 0) return
  const faults = locateHazards(plan)
    .filter((one) => stopped.has(one.hazard))
    .map((one) => toFault(one.hazard, one.database, permission.protected))
  throw new ToolError('HAZARDS', faults)
}

/** The hazards for which `approvePlan` stops the run. Throws ToolError `UNKNOWN_HAZARD` (64). */
export function findStopped(plan: Plan, permission: Permission): readonly Hazard[] {
  const hazards = locateHazards(plan).map(({ hazard }) => hazard)
  const { stopped } = applyAllowances(hazards, permission)
  return plan.direction === 'down' ? [] : stopped
}

function locateHazards(plan: Plan): readonly { readonly hazard: Hazard; readonly database: string }[] {
  return plan.targets.flatMap((target) =>
    target.steps.flatMap((step) => step.hazards.map((hazard) => ({ hazard, database: target.target.database }))),
  )
}

/** Stops a run before its first statement. Throws ToolError `STATEMENT_WOULD_FAIL`. */
export function stopForeseenFailures(plan: Plan): void {
  const faults = plan.targets.flatMap((target) => target.failures ?? [])
  if (faults.length > 0) throw new ToolError('STATEMENT_WOULD_FAIL', faults)
}

function refused(
  { file, line, column }: Statement,
  { why, next }: NonNullable<StatementFacts['refusal']>,
  text: string,
  step: Step,
): ToolError {
  const where = { file, line, column, database: step.migration.database, statement: beginningOf(text) }
  return new ToolError('STATEMENT_REFUSED', { what: 'A prepared statement cannot run.', where, why, next })
}

/** The text that EXECUTE resolves to is known only when it runs: it must not destroy what the text of the file did not show. */
export function approveResolved(
  statement: Statement,
  { text, ...facts }: StatementFacts & Pick<Statement, 'text'>,
  step: Step,
  permission: Permission,
  { accounts = [] }: Pick<ServerFacts, 'accounts'>,
): void {
  if (facts.refusal !== null) throw refused(statement, facts.refusal, text, step)
  if (step.type === 'revert') return
  const { file, line, column, index, hash } = statement
  const resolved: Statement = { ...facts, text, file, line, column, index, hash }
  const { accepted } = step.migration
  const tables = step.known?.get(index)
  const hazards = findHazards(resolved, {
    accepted,
    accounts,
    unasked: true,
    ...(tables === undefined ? {} : { tables }),
  }).filter((hazard) => stopsRun(hazard) && hazard.kind === 'destructive')
  const { stopped } = applyAllowances(hazards, permission)
  if (stopped.length === 0) return
  throw new ToolError(
    'HAZARDS',
    stopped.map((hazard) => toFault(hazard, step.migration.database, permission.protected)),
  )
}

/**
 * Checks the rows of an UPDATE or DELETE where earlier statements of the plan wrote them: only now they are what the statement finds. Throws ToolError `HAZARDS` for
 * a hazard that the plan did not show.
 */
export async function approveByRows(
  statement: Statement,
  step: Step,
  permission: Permission,
  session: Pick<Session, 'facts' | 'lookHere'>,
): Promise<void> {
  const tables = step.known?.get(statement.index)
  if (step.type === 'revert' || tables === undefined) return
  const { accepted } = step.migration
  const context: HazardContext = { accepted, accounts: session.facts.accounts ?? [], tables }
  const question = makeRowQuestion(statement, context)
  if (question === null) return
  const taken = (await session.lookHere(new Map([[0, { ...question, cascades: [] }]]))).get(0)
  if (taken === undefined) return
  const planned = new Set(findHazards(statement, context).map(({ code }) => code))
  const found = findHazards(statement, { ...context, taken }).filter(
    (hazard) => hazard.kind === 'destructive' && !planned.has(hazard.code),
  )
  const { stopped } = applyAllowances(found, permission)
  if (stopped.length === 0) return
  throw new ToolError(
    'HAZARDS',
    stopped.map((hazard) => toFault(hazard, step.migration.database, permission.protected)),
  )
}
