import { ownHint } from '../sql/own-hint.ts'
import type { Asker } from './connection.ts'

/** A stream of changes from another server. */
export interface Channel {
  readonly name: string
  /** `host:port` of the server that it replicates from. */
  readonly source: string
  readonly receives: boolean
  readonly applies: boolean
  /** The server's own words about what stopped it; empty without. */
  readonly error: string
  /** Seconds; null where nothing was received, so that it is unknown. */
  readonly lag: number | null
  /** Milliseconds; the same, but null where transactions wait and none is being applied: only `SHOW REPLICA STATUS` shows their age. */
  readonly applying: number | null
}

/**
 * What this server replicates from others, or what its group sends it. The lag is the age of the transaction that is being
 * applied, or of the last one that was, where another was received since (performance_schema, replication_applier_status_by_worker table).
 */
const selectChannels = (
  group: boolean,
): string => `SELECT ${ownHint} c.CHANNEL_NAME,CONCAT(c.HOST,':',c.PORT),s.SERVICE_STATE='ON',a.SERVICE_STATE='ON',
 CONCAT_WS(' ',NULLIF(s.LAST_ERROR_MESSAGE,''),NULLIF(w.message,'')),
 CASE WHEN s.LAST_QUEUED_TRANSACTION IN ('','ANONYMOUS') THEN NULL WHEN w.applying IS NULL AND w.caught_up THEN 0
  ELSE GREATEST(0,TIMESTAMPDIFF(SECOND,COALESCE(w.applying,w.applied,s.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP),NOW(6))) END,
 CASE WHEN s.LAST_QUEUED_TRANSACTION IN ('','ANONYMOUS') THEN NULL WHEN w.applying IS NOT NULL
  THEN GREATEST(0,TIMESTAMPDIFF(MICROSECOND,w.applying,NOW(6)) DIV 1000) WHEN w.caught_up THEN 0 END
FROM performance_schema.replication_connection_configuration c
JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME=c.CHANNEL_NAME
JOIN performance_schema.replication_applier_status a ON a.CHANNEL_NAME=c.CHANNEL_NAME
LEFT JOIN (SELECT v.CHANNEL_NAME,MAX(v.LAST_ERROR_MESSAGE) message,MAX(v.LAST_APPLIED_TRANSACTION=q.LAST_QUEUED_TRANSACTION) caught_up,
  MIN(NULLIF(v.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,0)) applying,MAX(NULLIF(v.LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,0)) applied
 FROM performance_schema.replication_applier_status_by_worker v
 JOIN performance_schema.replication_connection_status q ON q.CHANNEL_NAME=v.CHANNEL_NAME GROUP BY v.CHANNEL_NAME) w ON w.CHANNEL_NAME=c.CHANNEL_NAME
WHERE c.CHANNEL_NAME ${group ? "='group_replication_applier'" : "NOT LIKE 'group_replication%' AND c.HOST<>''"}`

/** Empty for a server that replicates from no other. Needs SELECT on performance_schema. @param group true for the channel by which a group sends it what others wrote */
export async function readChannels(connection: Asker, group = false): Promise<readonly Channel[]> {
  const { rows } = await connection.ask(selectChannels(group))
  return rows.map(([name, source, receives, applies, error, lag, applying]) => ({
    name: String(name),
    source: String(source),
    receives: Number(receives) === 1,
    applies: Number(applies) === 1,
    error: String(error ?? ''),
    lag: lag === null || lag === undefined ? null : Number(lag),
    applying: applying === null || applying === undefined ? null : Number(applying),
  }))
}
