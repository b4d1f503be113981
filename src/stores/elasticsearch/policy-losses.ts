import type { StoreLoss } from '../../core/store.ts'
import type { JsonObject } from './declaration.ts'
import { actionOf, ageOf, count, type PhaseName, phaseNames, sayAge } from './policies.ts'
import type { IndexFacts } from './ports.ts'

/** One thing that is lost when a policy becomes another. */
interface Danger {
  readonly code: string
  readonly why: string
}

/**
 * What is lost when indices that followed `before` follow `after`; null when nothing is. Several losses are reported as one, under the
 * code of the most severe.
 * @param before the phases that held so far; null for indices that nothing managed.
 */
export function judgePhases(
  before: JsonObject | null,
  after: JsonObject,
  indices: readonly IndexFacts[],
  now: number,
): StoreLoss | null {
  const dangers = findDangers(before ?? {}, after)
  const [gravest] = dangers
  if (gravest === undefined) return null
  const why = dangers.map((danger) => danger.why).join(' ')
  return { code: gravest.code, why, affected: describeIndices(indices, after, now) }
}

/** Gravest first. Ages count from the rollover of an index, so a document lives that much longer than they say. */
function findDangers(before: JsonObject, after: JsonObject): readonly Danger[] {
  return [
    ...shorterRetention(before, after),
    ...downsampling(before, after),
    ...phaseNames.flatMap((name) => removedPhase(before, after, name)),
    ...removedRollover(before, after),
    ...removedProof(before, after),
    ...phaseNames.flatMap((name) => earlierPhase(before, after, name)),
  ]
}

function shorterRetention(before: JsonObject, after: JsonObject): readonly Danger[] {
  const [old, age] = [ageOf(before, 'delete'), ageOf(after, 'delete')]
  if (age === null || (old !== null && age >= old)) return []
  const so = old === null ? 'kept for ever' : `deleted ${sayAge(old)} after their rollover`
  const why = `Indices that were ${so} are deleted ${sayAge(age)} after it.`
  return [{ code: 'shorter-retention', why }]
}

function downsampling(before: JsonObject, after: JsonObject): readonly Danger[] {
  const found = phaseNames.filter(
    (name) => actionOf(after, name, 'downsample') !== null && actionOf(before, name, 'downsample') === null,
  )
  if (found.length === 0) return []
  const why = `In phase ${found.join(' and ')} single documents are replaced by summaries of a time.`
  return [{ code: 'downsampling', why }]
}

function removedPhase(before: JsonObject, after: JsonObject, name: PhaseName): readonly Danger[] {
  if (ageOf(before, name) === null || ageOf(after, name) !== null) return []
  const why =
    name === 'delete'
      ? 'Phase delete is removed: indices stay until they are removed by hand.'
      : `Phase ${name} is removed: an index that is in it is stuck there.`
  return [{ code: 'removed-phase', why }]
}

function removedRollover(before: JsonObject, after: JsonObject): readonly Danger[] {
  if (actionOf(before, 'hot', 'rollover') === null || actionOf(after, 'hot', 'rollover') !== null) return []
  const why =
    'Without rollover an index grows for ever, and its ages count from its creation: it can go while it is written to.'
  return [{ code: 'removed-rollover', why }]
}

function removedProof(before: JsonObject, after: JsonObject): readonly Danger[] {
  const waits = (phases: JsonObject): boolean => actionOf(phases, 'delete', 'wait_for_snapshot') !== null
  if (!waits(before) || waits(after) || ageOf(after, 'delete') === null) return []
  return [{ code: 'removed-snapshot', why: 'Indices are deleted without waiting for a snapshot that holds them.' }]
}

function earlierPhase(before: JsonObject, after: JsonObject, name: PhaseName): readonly Danger[] {
  const [old, age] = [ageOf(before, name), ageOf(after, name)]
  if (name === 'delete' || old === null || age === null || age >= old) return []
  const why = `Phase ${name} begins ${sayAge(age)} after the rollover instead of ${sayAge(old)}.`
  return [{ code: 'shorter-age', why }]
}

/** Oldest first; those that would go at once say so. One that is known to wait for its rollover does not: its age begins with that. */
export function describeIndices(indices: readonly IndexFacts[], after: JsonObject, now: number): readonly string[] {
  const limit = ageOf(after, 'delete')
  const rolls = actionOf(after, 'hot', 'rollover') !== null
  return indices
    .toSorted((one, other) => one.since - other.since)
    .map((index) => {
      const age = now - index.since
      const days = Math.max(0, Math.floor(age / 86_400_000))
      const date = new Date(index.since).toISOString().slice(0, 10)
      const began = `${index.counted === 'rollover' ? 'rolled over' : 'created'} ${date}, ${count(days, 'day')} ago`
      const goes = limit !== null && age >= limit && !(rolls && index.phase === 'hot') ? '; goes at once' : ''
      const phase = index.phase === null ? '' : `, in phase ${index.phase}`
      return `${index.name} (${count(index.documents, 'document')}, ${began}${phase}${goes})`
    })
}
