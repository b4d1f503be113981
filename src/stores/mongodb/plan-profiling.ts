import type { StoreDifference } from '../store-plan.ts'
import { compareDocuments } from './compare.ts'
import type { ProfilingDeclaration, ProfilingLevel } from './declaration.ts'
import type { MongodbChange } from './plan-set.ts'
import type { ObservedMember, ObservedProfiling } from './ports.ts'

/** Of one member that answers. */
export interface MemberProfiling extends ObservedProfiling {
  readonly host: string
  readonly address: string
}

/** The members that have documents and a profiler. */
export function profiledMembers(members: readonly ObservedMember[]): readonly ObservedMember[] {
  return members.filter(
    ({ status }) =>
      status.type === 'standalone' ||
      (status.type === 'member' && (status.state === 'PRIMARY' || status.state === 'SECONDARY')),
  )
}

/** The thresholds are of the whole server: they are set on `admin`, without a level. */
const serverDatabase = 'admin'

/** What a declaration wants of each member. */
function wantedOf({ slowMillis, sampleRate, databases }: ProfilingDeclaration) {
  const levels = databases.map(({ name, level }) => ({ database: name, level, slowMillis: null, sampleRate: null }))
  if (slowMillis === null && sampleRate === null) return levels
  return [{ database: serverDatabase, level: null, slowMillis, sampleRate }, ...levels]
}

/** The names of what is compared: a database, or the thresholds. */
export function profilingNames(declared: ProfilingDeclaration | null): readonly string[] {
  return declared === null ? [] : wantedOf(declared).map(nameOf)
}

function nameOf({ database, level }: { readonly database: string; readonly level: ProfilingLevel | null }): string {
  return level === null ? 'slow operations' : database
}

/** Each member has its own profiler: one that restarted has forgotten its level. */
export function planProfiling(
  declared: ProfilingDeclaration | null,
  observed: readonly MemberProfiling[],
): readonly MongodbChange[] {
  if (declared === null) return []
  return wantedOf(declared).flatMap((wanted): readonly MongodbChange[] => {
    const differing = observed
      .map((member) => ({ member, differences: differencesOf(wanted, member) }))
      .filter(({ differences }) => differences.length > 0)
    const [first] = differing
    if (first === undefined) return []
    const hosts = differing.map(({ member }) => member.host).join(', ')
    const what =
      wanted.level === null ? 'set what a slow operation is' : `set profiling of ${wanted.database} to ${wanted.level}`
    return [
      {
        operation: { type: 'set-profiling', addresses: differing.map(({ member }) => member.address), ...wanted },
        change: {
          resource: { kind: 'profiling', name: nameOf(wanted) },
          action: 'update',
          summary: `${what} on ${hosts}`,
          differences: first.differences,
          loss: null,
        },
      },
    ]
  })
}

function differencesOf(
  wanted: ReturnType<typeof wantedOf>[number],
  { levels, slowMillis, sampleRate }: MemberProfiling,
): readonly StoreDifference[] {
  return [
    ...(wanted.level === null ? [] : compareDocuments('level', levels.get(wanted.database) ?? 'off', wanted.level)),
    ...(wanted.slowMillis === null ? [] : compareDocuments('slowMillis', slowMillis, wanted.slowMillis)),
    ...(wanted.sampleRate === null ? [] : compareDocuments('sampleRate', sampleRate, wanted.sampleRate)),
  ]
}
