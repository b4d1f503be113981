import { type ImportedItem, type NotDeclarable, type StoreContents, toItem } from '../import-items.ts'
import type { ObservedNode } from './ports.ts'

type Imported = Omit<StoreContents, 'version'>

/** The settings of other sections of a file. */
const sections = ['save', 'appendonly', 'appendfsync', 'maxmemory', 'maxmemory-policy'] as const

/** Settings that are often changed, with the value that Redis 6.2 to 8 begin with: only another value is declared. */
const others: ReadonlyMap<string, string> = new Map([
  ['activedefrag', 'no'],
  ['aof-use-rdb-preamble', 'yes'],
  ['auto-aof-rewrite-min-size', '67108864'],
  ['auto-aof-rewrite-percentage', '100'],
  ['cluster-allow-reads-when-down', 'no'],
  ['cluster-node-timeout', '15000'],
  ['cluster-require-full-coverage', 'yes'],
  ['hz', '10'],
  ['latency-monitor-threshold', '0'],
  ['lazyfree-lazy-eviction', 'no'],
  ['lazyfree-lazy-expire', 'no'],
  ['lazyfree-lazy-server-del', 'no'],
  ['maxclients', '10000'],
  ['maxmemory-samples', '5'],
  ['min-replicas-max-lag', '10'],
  ['min-replicas-to-write', '0'],
  ['no-appendfsync-on-rewrite', 'no'],
  ['notify-keyspace-events', ''],
  ['repl-backlog-size', '1048576'],
  ['slowlog-log-slower-than', '10000'],
  ['slowlog-max-len', '128'],
  ['stop-writes-on-bgsave-error', 'yes'],
  ['tcp-keepalive', '300'],
  ['timeout', '0'],
])

/** All that an import reads. */
export const importedSettings: readonly string[] = [...sections, ...others.keys()]

/** Settings that all nodes have alike. */
export function importSettings(nodes: readonly ObservedNode[]): Imported {
  const found = importedSettings.flatMap((name): readonly (ImportedItem | NotDeclarable)[] => {
    const values = [...new Set(nodes.flatMap(({ settings }) => settings.get(name) ?? []))]
    const [value] = values
    if (value === undefined || (values.length === 1 && others.get(name) === value)) return []
    const resource = { kind: 'setting', name }
    if (values.length > 1)
      return [{ resource, why: `The nodes differ: ${values.map((one) => `\`${one}\``).join(', ')}.` }]
    return [toItem(resource, 'settings', ...toPlace(name, value))]
  })
  return {
    items: found.filter((one) => 'value' in one),
    notDeclarable: found.filter((one) => 'why' in one),
  }
}

function toPlace(name: string, value: string): readonly [path: readonly [string, ...string[]], value: unknown] {
  switch (name) {
    case 'save':
      return [['persistence', 'snapshots'], toSnapshots(value)]
    case 'appendonly':
      return [['persistence', 'appendOnly'], value === 'yes']
    case 'appendfsync':
      return [['persistence', 'fsync'], value]
    case 'maxmemory':
      return [['memory', 'limit'], toLimit(Number(value))]
    case 'maxmemory-policy':
      return [['memory', 'eviction'], value]
    default:
      return [['settings', name], value]
  }
}

/** `3600 1 300 100`: seconds and changes in turn. */
function toSnapshots(value: string): readonly object[] {
  const numbers = value.split(/\s+/).filter((one) => one !== '')
  return numbers.flatMap((seconds, at) =>
    at % 2 === 0 ? [{ after: `${seconds}s`, changes: Number(numbers[at + 1] ?? '0') }] : [],
  )
}

const units = [
  ['gb', 1024 ** 3],
  ['mb', 1024 ** 2],
  ['kb', 1024],
] as const

function toLimit(bytes: number): string {
  const [unit, size] = units.find(([, size]) => bytes > 0 && bytes % size === 0) ?? ['b', 1]
  return bytes === 0 ? '0' : `${bytes / size}${unit}`
}
