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
