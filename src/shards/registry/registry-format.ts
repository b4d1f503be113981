import type { Formatted, JournalFormat } from '../../migrations/journal/journal-format.ts'
import { serverErrors } from '../../mysql/errors.ts'
import { shardColumns } from './registry-columns.ts'

/**
 * The registry, in the target's own schema, so that it is backed up, copied and dropped with the shards it describes.
 * The row of the empty family is the registry's own: `generation` counts every change of shards, for applications that cache the shard map.
 * Instants are DATETIME, not TIMESTAMP, which ends in 2038. All are UTC.
 */
const families = `CREATE TABLE IF NOT EXISTS \`wwdb_shard_families\` (
  \`family\` VARCHAR(64) NOT NULL COMMENT 'empty: the registry itself',
  \`version\` INT UNSIGNED NOT NULL COMMENT 'of the template, from 1',
  \`template\` MEDIUMTEXT NOT NULL COMMENT 'its text at that version',
  \`checksum\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the text',
  \`last_success_at\` DATETIME(3) NULL COMMENT 'the last run that took the family to its end',
  \`generation\` BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the empty family: changes so far',
  \`last_run_at\` DATETIME(3) NULL COMMENT 'of the empty family: when the last rotation began',
  PRIMARY KEY (\`family\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: families of sharded tables'`

const shards = `CREATE TABLE IF NOT EXISTS \`wwdb_shards\` (
  \`family\` VARCHAR(64) NOT NULL,
  \`shard_key\` VARCHAR(32) NOT NULL COMMENT 'a period, or a key in decimal',
  \`table_name\` VARCHAR(64) NOT NULL,
  \`from_at\` DATETIME(3) NULL COMMENT 'first instant of its period; NULL for keys',
  \`to_at\` DATETIME(3) NULL COMMENT 'first instant after its period',
  \`state\` VARCHAR(16) NOT NULL COMMENT 'live, sealed, holding, held, archived, dropping, dropped, restoring, lost',
  \`template_version\` INT UNSIGNED NOT NULL,
  \`fingerprint\` VARCHAR(64) NULL COMMENT 'SHA-256 of its definition when last seen',
  \`gone_at\` DATETIME(3) NULL COMMENT 'when its key was first found deleted',
  \`seal_rows\` BIGINT UNSIGNED NULL,
  \`seal_checksum\` VARCHAR(64) NULL,
  \`sealed_at\` DATETIME(3) NULL,
  \`hold_table\` VARCHAR(64) NULL COMMENT 'its name while it is held',
  \`held_at\` DATETIME(3) NULL,
  \`held_until\` DATETIME(3) NULL COMMENT 'it may be dropped from then on',
  \`archive_address\` VARCHAR(1024) NULL COMMENT 'of the manifest, relative to the archive folder',
  \`archive_sha256\` VARCHAR(64) NULL COMMENT 'of the compressed file',
  \`archive_rows\` BIGINT UNSIGNED NULL,
  \`archive_checksum\` VARCHAR(64) NULL,
  \`archive_bytes\` BIGINT UNSIGNED NULL,
  \`archived_at\` DATETIME(3) NULL,
  \`protected_reason\` TEXT NULL COMMENT 'nothing is taken from it while this is set',
  \`protected_by\` VARCHAR(255) NULL,
  \`protected_at\` DATETIME(3) NULL,
  PRIMARY KEY (\`family\`, \`shard_key\`),
  KEY \`idx_table\` (\`table_name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: every shard there is and was'`

const findings = `CREATE TABLE IF NOT EXISTS \`wwdb_shard_findings\` (
  \`family\` VARCHAR(64) NOT NULL,
  \`shard_key\` VARCHAR(32) NOT NULL,
  \`kind\` VARCHAR(16) NOT NULL COMMENT 'loss: rows are gone; put-off: writes keep the shard from its hold',
  \`found_at\` DATETIME(3) NOT NULL,
  \`table_name\` VARCHAR(64) NOT NULL,
  \`state\` VARCHAR(16) NOT NULL COMMENT 'of the shard when it was found',
  \`row_count\` BIGINT UNSIGNED NULL COMMENT 'when they were last counted',
  \`closed_at\` DATETIME(3) NULL,
  \`closed_by\` VARCHAR(255) NULL,
  \`closed_reason\` TEXT NULL,
  PRIMARY KEY (\`family\`, \`shard_key\`, \`kind\`, \`found_at\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: findings about shards'`

/** The registry's tables as the present format has them. */
export const registryTables: readonly string[] = [families, shards, findings]

/**
 * The format of these tables and of what is written in them. The number is the `version` of the registry's own row, where 0 means 1. A change
 * that an earlier wwdb would misread raises the number and adds a step. Every format keeps the table `wwdb_shard_families` with `family` and
 * `version`, because they hold the number.
 * - 2: columns of a protected shard are called `protected_*`; they were `legal_*`
 */
export const registryFormat: JournalFormat = {
  number: 2,
  steps: [
    {
      to: 2,
      statements: [
        {
          text:
            'ALTER TABLE wwdb_shards RENAME COLUMN legal_reason TO protected_reason, ' +
            'RENAME COLUMN legal_by TO protected_by, RENAME COLUMN legal_at TO protected_at',
          doneBy: [serverErrors.unknownColumn],
        },
      ],
    },
  ],
}

/** How an error names the registry. */
export const registryName: Formatted = {
  code: 'REGISTRY_NEWER',
  name: 'The registry of shards',
  danger: 'this one could misread which shards there are',
}

/** The columns of `wwdb_shards` in the tables of a format, for reading them before they are upgraded. */
export function shardColumnsOf(format: number): string {
  return format >= 2 ? shardColumns : shardColumns.replaceAll('protected_', 'legal_')
}
