import type { StoreDifference, StoreLoss } from '../store-plan.ts'
import { compareDocuments } from './compare.ts'
import type { DefaultsDeclaration, Json, JsonObject } from './declaration.ts'
import type { MongodbChange } from './plan-set.ts'
import type { ObservedDefaults } from './ports.ts'

export const defaultsResource = { kind: 'read and write concern', name: 'default' } as const

/** The concerns of the whole set. What the set has of them besides (`j`) stays. */
export function planDefaults(
  declared: DefaultsDeclaration | null,
  observed: ObservedDefaults | null,
): readonly MongodbChange[] {
  if (declared === null) return []
  const { readConcern, writeConcern } = declared
  const [level, current] = [observed?.readConcern?.['level'], observed?.writeConcern ?? {}]
  const read: readonly StoreDifference[] =
    readConcern === null ? [] : compareDocuments('readConcern', level, readConcern)
  const write: readonly StoreDifference[] =
    writeConcern === null
      ? []
      : [
          ...compareDocuments('writeConcern.w', current['w'], writeConcern.w),
          ...compareDocuments('writeConcern.timeout', current['wtimeout'] ?? 0, writeConcern.timeoutMillis),
        ]
  if (read.length + write.length === 0) return []
  const next: JsonObject | null =
    writeConcern === null ? null : { ...current, w: writeConcern.w, wtimeout: writeConcern.timeoutMillis }
  const parts = [
    ...(read.length === 0 ? [] : [`reads to ${readConcern}`]),
    ...(write.length === 0 ? [] : [`writes to ${writeConcern?.w}`]),
  ]
  return [
    {
      operation: {
        type: 'set-defaults',
        readConcern: read.length === 0 ? null : { level: readConcern },
        writeConcern: write.length === 0 ? null : next,
      },
      change: {
        resource: defaultsResource,
        action: 'update',
        summary: `set the default concern of ${parts.join(' and of ')}`,
        differences: [...read, ...write],
        loss: writeConcern === null ? null : weakerLoss(current['w'], writeConcern.w),
      },
    },
  ]
}

/** A number counts members; of a custom concern nobody knows how many those are. */
function weakerLoss(before: Json | undefined, after: number | string): StoreLoss | null {
  if (before === undefined || before === after || after === 'majority') return null
  if (typeof before === 'number' && typeof after === 'number' && before <= after) return null
  return {
    code: 'weaker-write-concern',
    why: `Writes that name no concern are confirmed by ${after}, so far by ${before}: what fewer members have confirmed is lost where the primary fails first.`,
    affected: [],
  }
}
