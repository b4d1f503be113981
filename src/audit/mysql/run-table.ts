import { quoteQualified, quoteString } from '../../sql/quote-name.ts'
import type { RunEnd, RunStart } from '../ports.ts'

/**
 * The runs of a target: one row per run, in the target's own schema, so that it is backed up, copied and dropped together with what it describes. Columns
 * are only ever added, each with a default: any version of wwdb may write a row and read one.
 */
export function createRunTable(place: string): string {
  return `CREATE TABLE IF NOT EXISTS ${place} (
  \`run_id\` VARCHAR(40) NOT NULL COMMENT 'when it began, and chance',
  \`command\` VARCHAR(64) NOT NULL,
  \`flags\` TEXT NOT NULL COMMENT 'as given, without secrets',
  \`person\` VARCHAR(255) NOT NULL COMMENT 'user of the operating system',
  \`account\` VARCHAR(255) NOT NULL COMMENT 'account of MySQL',
  \`actor\` VARCHAR(255) NULL COMMENT 'who started the CI job',
  \`host\` VARCHAR(255) NOT NULL,
  \`process\` BIGINT UNSIGNED NOT NULL,
  \`tool_version\` VARCHAR(32) NOT NULL,
  \`git_commit\` VARCHAR(64) NULL,
  \`ci_job\` VARCHAR(1024) NULL,
  \`plan_digest\` VARCHAR(64) NULL,
  \`connection_id\` BIGINT UNSIGNED NOT NULL COMMENT 'holds the lock wwdb_run_ID as long as it runs',
  \`started_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`ended_at\` DATETIME(6) NULL COMMENT 'UTC; NULL where it runs, or was killed',
  \`outcome\` VARCHAR(16) NOT NULL COMMENT 'running, done, failed, stopped',
  \`exit_code\` SMALLINT UNSIGNED NULL,
  \`error\` TEXT NULL,
  \`changes\` JSON NULL COMMENT 'what no other table of the target shows',
  PRIMARY KEY (\`run_id\`),
  KEY \`idx_started\` (\`started_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: who ran what, and how it ended'`
}

/** The lock that a run holds on every server that it writes to: while it is held, the run is in progress. */
export function runLock(runId: string): string {
  return `wwdb_run_${runId}`
}

/** An SQL condition: an instant in UTC is longer ago than `keep`. */
export const isOlder = (column: string, keep: number): string =>
  `${column}<UTC_TIMESTAMP(6)-INTERVAL ${Math.ceil(keep / 1000)} SECOND`

/**
 * The IDs of events that explain nothing any more: their shard was dropped without an archive, so no command can restore it, nothing protects it, and all
 * its events are old. The events of a shard are removed together.
 */
export function selectOldEvents(schema: string, keep: number, most: number): string {
  const [events, shards] = ['wwdb_shard_events', 'wwdb_shards'].map((table) => quoteQualified(schema, table))
  const isOfShard = (event: string): string =>
    `${event}.table_name=s.table_name AND ${event}.family=s.family AND ${event}.shard_key=s.shard_key`
  return (
    `SELECT e.id FROM ${shards} s JOIN ${events} e ON ${isOfShard('e')} ` +
    `WHERE s.state='dropped' AND s.archived_at IS NULL AND s.protected_at IS NULL AND ${isOlder('e.at', keep)} ` +
    `AND NOT EXISTS (SELECT 1 FROM ${events} n WHERE ${isOfShard('n')} AND NOT ${isOlder('n.at', keep)}) LIMIT ${most}`
  )
}

/**
 * The IDs of runs that are old and have ended. Runs in progress and runs that an event references are excluded.
 * @param hasEvents whether the schema has the table of events
 */
export function selectOldRuns(schema: string, keep: number, most: number, hasEvents: boolean): string {
  const [runs, events] = ['wwdb_runs', 'wwdb_shard_events'].map((table) => quoteQualified(schema, table))
  const isNamed = `EXISTS (SELECT 1 FROM ${events} e WHERE e.run_id=r.run_id)`
  return (
    `SELECT r.run_id FROM ${runs} r WHERE ${isOlder('r.started_at', keep)} AND r.outcome<>'running'` +
    `${hasEvents ? ` AND NOT ${isNamed}` : ''} ORDER BY r.started_at LIMIT ${most}`
  )
}

const literal = (text: string | null, longest: number): string =>
  text === null ? 'NULL' : quoteString(text.slice(0, longest))

/** @param account an SQL expression */
export function renderStart(
  table: string,
  { identity, commit, planDigest }: RunStart,
  account = 'CURRENT_USER()',
): string {
  const values = [
    literal(identity.id, 40),
    literal(identity.command, 64),
    literal(identity.flags, 16_000),
    literal(identity.person, 255),
    account,
    literal(identity.ci.actor, 255),
    literal(identity.host, 255),
    String(identity.process),
    literal(identity.toolVersion, 32),
    literal(commit, 64),
    literal(identity.ci.job, 1024),
    literal(planDigest, 64),
    'CONNECTION_ID()',
    'UTC_TIMESTAMP(6)',
    "'running'",
  ]
  return (
    `INSERT IGNORE INTO ${table}(run_id,command,flags,person,account,actor,host,process,tool_version,git_commit,ci_job,plan_digest,` +
    `connection_id,started_at,outcome) VALUES (${values.join(',')})`
  )
}

export function renderEnd(table: string, runId: string, end: RunEnd): string {
  const changes = end.changes.length === 0 ? 'NULL' : quoteString(JSON.stringify(end.changes))
  return (
    `UPDATE ${table} SET ended_at=UTC_TIMESTAMP(6),outcome='${end.outcome}',exit_code=${end.exitCode},error=${literal(end.error, 16_000)},` +
    `plan_digest=COALESCE(${literal(end.planDigest, 64)},plan_digest),changes=${changes} WHERE run_id=${quoteString(runId)}`
  )
}
