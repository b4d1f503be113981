import { createJournalTable } from '../../migrations/mysql/journal-tables.ts'

/** What gave templates their versions: a shard that was away is taken through it, a rollback finds the earlier text. */
const changes = `CREATE TABLE IF NOT EXISTS \`wwdb_shard_changes\` (
  \`family\` VARCHAR(64) NOT NULL,
  \`version\` INT UNSIGNED NOT NULL COMMENT 'that the template has because of it',
  \`migration\` VARCHAR(255) NOT NULL COMMENT 'its version',
  \`direction\` VARCHAR(4) NOT NULL,
  \`earlier_template\` MEDIUMTEXT NULL COMMENT 'text before it; NULL where several were recorded together',
  \`earlier_checksum\` VARCHAR(64) NULL,
  PRIMARY KEY (\`family\`, \`version\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: what gave shard templates their versions'`

export const ledgerTables: readonly string[] = [createJournalTable('wwdb_shard_journal'), changes]
