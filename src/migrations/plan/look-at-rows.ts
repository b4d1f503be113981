import { findHazards, type JudgedStatement, type PlannedStatement } from '../../lint/find-hazards.ts'
import { listTablesRead } from '../../lint/read-sources.ts'
import { makeRowQuestion } from '../../lint/row-questions.ts'
import type { RowQuestion } from '../../sql/row-question.ts'
import { type KnownTables, stateOfTable, tableKey } from '../../sql/table-state.ts'
import type { Session } from '../ports.ts'

/**
 * The judgments of a plan, where the rows that its conditions take now decide more than their texts. Only what no statement before changes, rows included,
 * can be looked at: the others are left as they were judged.
 * @param now the tables as they are before the plan
 */
export async function judgeByRows(
  session: Session,
  planned: readonly PlannedStatement[],
  judged: readonly JudgedStatement[],
  now: KnownTables,
): Promise<readonly JudgedStatement[]> {
  const questions = new Map<number, RowQuestion>()
  const written = new Set<string>()
  for (const [position, { statement }] of planned.entries()) {
    const before = judged[position]
    const names = [...statement.objects, ...listTablesRead(statement)]
    const isAsked =
      before !== undefined &&
      isUnchanged(names, before.tables, now) &&
      !names.some((name) => written.has(tableKey(now, name)))
    const question = isAsked ? makeRowQuestion(statement, before.context) : null
    if (question !== null) questions.set(position, question)
    if (statement.class === 'data') for (const name of names) written.add(tableKey(now, name))
  }
  const answers = await session.askAboutRows(questions)
  return judged.map((one, position) => {
    const [taken, asked] = [answers.get(position), planned[position]]
    if (taken === undefined || asked === undefined) return one
    const context = { ...one.context, taken }
    return { ...one, context, hazards: findHazards(asked.statement, context) }
  })
}

type Objects = PlannedStatement['statement']['objects']

/** Whether these tables are what they were before the plan: a state that a statement has changed is another value. */
function isUnchanged(objects: Objects, before: KnownTables, now: KnownTables): boolean {
  return before.unseen !== true && objects.every((name) => stateOfTable(before, name) === stateOfTable(now, name))
}
