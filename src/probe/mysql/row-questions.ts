import { longestLook, type RowQuestion, type TakenRows } from '../../lint/row-question.ts'
import type { Asker } from '../../mysql/connection.ts'
import { hasNumber, isConnectionLost } from '../../mysql/errors.ts'

const outOfTime = 3024

/** The most that all questions of a plan may take, in milliseconds: what is not asked is judged by its text. */
const longestInAll = 20 * longestLook

/** Answers to questions about rows, by their keys. What a condition calls may not write: the connection is to be in a transaction that is read-only, or to take it back. */
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

/** Null where a row is left, or where that is not known. */
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

/** A table that could not be looked at in time counts as one with such rows. */
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

/** What the server refuses, such as a column that an earlier statement of the plan adds, has no answer. */
async function look(ask: Asker['ask'], text: string): Promise<Answer> {
  try {
    return (await ask(text)).rows
  } catch (error) {
    if (isConnectionLost(error)) throw error
    return hasNumber(error, outOfTime) ? 'too long' : null
  }
}
