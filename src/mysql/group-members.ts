import type { ServerConfig } from '../config/config.ts'
import { serverLabel } from '../config/server-url.ts'
import { isLoopback } from '../config/url-parts.ts'
import type { Asker } from './connection.ts'
import type { MemberAddress } from './door.ts'
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

/** A member as another one of its group is reached: an account, its password and certificates are those of the group. */
export function serverOf(known: ServerConfig, { host, port }: MemberAddress): ServerConfig {
  const { isSandbox: _, ...server } = known
  const label = serverLabel({ host, port, socket: null })
  const isFar = server.encryption === 'as-needed' && !isLoopback(host)
  return { ...server, host, port, socket: null, label, encryption: isFar ? 'preferred' : server.encryption }
}

/** A member of a group with several primaries that takes writes, or that its group cannot reach. */
export interface Primary extends MemberAddress {
  readonly uuid: string
  /** `ONLINE` or `UNREACHABLE`. */
  readonly state: string
}

/** In the same order for everyone who asks, by UUID. A member that recovers, has failed or is offline takes no writes. */
export async function readPrimaries(connection: Asker): Promise<readonly Primary[]> {
  const { rows } = await connection.ask(
    `SELECT MEMBER_ID,MEMBER_HOST,MEMBER_PORT,MEMBER_STATE FROM performance_schema.replication_group_members
WHERE MEMBER_STATE IN ('ONLINE','UNREACHABLE') ORDER BY MEMBER_ID`,
  )
  return rows.map(([uuid, host, port, state]) => ({
    uuid: String(uuid),
    host: String(host),
    port: Number(port),
    state: String(state),
  }))
}
