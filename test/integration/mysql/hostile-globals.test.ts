import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type HostileServer, openHostile } from '../../helpers/mysql/hostile-story.ts'
import type { ServerVersion } from '../../helpers/servers/servers.ts'
import { isSoak } from '../../helpers/tool/seed.ts'
import { withStages } from '../../helpers/tool/stage.ts'

const stage = withStages()

/** A value of each global that could change an answer, a definition or a row; those that the version does not have are left out. */
const hostile: readonly string[] = [
  'sql_select_limit=6',
  'sql_select_limit=0',
  'max_execution_time=1',
  'max_join_size=10,@@GLOBAL.sql_big_selects=0',
  'completion_type=1',
  'completion_type=2',
  'transaction_read_only=1',
  'autocommit=0',
  "transaction_isolation='READ-UNCOMMITTED'",
  'sql_auto_is_null=1',
  'sql_safe_updates=1',
  'sql_notes=0',
  'max_error_count=0',
  'sql_quote_show_create=0',
  'show_create_table_verbosity=1',
  'show_gipk_in_create_table_and_information_schema=0,@@GLOBAL.sql_generate_invisible_primary_key=1',
  'end_markers_in_json=1',
  "lc_messages='de_DE'",
  "lc_time_names='de_DE'",
  'max_sort_length=4',
  'range_optimizer_max_mem_size=1',
  'range_alloc_block_size=16777216',
  'net_read_timeout=1,@@GLOBAL.net_write_timeout=1',
  'wait_timeout=1,@@GLOBAL.interactive_timeout=1',
  "session_track_system_variables='',@@GLOBAL.session_track_schema=0",
  "session_track_system_variables='*',@@GLOBAL.session_track_state_change=1,@@GLOBAL.session_track_gtids='ALL_GTIDS',@@GLOBAL.session_track_transaction_info='CHARACTERISTICS'",
  "default_storage_engine='MyISAM',@@GLOBAL.default_tmp_storage_engine='MyISAM'",
  'explicit_defaults_for_timestamp=0',
  'div_precision_increment=0',
  'group_concat_max_len=4',
  'default_week_format=3',
  "block_encryption_mode='aes-256-cbc'",
  'cte_max_recursion_depth=3',
  "updatable_views_with_limit='NO'",
  'windowing_use_high_precision=0',
  'old_alter_table=1',
  'innodb_strict_mode=0',
  "default_collation_for_utf8mb4='utf8mb4_general_ci'",
  "collation_server='latin1_german1_ci'",
  "sql_mode='ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH',@@GLOBAL.time_zone='-11:00'",
  'foreign_key_checks=0,@@GLOBAL.unique_checks=0',
  "optimizer_switch='derived_merge=off'",
  'information_schema_stats_expiry=31536000',
  'tmp_table_size=1024,@@GLOBAL.max_heap_table_size=16384,@@GLOBAL.sort_buffer_size=32768,@@GLOBAL.join_buffer_size=128',
]

/** The first of a row's variables. */
const nameOf = (row: string): string => row.split('=')[0] ?? ''

/** Played one by one in every run; the others in a soak. */
const first: ReadonlySet<string> = new Set([
  'sql_select_limit',
  'max_execution_time',
  'max_join_size',
  'completion_type',
  'transaction_read_only',
  'sql_quote_show_create',
  'session_track_system_variables',
  'default_storage_engine',
])

/** Every fourth of them, from the first, second, third and fourth; and all together, of each variable the last value. */
const mixtures: readonly (readonly string[])[] = [
  ...[0, 1, 2, 3].map((start) => hostile.filter((_, index) => index % 4 === start)),
  hostile,
]

describe.each<ServerVersion>(['9.7', '8.0'])('hostile globals of MySQL %s', (version) => {
  let place: HostileServer
  beforeAll(async () => {
    place = await openHostile(version, stage)
  })
  afterAll(() => place.close())

  const singles = hostile.filter((row) => isSoak || (version === '9.7' && first.has(nameOf(row))))
  test.each(singles.map((one) => [one]))('%s changes no answer', async (one) => {
    expect(await place.play([one])).toEqual(place.quiet)
  })

  test.each(mixtures.map((rows) => [rows] as const))('a mixture changes no answer: %j', async (rows) => {
    expect(await place.play(rows)).toEqual(place.quiet)
  })
})
