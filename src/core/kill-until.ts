import { setTimeout } from 'node:timers/promises'

/** Milliseconds between two kills of one query. */
const again = 200

/**
 * Kills the statement of a connection until it is over. Once is not enough: the server ignores a KILL QUERY that it gets before the statement, which may still be on its way (measured: `SELECT SLEEP(600)`, sent in the instant of the second Ctrl-C, ran to its end).
 * @param kill sends KILL QUERY; that it could not be sent is no reason to give up
 * @param over settles with the statement
 */
export async function killUntil(over: Promise<unknown>, kill: () => Promise<unknown>): Promise<void> {
  const ended = over.then(
    () => true,
    () => true,
  )
  do await kill().catch(() => undefined)
  while (!(await Promise.race([ended, setTimeout(again, false)])))
}
