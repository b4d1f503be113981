import type { Schema } from '../../ddl/schema.ts'
import { findHazards, type JudgedStatement, type PlannedStatement } from '../../lint/find-hazards.ts'
import { hasInner, type InnerStatement, listInner } from '../../lint/inner-statements.ts'
import type { RowQuestion, TakenRows } from '../../lint/row-question.ts'
import { makeInnerQuestions, makeRowQuestion, mostEarlier } from '../../probe/row-questions.ts'
import { listTablesRead } from '../../sql/read-sources.ts'
import type { Session } from '../ports.ts'
import { isUnchanged, WrittenRows } from './written-rows.ts'

/** A judgment, and whether the rows must be checked again when the statement runs. */
interface LookedAt extends JudgedStatement {
  readonly looksLater?: true
}

/**
 * The judgments of a plan, where the rows that its conditions select now say more than their texts. Only tables and rows that no earlier statement changes can be checked: other statements keep their judgment, and are checked when they run.
 * @param now the tables as they are before the plan
 */
export async function judgeByRows(
  session: Session,
  planned: readonly PlannedStatement[],
  judged: readonly JudgedStatement[],
  now: Schema,
): Promise<readonly LookedAt[]> {
  const questions = new Map<string, RowQuestion>()
  const later = new Set<number>()
  const written = new WrittenRows(now)
  for (const [position, { statement }] of planned.entries()) {
    const before = judged[position]
    const known = before?.tables ?? now
    const takers = written.listTakers(statement, known)
    // Most statements raise no question: only for those that do is it determined what they read.
    const question = before === undefined ? null : makeRowQuestion(statement, before.context, takers)
    const names = question === null ? [] : [...statement.objects, ...listTablesRead(statement)]
    const isAsked = isUnchanged(names, known, now) && written.isAsBefore(names, question?.decidedBy ?? null)
    if (question !== null && isAsked) questions.set(String(position), question)
    if (question !== null && (!isAsked || takers.length > mostEarlier)) later.add(position)
    const inner = hasInner(statement, known) ? listInner(statement, known) : []
    for (const [at, one] of listInnerQuestions(statement, inner, before, now)) questions.set(`${position}.${at}`, one)
    written.follow(statement, known, inner)
  }
  const answers = await session.askAboutRows(questions)
  return judged.map((one, position) => {
    const [taken, asked] = [answers.get(String(position)), planned[position]]
    const takenInside = answersInside(answers, position)
    const looked: LookedAt = later.has(position) ? { ...one, looksLater: true } : one
    if (asked === undefined || (taken === undefined && takenInside.size === 0)) return looked
    const context = { ...one.context, ...(taken === undefined ? {} : { taken }), takenInside }
    return { ...looked, context, hazards: findHazards(asked.statement, context) }
  })
}

/** Inner statements on tables that are still as they were before the plan. */
function listInnerQuestions(
  statement: PlannedStatement['statement'],
  inner: readonly InnerStatement[],
  before: JudgedStatement | undefined,
  now: Schema,
): readonly (readonly [at: number, question: RowQuestion])[] {
  if (before === undefined || inner.length === 0) return []
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
