import type { Asker } from './connection.ts'
import { isServerError } from './errors.ts'

/** The primary of a group; otherwise the source of a replica. The channels of a group itself name no usable host. */
const selectPrimary = `SELECT MEMBER_HOST,MEMBER_PORT,MEMBER_ID=@@server_uuid FROM performance_schema.replication_group_members WHERE MEMBER_ROLE='PRIMARY' AND MEMBER_STATE='ONLINE'
UNION ALL SELECT HOST,PORT,0 FROM performance_schema.replication_connection_configuration WHERE CHANNEL_NAME NOT LIKE 'group_replication%' AND HOST<>''`

export interface Primary {
  /** `host:port` by the group or the replica. */
  readonly address: string
  /** True for a newly elected member, which accepts writes after it has applied the backlog of the old primary. */
  readonly itself: boolean
}

/** The server that accepts writes, if this one knows it. */
export async function readPrimary(connection: Asker): Promise<Primary | null> {
  try {
    const [row] = (await connection.ask(selectPrimary)).rows
    return row === undefined ? null : { address: `${row[0]}:${row[1]}`, itself: Number(row[2]) === 1 }
  } catch (error) {
    if (isServerError(error) && !error.fatal) return null
    throw error
  }
}
