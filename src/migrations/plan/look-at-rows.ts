import { findHazards, type JudgedStatement, type PlannedStatement } from '../../lint/find-hazards.ts'
import { listTablesRead } from '../../lint/read-sources.ts'
import { makeRowQuestion } from '../../lint/row-questions.ts'
import { readDeletedTables, readUpdatedTables } from '../../lint/written-tables.ts'
import type { RowQuestion } from '../../sql/row-question.ts'
import { type KnownTables, stateOfTable, tableKey } from '../../sql/table-state.ts'
import { tokenize } from '../../sql/tokens.ts'
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
    for (const name of listWritten(statement, before?.tables ?? now)) written.add(tableKey(now, name))
  }
  const answers = await session.askAboutRows(questions)
  return judged.map((one, position) => {
    const [taken, asked] = [answers.get(position), planned[position]]
    if (taken === undefined || asked === undefined) return one
    const context = { ...one.context, taken }
    return { ...one, context, hazards: findHazards(asked.statement, context) }
  })
}

/** The tables whose rows a statement may change, or all that it names where that cannot be read. */
function listWritten(statement: PlannedStatement['statement'], tables: KnownTables): Objects {
  const { verb, objects, text } = statement
  if (statement.class !== 'data') return []
  if (verb === 'INSERT' || verb === 'REPLACE') return objects
  const isChange = verb === 'DELETE' || verb === 'UPDATE'
  const tokens = isChange ? tokenize(text) : []
  const changed = verb === 'DELETE' ? readDeletedTables(tokens) : isChange ? readUpdatedTables(tokens, tables) : null
  return changed?.map(({ table }) => table) ?? [...objects, ...listTablesRead(statement)]
}

type Objects = PlannedStatement['statement']['objects']

/** Whether these tables are what they were before the plan: a state that a statement has changed is another value. */
function isUnchanged(objects: Objects, before: KnownTables, now: KnownTables): boolean {
  return before.unseen !== true && objects.every((name) => stateOfTable(before, name) === stateOfTable(now, name))
}
