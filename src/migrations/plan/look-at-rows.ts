import { type KnownTables, stateOfTable, tableKey } from '../../ddl/table-state.ts'
import { findHazards, type JudgedStatement, type PlannedStatement } from '../../lint/find-hazards.ts'
import { hasInner, listInner } from '../../lint/inner-statements.ts'
import type { RowQuestion, TakenRows } from '../../lint/row-question.ts'
import { readDeletedTables, readUpdatedTables } from '../../lint/written-tables.ts'
import { makeInnerQuestions, makeRowQuestion } from '../../probe/row-questions.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
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
  const questions = new Map<string, RowQuestion>()
  const written = new Set<string>()
  for (const [position, { statement }] of planned.entries()) {
    const before = judged[position]
    // Most statements raise no question: only of those that do is it asked what they read.
    const question = before === undefined ? null : makeRowQuestion(statement, before.context)
    const names = question === null ? [] : [...statement.objects, ...listTablesRead(statement)]
    const isAsked =
      before !== undefined &&
      isUnchanged(names, before.tables, now) &&
      !names.some((name) => written.has(tableKey(now, name)))
    if (question !== null && isAsked) questions.set(String(position), question)
    for (const [at, inner] of listInnerQuestions(statement, before, now)) questions.set(`${position}.${at}`, inner)
    for (const name of listWritten(statement, before?.tables ?? now)) written.add(tableKey(now, name))
  }
  const answers = await session.askAboutRows(questions)
  return judged.map((one, position) => {
    const [taken, asked] = [answers.get(String(position)), planned[position]]
    const takenInside = answersInside(answers, position)
    if (asked === undefined || (taken === undefined && takenInside.size === 0)) return one
    const context = { ...one.context, ...(taken === undefined ? {} : { taken }), takenInside }
    return { ...one, context, hazards: findHazards(asked.statement, context) }
  })
}

/** Of the statements that one runs inside, those on tables that are what they were before the plan. */
function listInnerQuestions(
  statement: PlannedStatement['statement'],
  before: JudgedStatement | undefined,
  now: KnownTables,
): readonly (readonly [at: number, question: RowQuestion])[] {
  if (before === undefined || !hasInner(statement, before.tables)) return []
  const inner = listInner(statement, before.tables)
  return [...makeInnerQuestions(statement, before.context)].filter(([at]) => {
    const one = inner[at]
    return (
      one !== undefined && isUnchanged([...one.statement.objects, ...listTablesRead(one.statement)], one.tables, now)
    )
  })
}

function answersInside(answers: ReadonlyMap<string, TakenRows>, position: number): ReadonlyMap<number, TakenRows> {
  const start = `${position}.`
  return new Map(
    [...answers].flatMap(([key, taken]) => (key.startsWith(start) ? [[Number(key.slice(start.length)), taken]] : [])),
  )
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
