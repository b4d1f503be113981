import { lostStatements } from './removed-syntax.generated.ts'

/** By version, what it no longer has (release notes and the manual's "What Is New" of each series). */
const functions: readonly (readonly [version: string, names: string])[] = [
  [
    '8.0.11',
    'PASSWORD OLD_PASSWORD ENCODE DECODE ENCRYPT DES_ENCRYPT DES_DECRYPT AREA ASBINARY ASTEXT ASWKB ASWKT BUFFER CENTROID CONVEXHULL CROSSES DIMENSION DISJOINT DISTANCE ENDPOINT ENVELOPE EQUALS EXTERIORRING GEOMETRYN GEOMETRYTYPE GEOMFROMTEXT GEOMFROMWKB GLENGTH INTERIORRINGN INTERSECTS ISCLOSED ISEMPTY ISSIMPLE LINESTRINGFROMTEXT MBREQUAL NUMGEOMETRIES NUMINTERIORRINGS NUMPOINTS OVERLAPS POINTFROMTEXT POINTN POLYGONFROMTEXT STARTPOINT TOUCHES',
  ],
  ['8.3.0', 'WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS'],
  // They have moved to a component, which must be installed: `INSTALL COMPONENT 'file://component_classic_hashing'`.
  ['9.6.0', 'MD5 SHA SHA1'],
]

/** The beginnings of statements that a version refuses; those of replication all end with 8.4. */
const statements: readonly (readonly [version: string, heads: readonly string[]])[] = [['8.4.0', lostStatements]]

const variables: readonly (readonly [version: string, names: string])[] = [
  [
    '8.0.11',
    'tx_isolation tx_read_only query_cache_size query_cache_type query_cache_limit query_cache_min_res_unit query_cache_wlock_invalidate sync_frm log_warnings secure_auth innodb_file_format innodb_large_prefix innodb_locks_unsafe_for_binlog innodb_support_xa multi_range_count old_passwords storage_engine ignore_builtin_innodb date_format datetime_format time_format max_tmp_tables',
  ],
  [
    '8.0.13',
    'log_syslog log_syslog_facility log_syslog_include_pid log_syslog_tag metadata_locks_cache_size metadata_locks_hash_instances',
  ],
  ['8.0.16', 'internal_tmp_disk_storage_engine'],
  ['8.2.0', 'expire_logs_days'],
  [
    '8.3.0',
    'slave_rows_search_algorithms relay_log_info_file log_bin_use_v1_row_events relay_log_info_repository master_info_repository transaction_write_set_extraction group_replication_ip_whitelist',
  ],
  [
    '8.4.0',
    'default_authentication_plugin binlog_transaction_dependency_tracking avoid_temporal_upgrade show_old_temporals have_openssl have_ssl language new old myisam_repair_threads group_replication_recovery_complete_at authentication_fido_rp_id keyring_file_data keyring_encrypted_file_data keyring_encrypted_file_password',
  ],
  ['9.0.0', 'mysql_native_password_proxy_users mysql_native_password'],
  ['9.3.0', 'innodb_log_file_size innodb_log_files_in_group innodb_undo_tablespaces'],
  ['9.4.0', 'temptable_use_mmap'],
  [
    '9.5.0',
    'slave_parallel_type replica_parallel_type group_replication_allow_local_lower_version_join rpl_semi_sync_master_enabled rpl_semi_sync_master_timeout rpl_semi_sync_master_trace_level rpl_semi_sync_master_wait_for_slave_count rpl_semi_sync_master_wait_no_slave rpl_semi_sync_master_wait_point rpl_semi_sync_slave_enabled rpl_semi_sync_slave_trace_level',
  ],
]

/** Values of `sql_mode` that MySQL 8 no longer has. */
export const removedModes: ReadonlySet<string> = new Set([
  'NO_AUTO_CREATE_USER',
  'DB2',
  'MAXDB',
  'MSSQL',
  'MYSQL323',
  'MYSQL40',
  'ORACLE',
  'POSTGRESQL',
  'NO_FIELD_OPTIONS',
  'NO_KEY_OPTIONS',
  'NO_TABLE_OPTIONS',
])

/** By authentication plugin, the version that no longer enables it by default. */
export const lostAuthentication: ReadonlyMap<string, string> = new Map([
  ['mysql_native_password', '8.4.0'],
  ['authentication_fido', '8.4.0'],
])

/** Plugins that are loaded from libraries, by the version that no longer has them. */
const plugins: readonly (readonly [version: string, names: string])[] = [
  ['8.3.0', 'daemon_memcached'],
  ['8.4.0', 'authentication_fido keyring_file keyring_encrypted_file keyring_oci'],
  ['9.0.0', 'mysql_native_password'],
  ['9.3.0', 'version_tokens'],
  ['9.5.0', 'rpl_semi_sync_master rpl_semi_sync_slave'],
]

/** The version from which on a plugin, in lower case, is gone. */
export const removedPlugins: ReadonlyMap<string, string> = byName(plugins)

/** The version from which on a function, in capitals, is gone. */
export const removedFunctions: ReadonlyMap<string, string> = byName(functions)

/** The version from which on a system variable, in lower case, is gone. */
export const removedVariables: ReadonlyMap<string, string> = byName(variables)

/** The first words of a statement, and the version from which on it is gone. */
export interface RemovedStatement {
  readonly words: readonly string[]
  readonly since: string
}

/** The longest first, so that `RESET SLAVE ALL` is named in full. */
export const removedStatements: readonly RemovedStatement[] = statements
  .flatMap(([since, heads]) => heads.map((head) => ({ words: head.split(' '), since })))
  .toSorted((one, other) => other.words.length - one.words.length)

function byName(lists: typeof functions): ReadonlyMap<string, string> {
  return new Map(lists.flatMap(([version, names]) => names.split(' ').map((name) => [name, version] as const)))
}
