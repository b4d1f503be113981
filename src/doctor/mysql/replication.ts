import type { Asker } from '../../mysql/connection.ts'
import type { GroupMember, ReplicationChannel } from '../facts.ts'

/**
 * What this server replicates from others, those channels left out that a group has of its own. The lag is the age of the transaction that is being
 * applied, or of the last one that was, where another was received since (performance_schema, replication_applier_status_by_worker table).
 */
const selectChannels = `SELECT c.CHANNEL_NAME,CONCAT(c.HOST,':',c.PORT),s.SERVICE_STATE='ON',a.SERVICE_STATE='ON',
 CONCAT_WS(' ',NULLIF(s.LAST_ERROR_MESSAGE,''),NULLIF(w.message,'')),
 CASE WHEN s.LAST_QUEUED_TRANSACTION IN ('','ANONYMOUS') THEN NULL WHEN w.caught_up THEN 0
  ELSE GREATEST(0,TIMESTAMPDIFF(SECOND,COALESCE(w.applying,w.applied,s.LAST_QUEUED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP),NOW(6))) END
FROM performance_schema.replication_connection_configuration c
JOIN performance_schema.replication_connection_status s ON s.CHANNEL_NAME=c.CHANNEL_NAME
JOIN performance_schema.replication_applier_status a ON a.CHANNEL_NAME=c.CHANNEL_NAME
LEFT JOIN (SELECT v.CHANNEL_NAME,MAX(v.LAST_ERROR_MESSAGE) message,MAX(v.LAST_APPLIED_TRANSACTION=q.LAST_QUEUED_TRANSACTION) caught_up,
  MIN(NULLIF(v.APPLYING_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,0)) applying,MAX(NULLIF(v.LAST_APPLIED_TRANSACTION_ORIGINAL_COMMIT_TIMESTAMP,0)) applied
 FROM performance_schema.replication_applier_status_by_worker v
 JOIN performance_schema.replication_connection_status q ON q.CHANNEL_NAME=v.CHANNEL_NAME GROUP BY v.CHANNEL_NAME) w ON w.CHANNEL_NAME=c.CHANNEL_NAME
WHERE c.CHANNEL_NAME NOT LIKE 'group_replication%' AND c.HOST<>''`

/** Empty for a server that replicates from no other. Needs SELECT on performance_schema. */
export async function readChannels(connection: Asker): Promise<readonly ReplicationChannel[]> {
  const { rows } = await connection.ask(selectChannels)
  return rows.map(([name, source, receives, applies, error, lag]) => ({
    name: String(name),
    source: String(source),
    receives: Number(receives) === 1,
    applies: Number(applies) === 1,
    error: String(error ?? ''),
    lag: lag === null || lag === undefined ? null : Number(lag),
  }))
}

const selectMembers = `SELECT CONCAT(m.MEMBER_HOST,':',m.MEMBER_PORT),m.MEMBER_STATE,m.MEMBER_ROLE,
 COALESCE(s.COUNT_TRANSACTIONS_IN_QUEUE,0)+COALESCE(s.COUNT_TRANSACTIONS_REMOTE_IN_APPLIER_QUEUE,0)
FROM performance_schema.replication_group_members m
LEFT JOIN performance_schema.replication_group_member_stats s ON s.MEMBER_ID=m.MEMBER_ID AND s.CHANNEL_NAME=m.CHANNEL_NAME
WHERE m.MEMBER_ID<>'' AND m.MEMBER_HOST<>''`

/** The group as this member sees it; empty for a server that is in no group. */
export async function readMembers(connection: Asker): Promise<readonly GroupMember[]> {
  const { rows } = await connection.ask(selectMembers)
  return rows.map(([address, state, role, queue]) => ({
    address: String(address),
    state: String(state),
    role: String(role),
    queue: Number(queue),
  }))
}
