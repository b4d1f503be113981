import { ToolError } from '../../core/tool-error.ts'
import { compareServerVersions, isAtLeast } from '../../core/version.ts'
import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { findLowering, pinnedByPreImages } from './compatibility-faults.ts'
import type { MongodbChange } from './plan-set.ts'
import type { ObservedCompatibility, ObservedMember } from './ports.ts'

export const compatibilityResource = { kind: 'feature compatibility version', name: 'of the set' } as const

/** What is known of the servers. */
export interface CompatibilityInput {
  /** Null for a set that does not exist yet: it begins with the version of its servers. */
  readonly observed: ObservedCompatibility | null
  readonly members: readonly Pick<ObservedMember, 'host' | 'version' | 'status'>[]
  /** Collections with pre-images, as far as they are known. */
  readonly keeping?: readonly string[]
}

/** The version that each release had before it. */
const earlier: Readonly<Record<string, string>> = { '6.0': '5.0', '7.0': '6.0', '8.0': '7.0' }

/** @throws ToolError STORE_UNSUPPORTED for a version that some member does not have, or cannot be set yet, MONGODB_NOT_HEALTHY where it is changed while a member is not reached, STORE_REFUSED where pre-images pin it half lowered. */
export function planCompatibility(declared: string | null, input: CompatibilityInput): readonly MongodbChange[] {
  if (declared === null) return []
  const { observed, members } = input
  const [oldest, newest] = releasesOf(members)
  if (oldest !== undefined) refuseUnknown(declared, oldest)
  if (newest !== undefined) refuseTooOld(declared, newest)
  const known = observed ?? (oldest === undefined ? null : { version: oldest.release, target: null, previous: null })
  const differences = differencesOf(declared, known?.version ?? null, known?.target ?? null)
  if (differences.length === 0) return []
  if (observed !== null) {
    refuseUnseen(declared, members)
    refuseTurning(declared, observed, oldest)
    refuseKeeping(declared, input, oldest)
  }
  return [
    {
      operation: { type: 'set-compatibility', version: declared },
      change: {
        resource: compatibilityResource,
        action: 'update',
        summary: `set the feature compatibility version to ${declared}`,
        differences,
        loss: known === null ? null : lossOf(declared, known),
      },
    },
  ]
}

/** Whether it is raised: then that comes before what needs it, else after what uses it is gone, also where a lowering is only finished. */
export function raisesCompatibility(declared: string | null, { observed, members }: CompatibilityInput): boolean {
  const current = observed?.version ?? releasesOf(members)[0]?.release
  return declared !== null && current !== undefined && compareServerVersions(declared, current) > 0
}

/** A change that was interrupted is finished by the same command. */
function differencesOf(declared: string, current: string | null, target: string | null): readonly StoreDifference[] {
  if (current === declared && target === null) return []
  const actual = current === null || target === null ? current : `${current} (on its way to ${target})`
  return [{ path: 'featureCompatibilityVersion', actual, declared }]
}

function lossOf(declared: string, { version, target, previous }: ObservedCompatibility): StoreLoss {
  const higher =
    [version, target, previous]
      .flatMap((one) => one ?? [])
      .toSorted(compareServerVersions)
      .at(-1) ?? version
  const isRaised = compareServerVersions(declared, version) > 0 || higher === declared
  const why = isRaised
    ? `From then on no member starts with MongoDB ${version} any more, and MongoDB may refuse to lower it again.`
    : `Features of MongoDB ${higher} are off from then on, and MongoDB refuses while something still uses them; no member can be updated to a release after ${higher} until it is raised again.`
  return { code: 'changed-compatibility', why, affected: [] }
}

interface Release {
  readonly release: string
  readonly host: string
  readonly version: string
}

/** The oldest and the newest. */
function releasesOf(members: CompatibilityInput['members']): readonly [Release?, Release?] {
  const known = members.flatMap(({ host, version }) =>
    version === null ? [] : [{ host, version, release: version.split('.').slice(0, 2).join('.') }],
  )
  const sorted = known.toSorted((one, other) => compareServerVersions(one.version, other.version))
  const [first, last] = [sorted[0], sorted.at(-1)]
  return first === undefined || last === undefined ? [] : [first, last]
}

/** While members are updated one after another, the newest one decides how low it may be. */
function refuseTooOld(declared: string, { release, host, version }: Release): void {
  const lowest = earlier[release]
  if (lowest === undefined || compareServerVersions(declared, lowest) >= 0) return
  throw new ToolError('STORE_UNSUPPORTED', {
    what: `MongoDB ${version} at ${host} does not run with the feature compatibility version ${declared}.`,
    where: { server: host },
    next: `Declare "${lowest}", or the version that all members have.`,
  })
}

/** Before 7.0, what began to lower it must lower it to the end: MongoDB takes no way back. */
function refuseTurning(declared: string, observed: ObservedCompatibility, oldest?: Release): void {
  const lowering = findLowering(observed)
  if (lowering === null || declared === lowering.target || oldest === undefined) return
  if (isAtLeast(oldest.version, '7.0')) return
  const { target } = lowering
  throw new ToolError('STORE_UNSUPPORTED', {
    what: `The feature compatibility version was being lowered to ${target} when that was interrupted.`,
    why: `MongoDB ${oldest.version} raises it again only after it has reached ${target}.`,
    where: { server: oldest.host },
    next: `Declare "${target}", and remove what MongoDB names as in the way of it: a collection that keeps pre-images must be copied and dropped, as \`collMod\` does not know them meanwhile. Then declare "${declared}".`,
  })
}

/** Before anything else of the plan, which may try to turn them off: the server refuses that in the middle of a lowering. */
function refuseKeeping(declared: string, { observed, keeping = [] }: CompatibilityInput, oldest?: Release): void {
  const lowering = observed === null ? null : findLowering(observed)
  if (lowering === null || keeping.length === 0 || oldest === undefined || isAtLeast(declared, '6.0')) return
  throw pinnedByPreImages(keeping, { ...lowering, server: oldest.host, release: oldest.version })
}

/** Of a release that is not known here, the server decides what it takes. */
function refuseUnknown(declared: string, { release, host, version }: Release): void {
  const lower = earlier[release]
  const isTooHigh = compareServerVersions(declared, release) > 0
  if (!isTooHigh && (lower === undefined || declared === release || declared === lower)) return
  const known = lower === undefined ? `"${release}"` : `"${release}" or "${lower}"`
  throw new ToolError('STORE_UNSUPPORTED', {
    what: `MongoDB ${version} at ${host} does not have the feature compatibility version ${declared}.`,
    where: { server: host },
    next: isTooHigh
      ? `Update every member to MongoDB ${declared} first, or declare ${known}.`
      : `Declare ${known}, or leave \`featureCompatibilityVersion\` out.`,
  })
}

/** A member that is down may run a release that does not start with the new version. */
function refuseUnseen(declared: string, members: CompatibilityInput['members']): void {
  const unseen = members.filter(({ status }) => status.type === 'unreachable').map(({ host }) => host)
  if (unseen.length === 0) return
  throw new ToolError('MONGODB_NOT_HEALTHY', {
    what: `The feature compatibility version is not set to ${declared} while a member is not reached.`,
    why: `Whether ${unseen.join(', ')} runs a release that starts with ${declared} is not known.`,
    next: 'Start the member, or remove it from the set, and run the command again.',
  })
}
