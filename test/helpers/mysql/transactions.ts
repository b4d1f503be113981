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
