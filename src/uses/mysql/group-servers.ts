import type { ServerConfig } from '../../config/config.ts'
import { serverLabel } from '../../config/server-url.ts'
import { isLoopback } from '../../config/url-parts.ts'
import type { GroupServer, ServerLook } from '../ports.ts'

/** A member that was not asked, with the look that told of it. */
export interface OtherMember {
  readonly of: ServerLook
  readonly member: GroupServer
}

/** Members of the groups of those that were asked, which were not asked themselves. Behind a router nobody names them, and each takes reads. */
export function listOtherMembers(looks: readonly ServerLook[]): readonly OtherMember[] {
  const known = new Set(looks.map((look) => (look.type === 'seen' ? look.uuid : '')))
  const others = new Map<string, OtherMember>()
  for (const of of looks) {
    if (of.type === 'unseen') continue
    for (const member of of.members)
      if (!known.has(member.uuid) && !others.has(member.uuid)) others.set(member.uuid, { of, member })
  }
  return [...others.values()]
}

/** A member as another one of its group is reached: an account, its password and certificates are those of the group. */
export function serverOf(known: ServerConfig, { host, port }: GroupServer): ServerConfig {
  const { isSandbox: _, ...server } = known
  const label = serverLabel({ host, port, socket: null })
  const isFar = server.encryption === 'as-needed' && !isLoopback(host)
  return { ...server, host, port, socket: null, label, encryption: isFar ? 'preferred' : server.encryption }
}
