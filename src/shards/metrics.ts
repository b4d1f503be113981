import { countDrifted, type FamilyInspection, type SeenTargets } from './inspection.ts'

/** The number of objects in each database that differ from what wwdb left. */
interface SeenDrift {
  readonly drift: readonly { readonly database: string; readonly objects: number }[]
}

interface Metric {
  readonly name: string
  readonly help: string
  /** Null where it does not apply to the family, or is unknown. */
  readonly read: (family: FamilyInspection) => number | null
}

/** Names and meanings are public: alerts depend on them (docs/reference/output.md). */
const metrics: readonly Metric[] = [
  {
    name: 'headroom_seconds',
    help: 'Seconds until the first period without a table.',
    read: ({ headroom }) => (headroom === null ? null : headroom / 1000),
  },
  { name: 'missing', help: 'Current and coming shards without a table.', read: ({ missing }) => missing.length },
  { name: 'holes', help: 'Past periods without a table.', read: ({ holes }) => holes.length },
  {
    name: 'unexpected',
    help: 'Tables that look like shards but are not shards.',
    read: ({ unexpected }) => unexpected.length,
  },
  {
    name: 'misplaced_rows',
    help: 'Shards with rows outside their period, among the rows that `--rows` reads.',
    read: ({ misplaced }) => misplaced?.length ?? null,
  },
  { name: 'drifted', help: 'Shards that differ from their template.', read: countDrifted },
  { name: 'tables', help: 'Shards with a table under their own name.', read: ({ tables }) => tables },
  {
    name: 'unregistered',
    help: 'Shards that are not in the registry.',
    read: ({ unregistered }) => unregistered.length,
  },
  { name: 'lost', help: 'Shards in the registry whose table does not exist.', read: ({ lost }) => lost.length },
  {
    name: 'lost_rows',
    help: 'Shards whose rows are lost, without acknowledgement.',
    read: ({ losses }) => losses.length,
  },
  {
    name: 'overdue',
    help: 'Expired shards that writes have kept from being put on hold for too long.',
    read: ({ overdue }) => overdue.length,
  },
  { name: 'held_tables', help: 'Tables that wait to be dropped.', read: ({ held }) => held.tables },
  { name: 'held_bytes', help: 'Bytes of the tables that wait to be dropped.', read: ({ held }) => held.bytes },
  {
    name: 'last_success_timestamp_seconds',
    help: 'Time of the last complete rotation of the family.',
    read: ({ lastSuccessAt }) => (lastSuccessAt === null ? null : Date.parse(lastSuccessAt) / 1000),
  },
]

/**
 * The answer of a check in the text format of Prometheus, for node_exporter's textfile collector.
 * @param at when it was made, in milliseconds since the epoch
 */
export function renderShardMetrics({ targets, unseen }: SeenTargets, at: number): string {
  const families = targets.flatMap(({ target, families: own }) =>
    own.map((family) => ({
      family,
      labels: `{database="${escapeLabel(target.database)}",family="${escapeLabel(family.family)}"}`,
    })),
  )
  const blocks = metrics.flatMap(({ name, help, read }) => {
    const samples = families.flatMap(({ family, labels }) => {
      const value = read(family)
      return value === null ? [] : [`wwdb_shard_${name}${labels} ${value}\n`]
    })
    return samples.length === 0 ? [] : [heading(name, help) + samples.join('')]
  })
  const databases = [
    ...targets.map(({ target }) => sampleOfDatabase(target.database, 1)),
    ...unseen.map(({ target }) => sampleOfDatabase(target.database, 0)),
  ]
  const seen = heading('database_checked', '1 if the database was checked, 0 if it could not be.') + databases.join('')
  const check = `${heading('check_timestamp_seconds', 'Time of these metrics.')}wwdb_shard_check_timestamp_seconds ${at / 1000}\n`
  return [...blocks, seen, check].join('')
}

/** The answer of `drift` in the same format. */
export function renderDriftMetrics({ drift }: SeenDrift, at: number): string {
  const samples = drift.map(
    ({ database, objects }) => `wwdb_drift_objects{database="${escapeLabel(database)}"} ${objects}\n`,
  )
  return (
    `# HELP wwdb_drift_objects Objects that differ from the state after the last run of wwdb.\n# TYPE wwdb_drift_objects gauge\n${samples.join('')}` +
    `# HELP wwdb_drift_check_timestamp_seconds Time of these metrics.\n# TYPE wwdb_drift_check_timestamp_seconds gauge\nwwdb_drift_check_timestamp_seconds ${at / 1000}\n`
  )
}

function sampleOfDatabase(database: string, value: 0 | 1): string {
  return `wwdb_shard_database_checked{database="${escapeLabel(database)}"} ${value}\n`
}

function heading(name: string, help: string): string {
  return `# HELP wwdb_shard_${name} ${help}\n# TYPE wwdb_shard_${name} gauge\n`
}

/** Label values: backslash, quote and line end are escaped (Prometheus, "Exposition formats"). */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
