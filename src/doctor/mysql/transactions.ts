import type { Asker } from '../../mysql/connection.ts'
import { hasNumber } from '../../mysql/errors.ts'
import { readPrepared } from '../../mysql/server-locks.ts'
import { secondsSinceBegin } from '../../mysql/transaction-age.ts'
import { quoteAccount } from '../../sql/quote-name.ts'
import type { OpenTransaction } from '../facts.ts'

/** Transactions of other connections, the oldest first. Needs PROCESS. */
export async function readTransactions(connection: Asker): Promise<readonly OpenTransaction[]> {
  const { rows } = await connection.ask(
    `SELECT t.trx_mysql_thread_id,p.USER,${secondsSinceBegin('t')},t.trx_query FROM information_schema.INNODB_TRX t LEFT JOIN information_schema.PROCESSLIST p ON p.ID=t.trx_mysql_thread_id WHERE t.trx_mysql_thread_id NOT IN (0,CONNECTION_ID()) ORDER BY t.trx_started LIMIT 50`,
  )
  return rows.map(([id, user, seconds, statement]) => ({
    connectionId: Number(id),
    user: String(user ?? 'an unknown user'),
    seconds: Number(seconds),
    statement:
      statement === null || statement === undefined ? null : String(statement).replace(/\s+/g, ' ').slice(0, 80),
  }))
}

/**
 * Ids of prepared XA transactions. Needs XA_RECOVER_ADMIN, without which the server names a fatal error (1401); where no transaction is open at all, which
 * PROCESS shows, none is prepared.
 */
export async function readPreparedXa(connection: Asker): Promise<readonly string[]> {
  try {
    return await readPrepared(connection)
  } catch (error) {
    if (!(error instanceof Error) || !hasNumber(error, 1401)) throw error
    const { rows } = await connection.ask(
      'SELECT COUNT(*),CURRENT_USER() FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id<>CONNECTION_ID()',
    )
    if (Number(rows[0]?.[0]) === 0) return []
    throw Object.assign(error, { grant: `GRANT XA_RECOVER_ADMIN ON *.* TO ${quoteAccount(String(rows[0]?.[1]))}` })
  }
}
