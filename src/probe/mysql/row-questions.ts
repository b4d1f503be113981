import { longestLook, type RowQuestion, type TakenRows } from '../../lint/row-question.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost } from '../../mysql/errors.ts'

const outOfTime = 3024

/** The time limit for all questions of a plan, in milliseconds: beyond it, statements are judged by their text. */
const longestInAll = 20 * longestLook

/** Answers to questions about rows, by their keys. A function in a condition must not write: the connection must be in a read-only transaction, or roll back. */
export async function askAboutRows<Key>(
  ask: Asker['ask'],
  questions: ReadonlyMap<Key, RowQuestion>,
): Promise<ReadonlyMap<Key, TakenRows>> {
  const seen = new Map<Key, TakenRows>()
  const end = performance.now() + longestInAll
  for (const [key, question] of questions) {
    if (performance.now() > end) break
    const alone = await lookAtOwn(ask, question)
    const own = alone === 'all' || alone === 'unseen' ? alone : ((await lookAtTogether(ask, question)) ?? alone)
    const cascades = await lookAtCascades(ask, question)
    seen.set(key, { ...(own === null ? {} : { own }), ...(cascades === null ? {} : { cascades }) })
  }
  return seen
}

type OwnRows = NonNullable<TakenRows['own']>

/** Null where a row is spared, or where that is unknown. */
async function lookAtTogether(ask: Asker['ask'], { together }: RowQuestion): Promise<'together' | null> {
  if (together === undefined) return null
  const found = await lookAtOwn(ask, together)
  return found === 'all' ? 'together' : null
}

async function lookAtOwn(
  ask: Asker['ask'],
  { own, fromTheEnd }: Pick<RowQuestion, 'own' | 'fromTheEnd'>,
): Promise<OwnRows | null> {
  if (own.length === 0) return null
  let all: OwnRows = 'some'
  for (const text of own) {
    const answer = await look(ask, text)
    if (answer === 'too long') return fromTheEnd === null ? null : await lookFromTheEnd(ask, fromTheEnd)
    if (answer === null) return null
    const [hasRows, leaves] = answer[0] ?? []
    if (Number(hasRows) === 1 && Number(leaves) === 0) all = 'all'
  }
  return all
}

async function lookFromTheEnd(ask: Asker['ask'], text: string): Promise<OwnRows | null> {
  const answer = await look(ask, text)
  if (answer === 'too long') return 'unseen'
  if (answer === null) return null
  return answer.length === 0 ? 'all' : 'some'
}

/** A table that could not be checked in time counts as having such rows. */
async function lookAtCascades(ask: Asker['ask'], { cascades }: RowQuestion): Promise<readonly string[] | null> {
  if (cascades.length === 0) return null
  const tables: string[] = []
  for (const { table, text } of cascades) {
    const answer = await look(ask, text)
    if (answer === null) return null
    if (answer === 'too long' || Number(answer[0]?.[0]) === 1) tables.push(table)
  }
  return tables
}

type Answer = Awaited<ReturnType<Asker['ask']>>['rows'] | 'too long' | null

/**
 * A question that the server refuses, for example because an earlier statement of the plan adds the column, has no
 * answer.
 */
async function look(ask: Asker['ask'], text: string): Promise<Answer> {
  try {
    return (await ask(text)).rows
  } catch (error) {
    if (isConnectionLost(error)) throw error
    return hasNumber(error, outOfTime) ? 'too long' : null
  }
}
