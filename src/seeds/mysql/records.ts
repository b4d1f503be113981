import { createHash } from 'node:crypto'
import type { Asker, Row } from '../../mysql/connection.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { SeedRecord } from '../ports.ts'
import type { SeedScript } from '../seed.ts'

const usual = '`wwdb_seed_rows`'

/**
 * The records of rows that the tool wrote, or found as the seeds want them: in the target's own schema, so that they are
 * backed up and copied with the rows; those of a sharded keyspace are beside its journal. Only digests are stored, no values. A row without a table is a program that ran.
 */
export const createRecordsTable = (table = usual): string => `CREATE TABLE IF NOT EXISTS ${table} (
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

/** MySQL's JSON does not keep the order of names: the natural key is a list. */
interface StoredDetails extends Pick<SeedRecord, 'identity' | 'keyColumns' | 'written'> {
  readonly key: readonly (readonly [string, string | null])[]
}

/** A program that ran: its row names no table. */
interface StoredProgram {
  readonly program: string
  readonly checksum: string
}

function toRecord([table, file, inserted, details]: Row): SeedRecord {
  const read: StoredDetails = JSON.parse(String(details))
  const key = Object.fromEntries(read.key)
  return { ...read, key, table: String(table), file: String(file), inserted: Number(inserted) === 1 }
}

/** Rows per statement. */
const atOnce = 200

/** The records in one table, which is named as statements name it. */
export class SeedRecords {
  readonly #connection: Asker
  readonly #table: string

  constructor(connection: Asker, table = usual) {
    this.#connection = connection
    this.#table = table
  }

  /** Empty where the table does not exist yet. */
  async read(): Promise<readonly SeedRecord[]> {
    try {
      const { rows } = await this.#connection.ask(
        `SELECT table_name,file,inserted,CAST(details AS CHAR) FROM ${this.#table} WHERE table_name<>'' ORDER BY table_name,row_hash`,
      )
      return rows.map(toRecord)
    } catch (error) {
      if (hasNumber(error, serverErrors.unknownTable)) return []
      throw error
    }
  }

  /** The checksums of programs by their names. Empty where the table does not exist yet. */
  async readPrograms(): Promise<ReadonlyMap<string, string>> {
    try {
      const { rows } = await this.#connection.ask(
        `SELECT CAST(details AS CHAR) FROM ${this.#table} WHERE table_name=''`,
      )
      const programs = rows.map(([details]): StoredProgram => JSON.parse(String(details)))
      return new Map(programs.map(({ program, checksum }) => [program, checksum]))
    } catch (error) {
      if (hasNumber(error, serverErrors.unknownTable)) return new Map()
      throw error
    }
  }

  async writeProgram({ name, file, checksum }: Pick<SeedScript, 'name' | 'file' | 'checksum'>): Promise<void> {
    const stored: StoredProgram = { program: name, checksum }
    const hash = createHash('sha256').update(name).digest('hex')
    const texts = ['', hash, file, JSON.stringify(stored)].map((text) => quoteString(text))
    await this.#connection.ask(
      `REPLACE INTO ${this.#table} (table_name,row_hash,file,details,inserted,seeded_at) VALUES (${texts.join(',')},0,UTC_TIMESTAMP(6))`,
    )
  }

  async write(records: readonly SeedRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += atOnce) {
      const rows = records.slice(at, at + atOnce).map((record) => {
        const { identity, keyColumns, written } = record
        const stored: StoredDetails = { identity, keyColumns, written, key: Object.entries(record.key) }
        const details = quoteString(JSON.stringify(stored))
        const texts = [record.table, hashOf(record), record.file].map((text) => quoteString(text))
        return `(${[...texts, record.inserted ? 1 : 0, details, 'UTC_TIMESTAMP(6)'].join(',')})`
      })
      await this.#connection.ask(
        `REPLACE INTO ${this.#table} (table_name,row_hash,file,inserted,details,seeded_at) VALUES ${rows.join(',')}`,
      )
    }
  }

  async forget(records: readonly SeedRecord[]): Promise<void> {
    for (let at = 0; at < records.length; at += atOnce) {
      const keys = records
        .slice(at, at + atOnce)
        .map((record) => `(${quoteString(record.table)},'${hashOf(record)}')`)
        .join(',')
      await this.#connection.ask(`DELETE FROM ${this.#table} WHERE (table_name,row_hash) IN (${keys})`)
    }
  }
}
