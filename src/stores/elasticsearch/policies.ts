import { describeDuration } from '../../core/duration.ts'
import { countOf } from '../../core/plural.ts'
import { parseSize } from '../../core/size.ts'
import { normalText } from '../entries.ts'
import type { StoreDifference, StoreLoss, StoreLossCode } from '../store-plan.ts'
import { childOf, compareTrees, extraBranches, isObject } from './compare-trees.ts'
import type { JsonObject, LifecyclePolicy } from './declaration.ts'
import type { IndexFacts } from './ports.ts'

/** In the order in which an index goes through them. */
const phaseNames = ['hot', 'warm', 'cold', 'frozen', 'delete'] as const

export type PhaseName = (typeof phaseNames)[number]

/** What the server writes into a policy by default. */
const serverDefaults: Readonly<Record<string, JsonObject>> = {
  allocate: { include: {}, exclude: {}, require: {} },
  delete: { delete_searchable_snapshot: true },
  downsample: { wait_timeout: '1d' },
  migrate: { enabled: true },
  searchable_snapshot: { force_merge_index: true },
  shrink: { allow_write_after_shrink: false },
}

/**
 * The phases of a policy in one form: with defaults, durations in milliseconds and sizes in bytes. Equal policies give equal
 * trees, however they were written.
 */
export function normalPhases(phases: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(phases).map(([name, phase]) => {
      const actions = Object.entries(childOf(phase, 'actions')).map(([action, options]) => [
        action,
        normalOptions({ ...serverDefaults[action], ...(isObject(options) ? options : {}) }),
      ])
      return [name, { min_age: normalMeasure(phaseAge(phase)), actions: Object.fromEntries(actions) }]
    }),
  )
}

/** The phases without what the server writes by default, as a person writes them. */
export function shortPhases(phases: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(phases).map(([name, phase]) => {
      const age = phaseAge(phase)
      const actions = Object.entries(childOf(phase, 'actions')).map(([action, options]) => {
        const usual = serverDefaults[action] ?? {}
        const given = Object.entries(isObject(options) ? options : {})
        return [
          action,
          Object.fromEntries(given.filter(([key, value]) => normalText(usual[key]) !== normalText(value))),
        ]
      })
      return [name, { ...(age === '0ms' ? {} : { min_age: age }), actions: Object.fromEntries(actions) }]
    }),
  )
}

function normalOptions(options: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key, isObject(value) ? normalOptions(value) : normalMeasure(value)]),
  )
}

function normalMeasure(value: unknown): unknown {
  if (typeof value !== 'string') return value
  const age = parseAge(value)
  if (age !== null) return `${age} ms`
  const size = parseSize(String(value))
  return size === null ? value : `${size} B`
}

function phaseAge(phase: unknown): unknown {
  return (isObject(phase) ? phase['min_age'] : undefined) ?? '0ms'
}

/** Milliseconds after which a phase begins; null where the policy has no such phase. */
export function ageOf(phases: JsonObject, name: PhaseName): number | null {
  const phase = phases[name]
  return phase === undefined ? null : (parseAge(phaseAge(phase)) ?? 0)
}

/** The options of an action; null where the phase does not have it. */
export function actionOf(phases: JsonObject, phase: PhaseName, action: string): JsonObject | null {
  const options = childOf(phases[phase], 'actions')[action]
  return options === undefined ? null : isObject(options) ? options : {}
}

/** Every difference between the phases, as they were written. Undeclared actions count: they affect data, too. */
export function comparePhases(declared: LifecyclePolicy, actual: JsonObject): readonly StoreDifference[] {
  const [wanted, found] = [normalPhases(declared.phases), normalPhases(actual)]
  const written = (tree: JsonObject, path: string): string | null => {
    const value = path.split('.').reduce<unknown>((branch, key) => (isObject(branch) ? branch[key] : undefined), tree)
    return value === undefined ? null : typeof value === 'object' ? JSON.stringify(value) : String(value)
  }
  return [...compareTrees(wanted, found, ''), ...extraBranches(wanted, found, '')].map((difference) => ({
    path: `phases.${difference.path}`,
    actual: difference.actual === null ? null : (written(actual, difference.path) ?? difference.actual),
    declared: difference.declared === null ? null : (written(declared.phases, difference.path) ?? difference.declared),
  }))
}

/** `hot, warm after 30 days, deleted after 365 days`. */
export function describePolicy(phases: JsonObject): string {
  const parts = phaseNames.flatMap((name) => {
    const age = ageOf(phases, name)
    if (age === null) return []
    if (name === 'hot') return ['hot']
    return [`${name === 'delete' ? 'deleted' : name} after ${describeDuration(age)}`]
  })
  return parts.join(', ')
}

/** Units of Elasticsearch's durations, in milliseconds. */
const units: Readonly<Record<string, number>> = {
  nanos: 1e-6,
  micros: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

/** Milliseconds of `30d`, `720h`, `0ms`; null for anything that is not a duration of Elasticsearch. */
export function parseAge(text: unknown): number | null {
  const match = /^(\d+)(nanos|micros|ms|s|m|h|d)$/.exec(String(text).trim().toLowerCase())
  const unit = units[match?.[2] ?? '']
  return match === null || unit === undefined ? null : Number(match[1]) * unit
}

/** One thing that is lost when a policy changes into another. */
interface Danger {
  readonly code: StoreLossCode
  readonly why: string
}

/**
 * What is lost when indices change from policy `before` to `after`; null when nothing is. Several losses are reported as one, under the code of the most severe. @param before the phases so far; null for indices without a policy.
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

/** Most severe first. Ages count from the rollover of an index, so a document lives that much longer than they say. */
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
  const so = old === null ? 'kept forever' : `deleted ${describeDuration(old)} after their rollover`
  const why = `Indices that were ${so} will be deleted ${describeDuration(age)} after rollover.`
  return [{ code: 'shorter-retention', why }]
}

function downsampling(before: JsonObject, after: JsonObject): readonly Danger[] {
  const found = phaseNames.filter(
    (name) => actionOf(after, name, 'downsample') !== null && actionOf(before, name, 'downsample') === null,
  )
  if (found.length === 0) return []
  const why = `In phase ${found.join(' and ')} single documents are replaced by aggregates over time.`
  return [{ code: 'downsampling', why }]
}

function removedPhase(before: JsonObject, after: JsonObject, name: PhaseName): readonly Danger[] {
  if (ageOf(before, name) === null || ageOf(after, name) !== null) return []
  const why =
    name === 'delete'
      ? 'Phase delete is removed: indices stay until they are removed by hand.'
      : `Phase \`${name}\` is removed: an index in that phase stays stuck in it.`
  return [{ code: 'removed-phase', why }]
}

function removedRollover(before: JsonObject, after: JsonObject): readonly Danger[] {
  if (actionOf(before, 'hot', 'rollover') === null || actionOf(after, 'hot', 'rollover') !== null) return []
  const why =
    'Without rollover an index grows forever, and its age counts from its creation: it can be deleted while it is still written to.'
  return [{ code: 'removed-rollover', why }]
}

function removedProof(before: JsonObject, after: JsonObject): readonly Danger[] {
  const waits = (phases: JsonObject): boolean => actionOf(phases, 'delete', 'wait_for_snapshot') !== null
  if (!waits(before) || waits(after) || ageOf(after, 'delete') === null) return []
  return [{ code: 'removed-snapshot', why: 'Indices are deleted without waiting for a snapshot that contains them.' }]
}

function earlierPhase(before: JsonObject, after: JsonObject, name: PhaseName): readonly Danger[] {
  const [old, age] = [ageOf(before, name), ageOf(after, name)]
  if (name === 'delete' || old === null || age === null || age >= old) return []
  const why = `Phase \`${name}\` begins ${describeDuration(age)} after the rollover instead of ${describeDuration(old)}.`
  return [{ code: 'shorter-age', why }]
}

/**
 * Oldest first; indices that would be deleted at once are marked. One that is known to wait for its rollover is not: its age starts
 * with that.
 */
export function describeIndices(indices: readonly IndexFacts[], after: JsonObject, now: number): readonly string[] {
  const limit = ageOf(after, 'delete')
  const rolls = actionOf(after, 'hot', 'rollover') !== null
  return indices
    .toSorted((one, other) => one.since - other.since)
    .map((index) => {
      const age = now - index.since
      const days = Math.max(0, Math.floor(age / 86_400_000))
      const date = new Date(index.since).toISOString().slice(0, 10)
      const began = `${index.counted === 'rollover' ? 'rolled over' : 'created'} ${date}, ${countOf(days, 'day')} ago`
      const goes = limit !== null && age >= limit && !(rolls && index.phase === 'hot') ? '; deleted at once' : ''
      const phase = index.phase === null ? '' : `, in phase ${index.phase}`
      return `${index.name} (${countOf(index.documents, 'document')}, ${began}${phase}${goes})`
    })
}
