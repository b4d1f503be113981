import { quoteName, quoteQualified } from '../sql/quote-name.ts'

/** wwdb's tables of keyspaces are beside their journal, with the name of the keyspace in theirs. */
const tableOf = (journal: string, name: string, keyspace: string): `\`${string}` =>
  `\`${journal.replaceAll('`', '``')}\`.${quoteName(`${name}_${keyspace}`)}`

export const keyspaceJournal = (journal: string, keyspace: string): `\`${string}` =>
  tableOf(journal, 'wwdb_journal', keyspace)

/** The definitions as the last run left them. */
export const keyspaceRecord = (journal: string, keyspace: string): string => tableOf(journal, 'wwdb_schema', keyspace)

/** The rows that seeds wrote into a sharded keyspace. */
export const keyspaceSeedRows = (journal: string, keyspace: string): string =>
  tableOf(journal, 'wwdb_seed_rows', keyspace)

export const keyspaceRuns = (journal: string, keyspace: string): string => tableOf(journal, 'wwdb_runs', keyspace)

/** The registry of the shards that wwdb makes by templates there. */
export const keyspaceRegistry = (journal: string, keyspace: string) => ({
  families: tableOf(journal, 'wwdb_shard_families', keyspace),
  shards: tableOf(journal, 'wwdb_shards', keyspace),
  findings: tableOf(journal, 'wwdb_shard_findings', keyspace),
  events: tableOf(journal, 'wwdb_shard_events', keyspace),
  templates: tableOf(journal, 'wwdb_shard_templates', keyspace),
})

/** One table for all databases whose journals are in the keyspace. */
export const leaseTable = (journal: string): string => quoteQualified(journal, 'wwdb_lease')

/** Seconds after a run has given back its lease in which it writes how it ended. */
const endings = 10

/**
 * An SQL condition on a row of a keyspace's runs, of which each takes the lease before its row is written: it began and has not ended, and its process does not have the lease, or has it again. A run
 * that gave it back a moment ago is ending.
 */
export function isAbandonedRun(runs: string, journal: string, quotedKeyspace: string): string {
  const isHeld = `SELECT 1 FROM ${leaseTable(journal)} l WHERE l.name=${quotedKeyspace} AND l.expires>UTC_TIMESTAMP(6) - INTERVAL IF(l.owner='',${endings},0) SECOND AND l.runner=CONCAT(${runs}.host,':',${runs}.process) AND l.taken_at<=${runs}.started_at`
  return `${runs}.outcome='running' AND NOT EXISTS (${isHeld})`
}
