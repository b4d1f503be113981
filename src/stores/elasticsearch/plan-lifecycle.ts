import { describeDuration } from '../../core/duration.ts'
import { normalText } from '../entries.ts'
import type { StoreLoss } from '../store-plan.ts'
import type { ElasticsearchChange } from './apply.ts'
import { compareTrees, extraBranches } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import { describeIndices, parseAge } from './policies.ts'
import type { SeriesSituation } from './series-situation.ts'

/** Gives a data stream the lifecycle that its template declares: the template gives it only to streams that are made later. */
export function planStreamLifecycle(situation: SeriesSituation): readonly ElasticsearchChange[] {
  const { name, template, observed, facts, now } = situation
  const { lifecycle } = template.source
  if (lifecycle === null || observed === undefined || observed.type !== 'stream') return []
  const found = ownKeys(observed.lifecycle ?? {})
  const differences = [...compareTrees(lifecycle, found, 'lifecycle'), ...extraBranches(lifecycle, found, 'lifecycle')]
  if (differences.length === 0) return []
  const retention = retentionOf(lifecycle)
  const indices = observed.indices.flatMap((index) => facts.get(index) ?? [])
  const phases = retention === null ? {} : { delete: { min_age: lifecycle['data_retention'] } }
  // The index that takes the writes is never removed.
  const older = indices.filter((index) => index.name !== observed.writeIndex?.name)
  // What goes from a lifecycle, by whomever it came, keeps documents for longer, or whole.
  const loss = judge(lifecycle, found, describeIndices(older, phases, now))
  return [
    {
      change: {
        resource: { kind: 'data stream', name },
        action: 'update',
        summary: `change the lifecycle of ${name}: ${describe(lifecycle)}`,
        differences,
        loss,
      },
      operation: {
        write: { type: 'put-stream-lifecycle', name, body: lifecycle },
        affected: loss === null ? [] : observed.indices,
      },
    },
  ]
}

/** Without what the server computes from them. */
function ownKeys({ enabled, data_retention, downsampling }: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries({ enabled, data_retention, downsampling }).filter(([, value]) => value !== undefined),
  )
}

function describe(lifecycle: JsonObject): string {
  if (lifecycle['enabled'] === false) return 'switched off'
  const retention = retentionOf(lifecycle)
  return retention === null ? 'kept forever' : `kept at least ${describeDuration(retention)}`
}

/** Milliseconds after which documents are removed; null for never. */
function retentionOf({ enabled, data_retention }: JsonObject): number | null {
  return enabled === true ? parseAge(data_retention) : null
}

function judge(after: JsonObject, before: JsonObject, affected: readonly string[]): StoreLoss | null {
  const [old, age] = [retentionOf(before), retentionOf(after)]
  if (age !== null && (old === null || age < old)) {
    const so = old === null ? 'kept forever' : `kept for ${describeDuration(old)}`
    const why = `Indices that were ${so} will be deleted ${describeDuration(age)} after their rollover.`
    return { code: 'shorter-retention', why, affected }
  }
  const isSummarized = after['enabled'] === true && after['downsampling'] !== undefined
  if (
    !isSummarized ||
    (before['enabled'] === true && normalText(after['downsampling']) === normalText(before['downsampling']))
  )
    return null
  return { code: 'downsampling', why: 'Single documents are replaced by aggregates over time.', affected }
}
