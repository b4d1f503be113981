import type { Connection } from 'mysql2/promise'
import { expect } from 'vitest'

/** How often a test may ask for INNODB_TRX, in milliseconds: the server fills this table again only when nobody has read it for a tenth of a second. */
export const rereads = 250

/**
 * Waits until the transaction of connection `threadId` is at least `seconds` old, as the server counts.
 * trx_started is in the time zone of the machine. `asking` may be the connection itself, whose last statement is then this question.
 */
export async function waitUntilOld(asking: Connection, threadId: number, seconds: number): Promise<void> {
  const age = `SELECT COUNT(*) AS n FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id=${threadId} AND TIMESTAMPDIFF(SECOND,trx_started,CONVERT_TZ(NOW(),@@time_zone,'SYSTEM'))>=${seconds}`
  await expect
    .poll(async () => JSON.stringify(await asking.query(age)), { interval: rereads, timeout: 20_000 })
    .toContain('"n":1')
}

/** How the session of a connection is looked for. */
type Ask = (text: string) => Promise<readonly (readonly unknown[])[]>

/**
 * Ends a connection, and returns when the server has ended its session. Until then a transaction that it prepared belongs to it: `XA ROLLBACK` of another session finds no
 * such transaction (XAER_NOTA).
 */
export async function endSession(connection: Connection, ask: Ask): Promise<void> {
  const { threadId } = connection
  connection.destroy()
  const lives = `SELECT ID FROM information_schema.PROCESSLIST WHERE ID=${threadId}`
  await expect.poll(() => ask(lives), { timeout: 30_000, interval: 20 }).toEqual([])
}
