/**
 * Index settings that an open index keeps for its life; all others can be changed. From IndexScopedSettings of Elasticsearch 8.19; a
 * test asks the real server about each.
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

/** True for a setting that only a new index can have otherwise. */
export function isFixedSetting(key: string): boolean {
  return fixedSettings.has(key) || fixedGroups.some((group) => key.startsWith(group))
}
