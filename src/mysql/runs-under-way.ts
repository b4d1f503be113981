import type { RunUnderWay } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import type { MysqlConnection } from './door.ts'
import { hasNumber, serverErrors } from './errors.ts'
import { askPrimaries } from './other-primaries.ts'

/** An SQL condition on a row of `wwdb_runs`: its run began and has not ended, and this server does not have its connection. */
export const isAbandoned = "outcome='running' AND IS_USED_LOCK(CONCAT('wwdb_run_',run_id)) IS NULL"

/**
 * Of runs that this server does not have, those that another primary of its group has: each holds its lock where it writes. Where one of the primaries cannot be asked, nobody knows that a run
 * has ended: all of them. None outside a group with several primaries.
 */
export async function findElsewhere(from: MysqlConnection, ids: readonly string[]): Promise<ReadonlySet<string>> {
  if (ids.length === 0 || from.facts.severalPrimaries !== true) return new Set()
  const locks = ids.map((id) => `IS_USED_LOCK(${quoteString(`wwdb_run_${id}`)}) IS NOT NULL`)
  try {
    const held = await askPrimaries(from, async ({ connection }) => {
      const { rows } = await connection.ask(`SELECT ${locks.join(',')}`)
      return ids.filter((_, index) => Number(rows[0]?.[index]) === 1)
    })
    return new Set(held.flat())
  } catch (error) {
    if (error instanceof ToolError) return new Set(ids)
    throw error
  }
}

/** The runs that hold the session's schema now, oldest first; none without the table. @param look a connection beside the session's, which the answer does not disturb */
export async function readRunsUnderWay(look: Asker, from: MysqlConnection): Promise<readonly RunUnderWay[]> {
  try {
    const { rows } = await look.ask(
      `SELECT run_id,command,person,host,TIMESTAMPDIFF(SECOND,started_at,UTC_TIMESTAMP(6)),${isAbandoned} FROM wwdb_runs ` +
        "WHERE outcome='running' ORDER BY started_at",
    )
    const gone = rows.filter((row) => Number(row[5]) === 1).map(([id]) => String(id))
    const elsewhere = await findElsewhere(from, gone)
    return rows
      .filter(([id, , , , , isGone]) => Number(isGone) === 0 || elsewhere.has(String(id)))
      .map(([id, command, person, host, seconds]) => ({
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
