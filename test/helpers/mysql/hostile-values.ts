import { createConnection, type RowDataPacket } from 'mysql2/promise'
import { randomFrom } from '../tool/seed.ts'

/** A session variable that has a global value, and values that a server may have been given. */
export interface HostileVariable {
  readonly name: string
  /** As SET GLOBAL takes them. */
  readonly values: readonly string[]
}

/**
 * Left out: what the table in docs/operations/guarantees.md calls a policy of the server or of its group, which refuses statements or numbers rows by design; and
 * what no client can work under.
 */
const policies: ReadonlySet<string> = new Set([
  'auto_increment_increment',
  'auto_increment_offset',
  // With STATEMENT the server adds warnings of statements that are unsafe for it, and they are shown.
  'binlog_format',
  'connection_memory_chunk_size',
  'connection_memory_limit',
  'default_table_encryption',
  'global_connection_memory_tracking',
  'max_allowed_packet',
  'max_heap_table_size',
  'max_user_connections',
  'restrict_fk_on_non_standard_key',
  'sql_require_primary_key',
])

/** Values of variables that are words: those whose values the server does not list by itself. */
const words: Readonly<Record<string, readonly string[]>> = {
  binlog_row_image: ['MINIMAL', 'NOBLOB'],
  binlog_row_value_options: ['PARTIAL_JSON'],
  block_encryption_mode: ['aes-256-cbc', 'aes-192-ecb'],
  character_set_client: ['latin1', 'gbk', 'binary', 'sjis'],
  character_set_connection: ['latin1', 'ucs2', 'utf32', 'binary'],
  character_set_database: ['latin1', 'gbk'],
  character_set_filesystem: ['latin1', 'utf8mb4'],
  character_set_results: ['latin1', 'ucs2', 'binary', 'gbk'],
  character_set_server: ['latin1', 'ascii', 'utf32'],
  collation_connection: ['latin1_german2_ci', 'utf8mb4_bin', 'utf8mb4_turkish_ci'],
  collation_database: ['latin1_bin', 'utf8mb4_bin'],
  collation_server: ['latin1_bin', 'utf8mb4_general_ci', 'utf32_bin'],
  completion_type: ['CHAIN', 'RELEASE'],
  default_collation_for_utf8mb4: ['utf8mb4_general_ci'],
  default_storage_engine: ['MyISAM', 'MEMORY', 'CSV', 'ARCHIVE'],
  default_tmp_storage_engine: ['MyISAM', 'MEMORY'],
  explain_format: ['TREE', 'JSON', 'TRADITIONAL'],
  group_replication_consistency: ['BEFORE', 'AFTER', 'BEFORE_AND_AFTER'],
  internal_tmp_mem_storage_engine: ['MEMORY', 'TempTable'],
  lc_messages: ['fr_FR', 'ja_JP'],
  lc_time_names: ['fr_FR', 'zh_CN'],
  myisam_stats_method: ['nulls_equal', 'nulls_ignored'],
  optimizer_switch: [
    'index_merge=off,derived_merge=off',
    'materialization=off,semijoin=off',
    'use_invisible_indexes=on',
    'condition_fanout_filter=off,mrr_cost_based=off',
  ],
  optimizer_trace: ['enabled=on', 'enabled=on,one_line=on'],
  optimizer_trace_features: ['greedy_search=off'],
  session_track_gtids: ['OWN_GTID', 'ALL_GTIDS'],
  session_track_system_variables: ['', '*', 'autocommit'],
  session_track_transaction_info: ['STATE', 'CHARACTERISTICS'],
  sql_mode: [
    '',
    'ANSI',
    'TRADITIONAL',
    'ANSI_QUOTES,NO_BACKSLASH_ESCAPES',
    'IGNORE_SPACE,HIGH_NOT_PRECEDENCE,PAD_CHAR_TO_FULL_LENGTH',
    'NO_UNSIGNED_SUBTRACTION,TIME_TRUNCATE_FRACTIONAL,REAL_AS_FLOAT',
    'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_DIR_IN_CREATE',
  ],
  time_zone: ['-11:00', '+13:00', '+05:45'],
  transaction_isolation: ['READ-UNCOMMITTED', 'READ-COMMITTED', 'SERIALIZABLE'],
  updatable_views_with_limit: ['NO'],
  use_secondary_engine: ['OFF', 'FORCED'],
}

/** Bytes: as much as a server of a test can give to each of its sessions. */
const mostMemory = 16 * 1024 ** 2

/** The ends of its range and what lies next to them; of a buffer no more than there is memory for. */
function numbersOf(name: string, min: string, max: string): readonly string[] {
  const least = BigInt(min)
  const isMemory = /_size$|_mem_/.test(name)
  const most = isMemory && BigInt(max) > mostMemory ? BigInt(mostMemory) : BigInt(max)
  const inside = [least, least + 1n, least + 7n, most / 2n, most].filter((value) => value >= least && value <= most)
  return [...new Set(inside)].map(String)
}

function valuesOf(name: string, value: string, min: string, max: string): readonly string[] {
  const listed = words[name]
  if (listed !== undefined) return listed.map((word) => `'${word}'`)
  if (value === 'ON' || value === 'OFF' || value === 'YES' || value === 'NO') return ['ON', 'OFF']
  return /^\d+$/.test(value) && /^\d+$/.test(max) && max !== '0' ? numbersOf(name, min, max) : []
}

/**
 * Every session variable of the server that has a global value which may be set, with values that it takes: each is tried and set back. `untried` are those of
 * which no other value is known.
 */
export async function listHostile(
  url: string,
): Promise<{ readonly variables: readonly HostileVariable[]; readonly untried: readonly string[] }> {
  const connection = await createConnection({ uri: url, rowsAsArray: true })
  const succeeds = (text: string): Promise<boolean> =>
    connection.query(text).then(
      () => true,
      (error: unknown) => {
        // An error of the server is an answer; a server that is gone is none.
        if (error instanceof Error && 'fatal' in error && error.fatal === true) throw error
        return false
      },
    )
  const takes = (assignment: string): Promise<boolean> => succeeds(`SET GLOBAL ${assignment}`)
  try {
    const [rows] = await connection.query<RowDataPacket[]>(
      'SELECT s.VARIABLE_NAME,g.VARIABLE_VALUE,i.MIN_VALUE,i.MAX_VALUE FROM performance_schema.session_variables s ' +
        'JOIN performance_schema.global_variables g USING (VARIABLE_NAME) JOIN performance_schema.variables_info i USING (VARIABLE_NAME) ORDER BY 1',
    )
    const variables: HostileVariable[] = []
    const untried: string[] = []
    for (const [name, value, min, max] of rows as unknown as readonly (readonly string[])[]) {
      // The table of session variables has those that are global alone, too.
      if (name === undefined || policies.has(name) || !(await succeeds(`SELECT @@SESSION.${name}`))) continue
      const values: string[] = []
      for (const one of valuesOf(name, value ?? '', min ?? '0', max ?? '0'))
        if (await takes(`${name}=${one}`)) values.push(one)
      // A value that has no DEFAULT could not be set back.
      if (values.length > 0 && (await takes(`${name}=DEFAULT`))) variables.push({ name, values })
      else untried.push(name)
    }
    return { variables, untried }
  } finally {
    await connection.end()
  }
}

/** A third of the variables, each with one of its values. */
export function drawMixture(variables: readonly HostileVariable[], seed: number): readonly string[] {
  const draw = randomFrom(seed)
  return variables.flatMap(({ name, values }) => {
    const [isIn, at] = [draw() < 1 / 3, draw()]
    return isIn ? [`${name}=${values[Math.floor(at * values.length)]}`] : []
  })
}
