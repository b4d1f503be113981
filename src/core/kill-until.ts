import { setTimeout } from 'node:timers/promises'

/** Between two kills of one query, in milliseconds. */
const again = 200

/**
 * Kills what a connection works on until it is over. Once is not enough: the server forgets a KILL QUERY that it gets before the
 * statement, which may still be on its way (measured: `SELECT SLEEP(600)`, sent in the instant of the second Ctrl-C, ran to its end).
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
