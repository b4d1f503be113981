import { normalText } from '../entries.ts'
import { childOf } from './compare-trees.ts'
import type { JsonObject } from './declaration.ts'
import { parseAge } from './policies.ts'

/** What later snapshots have no longer, and what is removed sooner, as sentences. */
export function findSnapshotLosses(declared: JsonObject, found: JsonObject): readonly string[] {
  const [config, before] = [childOf(declared, 'config'), childOf(found, 'config')]
  const [retention, kept] = [childOf(declared, 'retention'), childOf(found, 'retention')]
  return [
    ...(isNarrower(config, before) ? ['Some of what its snapshots have so far is in none of the later ones.'] : []),
    ...(isSet(config['partial']) && !isSet(before['partial'])
      ? ['A later snapshot may lack shards, and still counts as one.']
      : []),
    ...(declared['schedule'] === found['schedule']
      ? []
      : [
          `With another schedule, fewer snapshots may be taken${retention['max_count'] === undefined ? '' : ', or older ones removed sooner, as `max_count` counts them'}.`,
        ]),
    ...(isShorter(retention, kept) ? ['Snapshots that it took are removed sooner.'] : []),
  ]
}

/** A retention removes whatever a policy of its name took, which may be one that is no longer there. */
export function findEarlier(repository: string, retention: JsonObject, earlier: number | null): readonly string[] {
  if (Object.keys(retention).length === 0 || earlier === 0) return []
  return earlier === null
    ? [
        `It is not known yet whether repository \`${repository}\` has snapshots of a policy with this name: if it has, the retention removes those that are due.`,
      ]
    : [
        `Repository \`${repository}\` has ${earlier === 1 ? 'a snapshot' : `${earlier} snapshots`} of a policy with this name: the retention removes those that are due.`,
      ]
}

/** Keys of `config` that take nothing out of a snapshot, or that are judged by themselves. */
const judgedApart: ReadonlySet<string> = new Set([
  'feature_states',
  'include_global_state',
  'indices',
  'metadata',
  'partial',
])

function isNarrower(now: JsonObject, before: JsonObject): boolean {
  const others = Object.keys({ ...now, ...before }).filter((key) => !judgedApart.has(key))
  return (
    isLeftOut(indicesOf(before), indicesOf(now)) ||
    (isOn(before['include_global_state']) && !isOn(now['include_global_state'])) ||
    hasFewerFeatures(featuresOf(before), featuresOf(now)) ||
    others.some((key) => normalText(now[key] ?? false) !== normalText(before[key] ?? false))
  )
}

/** On where nothing is said. */
function isOn(value: unknown): boolean {
  return value === undefined || String(value) === 'true'
}

/** Off where nothing is said. */
function isSet(value: unknown): boolean {
  return String(value) === 'true'
}

/** Null for those of all features, which is what the global state brings along. */
function featuresOf(config: JsonObject): readonly string[] | null {
  const listed = config['feature_states']
  const names = Array.isArray(listed) ? listed.map(String) : []
  if (names.length === 0) return isOn(config['include_global_state']) ? null : []
  return names.filter((name) => name !== 'none')
}

function hasFewerFeatures(before: readonly string[] | null, now: readonly string[] | null): boolean {
  if (now === null) return false
  return before === null || before.some((name) => !now.includes(name))
}

function indicesOf({ indices = '*' }: JsonObject): readonly string[] {
  return Array.isArray(indices) ? indices.map(String) : String(indices).split(',')
}

/** A pattern that is gone, or one with a minus that is new; `*` has everything. */
function isLeftOut(before: readonly string[], now: readonly string[]): boolean {
  const isTakenOut = now.some((one) => one.startsWith('-') && !before.includes(one))
  return isTakenOut || (!now.includes('*') && before.some((one) => !one.startsWith('-') && !now.includes(one)))
}

function isShorter(now: JsonObject, before: JsonObject): boolean {
  const [age, aged] = [parseAge(now['expire_after']), parseAge(before['expire_after'])]
  const [most, mostBefore] = [countOf(now['max_count']), countOf(before['max_count'])]
  const [least, leastBefore] = [countOf(now['min_count']), countOf(before['min_count'])]
  return (
    (age !== null && (aged === null || age < aged)) ||
    (most !== null && (mostBefore === null || most < mostBefore)) ||
    ((age !== null || most !== null) && leastBefore !== null && (least === null || least < leastBefore))
  )
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
