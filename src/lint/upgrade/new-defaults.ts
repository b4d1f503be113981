import type { InBoth } from '../../core/in-both.ts'
import { isAtLeast } from '../../core/version.ts'

/**
 * Defaults that changed, from the manual's "Changes in Server Defaults" of 8.4 and the notes of 8.0 and 9.x; a test compares them with
 * servers. A renamed variable has both names: each server has one of them, or both.
 */
const byVersion: readonly (readonly [version: string, values: Readonly<Record<string, string>>])[] = [
  ['8.0.23', { gtid_executed_compression_period: '0' }],
  [
    '8.0.27',
    {
      slave_parallel_workers: '4',
      slave_preserve_commit_order: 'ON',
      replica_parallel_workers: '4',
      replica_preserve_commit_order: 'ON',
      thread_stack: '1048576',
    },
  ],
  ['8.0.28', { tls_version: 'TLSv1.2,TLSv1.3', admin_tls_version: 'TLSv1.2,TLSv1.3' }],
  ['8.0.30', { slave_allow_batching: 'ON', replica_allow_batching: 'ON' }],
  [
    '8.4.0',
    {
      innodb_adaptive_hash_index: 'OFF',
      innodb_buffer_pool_in_core_file: 'OFF',
      innodb_change_buffering: 'none',
      innodb_doublewrite_files: '2',
      innodb_doublewrite_pages: '128',
      innodb_flush_method: 'O_DIRECT',
      innodb_io_capacity: '10000',
      innodb_io_capacity_max: '20000',
      innodb_log_buffer_size: '67108864',
      innodb_numa_interleave: 'ON',
      innodb_use_fdatasync: 'ON',
      group_replication_consistency: 'BEFORE_ON_PRIMARY_FAILOVER',
      group_replication_exit_state_action: 'OFFLINE_MODE',
      temptable_max_mmap: '0',
      temptable_use_mmap: 'OFF',
    },
  ],
  ['9.4.0', { back_log: '10000', innodb_change_buffer_max_size: '5' }],
  [
    '9.5.0',
    {
      binlog_transaction_dependency_history_size: '10000000',
      caching_sha2_password_digest_rounds: '10000',
      enforce_gtid_consistency: 'ON',
      explain_format: 'TREE',
      explain_json_format_version: '2',
      group_replication_ssl_mode: 'REQUIRED',
      gtid_mode: 'ON',
      innodb_change_buffering: 'all',
    },
  ],
]

interface NewDefault {
  readonly since: string
  readonly value: string
}

/** By variable, its successive defaults, oldest first. */
export const newDefaults: ReadonlyMap<string, readonly NewDefault[]> = collect()

function collect(): ReadonlyMap<string, readonly NewDefault[]> {
  const found = new Map<string, NewDefault[]>()
  for (const [since, values] of byVersion)
    for (const [name, value] of Object.entries(values)) found.set(name, [...(found.get(name) ?? []), { since, value }])
  return found
}

/** The default that a variable has on a server of this version, as far as the list knows. */
export function defaultOn(name: string, version: string): NewDefault | undefined {
  return newDefaults.get(name)?.findLast(({ since }) => isAtLeast(version, since))
}

/** Defaults that a server computes from its machine: only that server knows them, so the rule is named. */
export const computedDefaults: ReadonlyMap<string, { readonly since: string; readonly rule: InBoth }> = new Map([
  [
    'innodb_buffer_pool_instances',
    {
      since: '8.4.0',
      rule: {
        en: '1 for a buffer pool of up to 1 GB, else a quarter of the processors or one for every two chunks, whichever is less',
        zh: '缓冲池不超过 1 GB 时为 1，否则取处理器数的四分之一与每两个 chunk 一个之中较小者',
      },
    },
  ],
  [
    'innodb_page_cleaners',
    {
      since: '8.4.0',
      rule: { en: 'as many as `innodb_buffer_pool_instances`', zh: '与 `innodb_buffer_pool_instances` 相同' },
    },
  ],
  [
    'innodb_parallel_read_threads',
    { since: '8.4.0', rule: { en: 'an eighth of the processors, at least 4', zh: '处理器数的八分之一，至少为 4' } },
  ],
  [
    'innodb_purge_threads',
    { since: '8.4.0', rule: { en: '1 on up to 16 processors, else 4', zh: '不超过 16 个处理器时为 1，否则为 4' } },
  ],
  [
    'innodb_read_io_threads',
    { since: '8.4.0', rule: { en: 'half of the processors, at least 4', zh: '处理器数的一半，至少为 4' } },
  ],
  [
    'temptable_max_ram',
    {
      since: '8.4.0',
      rule: { en: '3% of the memory, at least 1 GB and at most 4 GB', zh: '内存的 3%，至少 1 GB，至多 4 GB' },
    },
  ],
  [
    'innodb_log_writer_threads',
    {
      since: '9.5.0',
      rule: {
        en: 'ON above 32 processors, or above 4 without a binary log, else OFF',
        zh: '处理器多于 32 个（没有二进制日志时多于 4 个）时为 ON，否则为 OFF',
      },
    },
  ],
])
