/** The registry's schema: one a server, whoever provisions there. */
export const registrySchema = 'wwdb_provision'

const sets = `CREATE TABLE IF NOT EXISTS \`wwdb_provision\`.\`sets\` (
  \`name\` VARCHAR(64) NOT NULL COMMENT 'of a template: template/ and its checksum',
  \`kind\` VARCHAR(8) NOT NULL COMMENT 'set or template',
  \`prefix\` VARCHAR(64) NOT NULL COMMENT 'what the names of its schemas begin with',
  \`owner\` VARCHAR(255) NOT NULL,
  \`lease\` VARCHAR(8) NOT NULL COMMENT 'kept, or process: it ends with the connection that holds its name',
  \`state\` VARCHAR(8) NOT NULL COMMENT 'making, ready or removing',
  \`template\` VARCHAR(64) NULL COMMENT 'name of the one that it is cloned from',
  \`stores\` JSON NOT NULL COMMENT 'names of stores that hold something under its prefix',
  \`recipe\` LONGTEXT NULL COMMENT 'of a template: what clones are made by',
  \`created_at\` DATETIME(3) NOT NULL COMMENT 'UTC, as all instants',
  \`used_at\` DATETIME(3) NOT NULL,
  \`expires_at\` DATETIME(3) NULL,
  PRIMARY KEY (\`name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: sets of databases for tests, and their templates'`

/** A schema is of one set: two whose names would meet in one are told apart here. */
const schemas = `CREATE TABLE IF NOT EXISTS \`wwdb_provision\`.\`schemas\` (
  \`server\` VARCHAR(255) NOT NULL COMMENT 'host:port; empty for the server of this registry',
  \`schema_name\` VARCHAR(64) NOT NULL,
  \`set_name\` VARCHAR(64) NOT NULL,
  \`logical\` VARCHAR(64) NOT NULL COMMENT 'the logical database',
  PRIMARY KEY (\`server\`, \`schema_name\`),
  KEY \`idx_set\` (\`set_name\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: the schemas of each set'`

export const registryDefinitions: readonly string[] = [
  'CREATE DATABASE IF NOT EXISTS `wwdb_provision` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci',
  sets,
  schemas,
]
