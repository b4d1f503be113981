import type { RunUnderWay } from '../core/target.ts'
import type { Asker } from './connection.ts'
import { hasNumber, serverErrors } from './errors.ts'

/** An SQL condition on a row of `wwdb_runs`: its run began and has not ended, and its connection is gone. */
export const isAbandoned = "outcome='running' AND IS_USED_LOCK(CONCAT('wwdb_run_',run_id)) IS NULL"

/** The runs that hold the session's schema now, oldest first; none without the table. */
export async function readRunsUnderWay(connection: Asker): Promise<readonly RunUnderWay[]> {
  try {
    const { rows } = await connection.ask(
      'SELECT run_id,command,person,host,TIMESTAMPDIFF(SECOND,started_at,UTC_TIMESTAMP(6)) FROM wwdb_runs ' +
        `WHERE outcome='running' AND NOT (${isAbandoned}) ORDER BY started_at`,
    )
    return rows.map(([id, command, person, host, seconds]) => ({
      id: String(id),
      command: String(command),
      person: `${String(person)}@${String(host)}`,
      seconds: Math.max(0, Number(seconds)),
    }))
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return []
  }
}
