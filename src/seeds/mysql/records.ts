import { createHash } from 'node:crypto'
import type { Connection, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/server-errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { SeedRecord } from '../ports.ts'

/**
 * What the tool remembers of rows that it wrote or found as the seeds want them: in the target's own schema, so that it is
 * backed up and copied with them. No value is kept, only digests.
 */
export const recordsTable = `CREATE TABLE IF NOT EXISTS \`wwdb_seed_rows\` (
  \`table_name\` VARCHAR(64) NOT NULL,
  \`row_hash\` VARCHAR(64) NOT NULL COMMENT 'SHA-256 of the primary key',
  \`file\` VARCHAR(1024) NOT NULL,
  \`inserted\` TINYINT NOT NULL COMMENT '0: it was there before the tool',
  \`details\` JSON NOT NULL COMMENT 'primary key, natural key, digests of what was written',
  \`seeded_at\` DATETIME(6) NOT NULL COMMENT 'UTC',
  PRIMARY KEY (\`table_name\`, \`row_hash\`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='wwdb: rows that seeds wrote'`

function hashOf({ identity }: SeedRecord): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(identity).toSorted()))
    .digest('hex')
}

/** JSON of MySQL keeps no order of names: the natural key is a list. */
interface StoredDetails extends Pick<SeedRecord, 'identity' | 'keyColumns' | 'written'> {
  readonly key: readonly (readonly [string, string | null])[]
}

function toRecord([table, file, inserted, details]: Row): SeedRecord {
  const read: StoredDetails = JSON.parse(String(details))
  const key = Object.fromEntries(read.key)
  return { ...read, key, table: String(table), file: String(file), inserted: Number(inserted) === 1 }
}

/** None where the table is not there yet. */
export async function readRecords(connection: Connection): Promise<readonly SeedRecord[]> {
  try {
    const { rows } = await connection.ask(
      'SELECT table_name,file,inserted,CAST(details AS CHAR) FROM wwdb_seed_rows ORDER BY table_name,row_hash',
    )
    return rows.map(toRecord)
  } catch (error) {
    if (hasNumber(error, serverErrors.unknownTable)) return []
    throw error
  }
}

/** Rows in one statement. */
const batch = 200

export async function writeRecords(connection: Connection, records: readonly SeedRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += batch) {
    const rows = records.slice(at, at + batch).map((record) => {
      const { identity, keyColumns, written } = record
      const stored: StoredDetails = { identity, keyColumns, written, key: Object.entries(record.key) }
      const details = quoteString(JSON.stringify(stored))
      const texts = [record.table, hashOf(record), record.file].map((text) => quoteString(text))
      return `(${[...texts, record.inserted ? 1 : 0, details, 'UTC_TIMESTAMP(6)'].join(',')})`
    })
    await connection.ask(
      `REPLACE INTO wwdb_seed_rows (table_name,row_hash,file,inserted,details,seeded_at) VALUES ${rows.join(',')}`,
    )
  }
}

export async function forgetRecords(connection: Connection, records: readonly SeedRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += batch) {
    const keys = records
      .slice(at, at + batch)
      .map((record) => `(${quoteString(record.table)},'${hashOf(record)}')`)
      .join(',')
    await connection.ask(`DELETE FROM wwdb_seed_rows WHERE (table_name,row_hash) IN (${keys})`)
  }
}
