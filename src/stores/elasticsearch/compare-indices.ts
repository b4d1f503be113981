import { normalText } from '../entries.ts'
import { type Addition, findAdditions } from '../find-additions.ts'
import type { StoreDifference } from '../store-plan.ts'
import { childOf, flattenSettings, isObject, mergeSettings } from './compare-trees.ts'
import type { JsonObject, TemplateContent } from './declaration.ts'

/** A difference between an index and what a new one would be. */
export interface IndexDifference extends StoreDifference {
  /** - `changeable` an existing index can be changed; `fixed` only a new index can have the value. */
  readonly kind: 'changeable' | 'fixed'
  /** What the declared list or map has not of the one in the index, which it replaces as a whole. */
  readonly additions?: readonly Addition[]
}

/** What changes in place would take from lists and maps of an index, which has no place for a mark: nobody can say who added it. */
export function additionsOf(differences: readonly IndexDifference[]): readonly Addition[] {
  return differences.flatMap(({ additions = [] }) => additions)
}

/** Parameters of a field that can be changed in an existing index (docs: "update mapping"); a test verifies them on the real server. */
const changeableParameters: ReadonlySet<string> = new Set([
  'coerce',
  'copy_to',
  'depth_limit',
  'dynamic',
  'eager_global_ordinals',
  'fielddata',
  'fielddata_frequency_filter',
  'ignore_above',
  'ignore_malformed',
  'meta',
  'search_analyzer',
  'search_quote_analyzer',
  'split_queries_on_whitespace',
])

/** Keys of a whole mapping that can be changed. */
const changeableRoots: ReadonlySet<string> = new Set([
  '_meta',
  'date_detection',
  'dynamic',
  'dynamic_date_formats',
  'dynamic_templates',
  'numeric_detection',
  'runtime',
])

/** The server adds it to the mappings of data streams; it is never declared. */
const ofTheServer = '_data_stream_timestamp'

interface Sides {
  /** The value as the file has it. */
  readonly declared: JsonObject
  /** The same as the server writes it, without defaults. */
  readonly expected: JsonObject
  readonly live: JsonObject
}

/** Compares the mappings of an index with those of a new one, declared keys only. Fields that documents added are ignored. */
export function compareMappings(sides: Sides): readonly IndexDifference[] {
  const { [ofTheServer]: _, ...expected } = sides.expected
  return compareLevel({ ...sides, expected }, 'mappings', changeableRoots)
}

function compareLevel(sides: Sides, path: string, changeable: ReadonlySet<string>): readonly IndexDifference[] {
  const keys = new Set([...Object.keys(sides.expected), ...Object.keys(sides.declared)])
  return [...keys].flatMap((key): readonly IndexDifference[] => {
    if (key === 'runtime' && path === 'mappings') return compareRuntime(below(sides, key), `${path}.${key}`)
    if (key === 'properties' || key === 'fields') return compareFields(below(sides, key), `${path}.${key}`)
    return compareParameter(sides, key, `${path}.${key}`, changeable.has(key))
  })
}

/** Those of the index that no file declares are ignored, as fields are: the server adds to them, and removes one only where `null` is declared. */
function compareRuntime({ declared, expected, live }: Sides, path: string): readonly IndexDifference[] {
  return [...new Set([...Object.keys(expected), ...Object.keys(declared)])].flatMap((name) => {
    const wanted = declared[name] === null ? null : textOf(expected[name] ?? declared[name])
    const actual = textOf(live[name])
    return actual === wanted ? [] : [{ path: `${path}.${name}`, actual, declared: wanted, kind: 'changeable' as const }]
  })
}

function below(sides: Sides, key: string): Sides {
  return {
    declared: childOf(sides.declared, key),
    expected: childOf(sides.expected, key),
    live: childOf(sides.live, key),
  }
}

function compareFields(sides: Sides, path: string): readonly IndexDifference[] {
  return Object.keys(sides.expected).flatMap((name): readonly IndexDifference[] => {
    const expected = sides.expected[name]
    if (sides.live[name] === undefined) {
      return [{ path: `${path}.${name}`, actual: null, declared: normalText(expected), kind: 'changeable' }]
    }
    return compareLevel(below(sides, name), `${path}.${name}`, changeableParameters)
  })
}

function compareParameter(sides: Sides, key: string, path: string, changeable: boolean): readonly IndexDifference[] {
  const live = textOf(sides.live[key])
  const expected = textOf(sides.expected[key])
  const declared = textOf(sides.declared[key])
  // Neither side writes a default; where the index has another value, it is not the default there.
  if (live === expected || (expected === null && (live === null || live === declared))) return []
  const kind = changeable || isLooser(key, expected ?? declared) ? 'changeable' : 'fixed'
  const additions = findAdditions(sides.expected[key] ?? sides.declared[key], sides.live[key], path)
  return [{ path, actual: live, declared: expected ?? declared, kind, additions }]
}

/** Norms can be disabled, but not enabled again. */
function isLooser(key: string, declared: string | null): boolean {
  return key === 'norms' && declared === 'false'
}

/** An object that only contains other fields has no written type. */
function textOf(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return isObject(value) && Object.keys(value).length === 0 ? null : normalText(value)
}

export interface DesiredIndex {
  readonly template: { readonly merged: TemplateContent }
  /** What the server makes of the template. */
  readonly simulation: TemplateContent
}

/** An index is made with it, and does not show it afterwards. */
const onlyAtCreation = 'settings.index.number_of_routing_shards'

/** What differs between an index and what its template would make. */
export function compareIndex(
  { template: { merged }, simulation }: DesiredIndex,
  index: TemplateContent,
): readonly IndexDifference[] {
  return [
    ...compareSettings(merged.settings, index.settings).filter(({ path }) => path !== onlyAtCreation),
    ...compareMappings({ declared: merged.mappings, expected: simulation.mappings, live: index.mappings }),
  ]
}

/** Declared settings that differ on the server. Undeclared settings are not compared: their defaults belong to the server. */
export function compareSettings(declared: JsonObject, actual: JsonObject): readonly IndexDifference[] {
  const found = settingTexts(actual)
  const [wantedValues, values] = [mergeSettings([declared]), mergeSettings([actual])]
  return [...settingTexts(declared)]
    .map(([key, wanted]) => ({ key, actual: found.get(key) ?? null, wanted }))
    .filter(({ key, actual: is, wanted }) => is !== wanted && !(wanted === null && is === settingDefaults.get(key)))
    .map(({ key, actual: is, wanted }) => ({
      path: `settings.${key}`,
      actual: is,
      declared: wanted,
      kind: isFixedSetting(key) ? 'fixed' : 'changeable',
      additions: findAdditions(wantedValues[key], values[key], `settings.${key}`),
    }))
}

/** With null for what is `null`: the server returns such a setting as it was sent. */
function settingTexts(settings: JsonObject): ReadonlyMap<string, string | null> {
  const raw = mergeSettings([settings])
  return new Map([...flattenSettings(settings)].map(([key, text]) => [key, raw[key] === null ? null : text]))
}

/** What an index shows where nobody says anything else, `null` included. */
export const settingDefaults: ReadonlyMap<string, string> = new Map([
  ['index.number_of_replicas', '1'],
  ['index.number_of_shards', '1'],
])

/** Settings of the server that were not declared. */
export function extraSettings(declared: JsonObject, actual: JsonObject): readonly StoreDifference[] {
  const known = flattenSettings(declared)
  return [...flattenSettings(actual)]
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => ({ path: `settings.${key}`, actual: value, declared: null }))
}

/**
 * Index settings that cannot be changed in an open index; all others can. From IndexScopedSettings of Elasticsearch 8.19; a test
 * verifies each on the real server.
 */
const fixedSettings: ReadonlySet<string> = new Set([
  'index.codec',
  'index.data_path',
  'index.downsample.interval',
  'index.downsample.status',
  'index.failure_store.version',
  'index.fast_refresh',
  'index.fielddata.cache',
  'index.force_memory_term_dictionary',
  'index.format',
  'index.load_fixed_bitset_filters_eagerly',
  'index.logsdb.route_on_sort_fields',
  'index.mapping.coerce',
  'index.mapping.ignore_above',
  'index.mapping.ignore_malformed',
  'index.mapping.semantic_text.use_legacy_format',
  'index.mapping.source.mode',
  'index.mapping.synthetic_source_keep',
  'index.mode',
  'index.number_of_routing_shards',
  'index.number_of_shards',
  'index.queries.cache.enabled',
  'index.query.parse.allow_unmapped_fields',
  'index.query_string.lenient',
  'index.recovery.type',
  'index.recovery.use_synthetic_source',
  'index.routing_partition_size',
  'index.routing_path',
  'index.shard.check_on_startup',
  'index.soft_deletes.enabled',
  'index.time_series.es87tsdb_codec.enabled',
  'index.time_series.start_time',
])

const fixedGroups = ['index.analysis.', 'index.similarity.', 'index.sort.', 'index.store.']

/** True for a setting that only a new index can change. */
export function isFixedSetting(key: string): boolean {
  return fixedSettings.has(key) || fixedGroups.some((group) => key.startsWith(group))
}
