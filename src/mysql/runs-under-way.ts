import type { RunUnderWay } from '../core/target.ts'
import { ToolError } from '../core/tool-error.ts'
import { quoteString } from '../sql/quote-name.ts'
import type { Asker } from './connection.ts'
import type { MysqlConnection } from './door.ts'
import { hasNumber, serverErrors } from './errors.ts'
import { isAbandonedRun, keyspaceRuns } from './keyspace-tables.ts'
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

interface BegunRun {
  readonly run: RunUnderWay
  readonly isAbandoned: boolean
}

/** The runs of a table that began and have not ended, oldest first; none without the table. @param abandoned an SQL condition */
async function readBegun(look: Asker, table: string, abandoned: string): Promise<readonly BegunRun[]> {
  try {
    const { rows } = await look.ask(
      `SELECT run_id,command,person,host,TIMESTAMPDIFF(SECOND,started_at,UTC_TIMESTAMP(6)),${abandoned} FROM ${table} ` +
        "WHERE outcome='running' ORDER BY started_at",
    )
    return rows.map(([id, command, person, host, seconds, isGone]) => {
      const by = `${String(person)}@${String(host)}`
      const run = { id: String(id), command: String(command), person: by, seconds: Math.max(0, Number(seconds)) }
      return { run, isAbandoned: Number(isGone) === 1 }
    })
  } catch (error) {
    if (!hasNumber(error, serverErrors.unknownTable)) throw error
    return []
  }
}

/** The runs that hold the session's schema now, oldest first; none without the table. @param look a connection beside the session's, which the answer does not disturb */
export async function readRunsUnderWay(look: Asker, from: MysqlConnection): Promise<readonly RunUnderWay[]> {
  const begun = await readBegun(look, 'wwdb_runs', isAbandoned)
  const gone = begun.filter((one) => one.isAbandoned).map(({ run }) => run.id)
  const elsewhere = await findElsewhere(from, gone)
  return begun.flatMap((one) => (!one.isAbandoned || elsewhere.has(one.run.id) ? [one.run] : []))
}

/** The same of a keyspace, whose lease shows which run is alive. @param journal the keyspace of its journal */
export async function readKeyspaceRuns(
  look: Asker,
  journal: string,
  keyspace: string,
): Promise<readonly RunUnderWay[]> {
  const table = keyspaceRuns(journal, keyspace)
  const begun = await readBegun(look, table, isAbandonedRun(table, journal, quoteString(keyspace)))
  return begun.flatMap((one) => (one.isAbandoned ? [] : [one.run]))
}
