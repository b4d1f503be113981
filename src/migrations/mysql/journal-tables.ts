import type { JournalPlace } from './journal-place.ts'

const comments: Readonly<Record<JournalPlace['table'], string>> = {
  wwdb_journal: 'wwdb: what ran, statement by statement',
  wwdb_shard_journal: 'wwdb: what ran on each shard, statement by statement',
}

/**
 * The journal: one row a statement, in the target's own schema, so that it is backed up, copied and dropped with what
 * it describes. It has a primary key, as group replication demands. Pass 0 is no migration: its rows hold what the first
 * run chose, name in `version`, value in `name`. The ledger of fan-outs has the same columns: there a pass is one migration
 * on one shard, `version` is the migration's version and the shard's key, `name` the shard's table.
 */
export function createJournalTable(table: JournalPlace['table']): string {
  return `CREATE TABLE IF NOT EXISTS \`${table}\` (
  \`pass\` BIGINT UNSIGNED NOT NULL COMMENT 'one application of one migration in one direction',
  \`statement\` INT UNSIGNED NOT NULL COMMENT 'position in the script, from 0',
  \`state\` VARCHAR(8) NOT NULL COMMENT 'open: may be running or have run; closed: ran; failed: did not run',
  \`version\` VARCHAR(255) NOT NULL,
  \`name\` VARCHAR(255) NOT NULL,
  \`kind\` VARCHAR(16) NOT NULL,
  \`direction\` VARCHAR(4) NOT NULL,
  \`checksum\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the file, line ends as LF',
  \`total\` INT UNSIGNED NOT NULL COMMENT 'statements in the script',
  \`hash\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the statement',
  \`class\` VARCHAR(16) NOT NULL,
  \`summary\` VARCHAR(255) NOT NULL,
  \`connection_id\` BIGINT UNSIGNED NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'of the named objects, before',
  \`details\` JSON NULL COMMENT 'objects, what the session remembers, error',
  \`opened_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  \`closed_at\` DATETIME(6) NULL COMMENT 'UTC',
  \`milliseconds\` BIGINT UNSIGNED NOT NULL DEFAULT 0,
  \`affected\` BIGINT UNSIGNED NULL,
  \`applied_by\` VARCHAR(255) NOT NULL,
  \`runner\` VARCHAR(255) NOT NULL COMMENT 'host:process',
  \`tool_version\` VARCHAR(32) NOT NULL,
  PRIMARY KEY (\`pass\`, \`statement\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='${comments[table]}'`
}
