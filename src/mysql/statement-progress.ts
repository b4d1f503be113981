import type { StatementProgress } from '../core/progress.ts'
import type { Asker } from './connection.ts'
import { isConnectionLost, isServerError } from './errors.ts'

/** The consumer that stores the current stage of a statement; off on most servers until it is turned on. */
const stagesConsumer = 'events_stages_current'

/** A row for the connection even where no stage is stored for it, with whether stages are stored at all. */
const progressOf = (connectionId: number): string => `SELECT s.EVENT_NAME,s.WORK_COMPLETED,s.WORK_ESTIMATED,
(SELECT c.ENABLED FROM performance_schema.setup_consumers c WHERE c.NAME='${stagesConsumer}')
FROM performance_schema.threads t LEFT JOIN performance_schema.events_stages_current s ON s.THREAD_ID=t.THREAD_ID
WHERE t.PROCESSLIST_ID=${connectionId} ORDER BY s.EVENT_ID DESC LIMIT 1`

/**
 * How far the server is with the statement of a connection, by the work that InnoDB and copying count: ALTERs and index builds do. `unknown` for a
 * statement that counts no work, and where the account may not see it; `unseen` where the server stores no stages. Changes no setting.
 */
export async function readProgress(connection: Asker, connectionId: number): Promise<StatementProgress> {
  try {
    const { rows } = await connection.ask(progressOf(connectionId))
    const [stage, completed, estimated, enabled] = rows[0] ?? []
    if (rows.length > 0 && enabled === 'NO') return { type: 'unseen' }
    const total = Number(estimated ?? 0)
    if (stage === null || stage === undefined || completed === null || total <= 0) return { type: 'unknown' }
    return { type: 'known', stage: nameStage(String(stage)), completed: Number(completed), estimated: total }
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return { type: 'unknown' }
  }
}

/** `merge sort` of `stage/innodb/alter table (merge sort)`, `copy to tmp table` of `stage/sql/copy to tmp table`. */
function nameStage(event: string): string {
  const name = event.split('/').at(-1) ?? event
  return /\((.+)\)$/.exec(name)?.[1] ?? name
}
