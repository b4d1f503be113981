import type { Asker } from './connection.ts'
import type { GroupMember } from './facts.ts'

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
