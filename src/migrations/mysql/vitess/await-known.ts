import { setTimeout as pause } from 'node:timers/promises'
import { quoteQualified } from '../../../sql/quote-name.ts'
import type { ObjectName } from '../../../sql/statement.ts'
import type { Ask } from './follow-migrations.ts'

/** Milliseconds. vtgate hears of a new table in some hundred; where tablets are told to track no schemas, it never does. */
const longest = 10_000
const between = 100

/** vtgate plans a statement on a table of a sharded keyspace by what its VSchema or its tablets say of it. */
const isUnknown = (error: unknown): boolean => error instanceof Error && /\btable \S+ not found\b/i.test(error.message)

/**
 * Waits until vtgate knows tables that were just created: it hears of them from its tablets a moment after they are there, and would refuse a later
 * statement of the same migration. Where it does not learn in time, that statement says so.
 * @param sure throws where the run is not to go on
 */
export async function awaitKnown(
  ask: Ask,
  keyspace: string,
  objects: readonly ObjectName[],
  sure: () => void,
): Promise<void> {
  const started = performance.now()
  for (const { type, name } of objects) {
    if (type !== 'table') continue
    const question = `SELECT 1 FROM ${quoteQualified(keyspace, name)} LIMIT 0`
    const isKnown = (): Promise<boolean> =>
      ask((one) => one.ask(question)).then(
        () => true,
        (error: unknown) => !isUnknown(error),
      )
    while (!(await isKnown()) && performance.now() - started < longest) {
      sure()
      await pause(between)
    }
  }
}
