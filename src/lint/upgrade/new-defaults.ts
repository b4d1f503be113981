/** Defaults that changed, from the manual's "Changes in Server Defaults" of 8.4 and the notes of 8.0; a test compares them with servers. */
const byVersion: readonly (readonly [version: string, values: Readonly<Record<string, string>>])[] = [
  ['8.0.27', { replica_parallel_workers: '4', replica_preserve_commit_order: 'ON' }],
  [
    '8.4.0',
    {
      innodb_adaptive_hash_index: 'OFF',
      innodb_flush_method: 'O_DIRECT',
      innodb_io_capacity: '10000',
      innodb_io_capacity_max: '20000',
      innodb_log_buffer_size: '67108864',
      innodb_numa_interleave: 'ON',
      innodb_use_fdatasync: 'ON',
      group_replication_consistency: 'BEFORE_ON_PRIMARY_FAILOVER',
      group_replication_exit_state_action: 'OFFLINE_MODE',
    },
  ],
]

/** By variable, its new default and the version that has it. */
export const newDefaults: ReadonlyMap<string, { readonly value: string; readonly since: string }> = new Map(
  byVersion.flatMap(([since, values]) =>
    Object.entries(values).map(([name, value]) => [name, { value, since }] as const),
  ),
)
