import { type Fault, ToolError } from '../../core/tool-error.ts'
import { objectAt, type Schema, stateOfTable, tableKey, withState } from '../../ddl/schema.ts'
import { applyAllowances, describeAllowance } from '../../lint/allowances.ts'
import { listFunctionsCalled } from '../../lint/called-functions.ts'
import { findHazards, findOwnTableChange, setsMode } from '../../lint/find-hazards.ts'
import { type Hazard, type HazardContext, stopsRun } from '../../lint/rule.ts'
import { readCode } from '../../probe/read-code.ts'
import { makeRowQuestion } from '../../probe/row-questions.ts'
import { listParentsToRead, listTablesToRead } from '../../probe/what-to-read.ts'
import { classifyStatement } from '../../sql/classify.ts'
import type { ObjectName, Statement } from '../../sql/statement.ts'
import type { Step } from '../plan.ts'
import type { ApproveCode, LookAtRows, Session } from '../ports.ts'
import { rolledBack } from '../user-code.ts'
import type { Permission } from './approve-plan.ts'
import { EmptiedTables } from './emptied-tables.ts'

/** The file of code whose statements are judged. */
interface CodeFile {
  readonly file: string
  readonly accepted: HazardContext['accepted']
  /** Tables as the plan knows them before the code: those that it created contain nothing from before the run. */
  readonly known: Schema | null
  /** Null where only wwdb's own tables are protected: for a seed, and for a down part. */
  readonly permission: Permission | null
}

/**
 * Judges the statements of users' code like those of SQL files, each before it is sent: what the code does is known only at run time.
 * It must not touch wwdb's own tables.
 */
export function approveCode(session: Session, code: CodeFile): ApproveCode {
  const { schema } = session.target
  let tables: Schema = code.known ?? { schema, foldsNames: session.facts.foldsNames, states: new Map() }
  const read = new Set<string>()
  const { accounts = [] } = session.facts
  let otherMode = false

  /**
   * The states of the tables that a statement names, and the code that it runs: each read once per kind of statement, because triggers and foreign
   * keys are read only for tables that a statement may write to.
   */
  const readTables = async (statement: Statement): Promise<void> => {
    const keyOf = (name: ObjectName): string => `${statement.verb} ${name.type} ${tableKey(tables, name)}`
    const isUnread = (name: ObjectName): boolean => !read.has(keyOf(name)) && stateOfTable(tables, name).type !== 'new'
    const named = [...statement.objects, ...listTablesToRead([statement]), ...listFunctionsCalled(statement)]
    if (!named.some(isUnread)) return
    const { triggers, procedures, functions, views, inner } = await readCode(session, tables, [statement])
    tables = {
      ...tables,
      triggers: new Map([...(tables.triggers ?? []), ...triggers]),
      functions: new Map([...(tables.functions ?? []), ...functions]),
      procedures: new Map([...(tables.procedures ?? []), ...procedures]),
      views: new Map([...(tables.views ?? []), ...views]),
    }
    const all = [statement, ...inner]
    const parents = listParentsToRead(all)
    const names = [...listTablesToRead(all), ...parents].filter(isUnread)
    const found = names.length === 0 ? null : await session.readTableStates(names, { parents, views })
    for (const name of [...named, ...names]) read.add(keyOf(name))
    if (found !== null) for (const name of names) tables = withState(tables, name, objectAt(found, name))
  }

  const emptied = new EmptiedTables()
  const stopAt = (hazards: readonly Hazard[], wasSent: boolean): void => {
    const { permission } = code
    if (permission === null || hazards.length === 0) return
    const { stopped } = applyAllowances(hazards, permission)
    if (stopped.length === 0) return
    throw new ToolError(
      'HAZARDS',
      stopped.map((hazard) => toFault(hazard, permission.protected, wasSent)),
    )
  }
  return {
    query: async (text, look) => {
      const place = { file: code.file, line: 1, column: 1, index: 0, hash: '' }
      const statement: Statement = { ...classifyStatement(text), text, ...place }
      refuseOwnTables(statement)
      if (code.permission === null) return
      await readTables(statement)
      const context = { accepted: code.accepted, accounts, tables, ...(otherMode ? { otherMode } : {}) }
      stopAt(await judge(statement, context, look), false)
      otherMode ||= setsMode(statement)
      await emptied.note(statement, context, look)
    },
    end: async (look) => stopAt(await emptied.judge(look), true),
  }
}

async function judge(statement: Statement, context: HazardContext, look: LookAtRows): Promise<readonly Hazard[]> {
  const question = makeRowQuestion(statement, context)
  const taken = question === null ? undefined : (await look(new Map([[0, question]]))).get(0)
  return findHazards(statement, taken === undefined ? context : { ...context, taken }).filter(
    (hazard) => stopsRun(hazard) && hazard.kind === 'destructive',
  )
}

function refuseOwnTables(statement: Statement): void {
  const found = findOwnTableChange(statement)
  if (found === null) return
  throw new ToolError('DATA_MIGRATION_REFUSED', {
    what: `The code writes to a table of wwdb itself: ${statement.verb}.`,
    where: { statement: statement.text.slice(0, 200) },
    why: found.why,
    next: found.instead,
  })
}

/** Without a line: the stack shows where the code sent the statement. */
function toFault(hazard: Hazard, isProtected: boolean, wasSent: boolean): Fault {
  const ending = wasSent ? rolledBack.all : rolledBack.earlier
  return {
    what: `${hazard.code}: ${hazard.statement}`,
    where: { file: hazard.file },
    why: hazard.why,
    next: [hazard.instead, describeAllowance(hazard, isProtected), ending].join(' '),
  }
}

/** The same for one step of a run. */
export function approveStepCode(
  step: Step,
  { session, permission }: { readonly session: Session; readonly permission: Permission | null },
): ApproveCode {
  const { file, accepted } = step.migration
  const known = step.known?.get(0) ?? null
  return approveCode(session, { file, accepted, known, permission: step.type === 'revert' ? null : permission })
}
