import { createHash } from 'node:crypto'
import { groupBy } from '../../core/group-by.ts'
import type { Connection, Row } from '../../mysql/connection.ts'
import { driverOf } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName, quoteString } from '../../sql/quote-name.ts'
import {
  type DoomedRows,
  type SeedRecord,
  type SeedStore,
  type SeedTableShape,
  type StagedTable,
  seedStores,
  type WrittenValue,
} from '../ports.ts'
import type { SeedValue } from '../seed.ts'
import { countDependents } from './dependents.ts'
import { mysqlHome, type SeedHome } from './home.ts'
import { keyspaceHome } from './keyspace-home.ts'
import { columnOf, describeShapes, isRow, literalOf } from './shape.ts'
import { findRows, matchRows, stageRows } from './stage.ts'

/** Rows in one INSERT. The server reserves exactly that many AUTO_INCREMENT numbers for it. */
const batch = 200

/** Seeded rows, through the connection that holds the target's lock. */
class MysqlSeedStore implements SeedStore {
  readonly #home: SeedHome
  readonly #connection: Connection
  readonly #guard: SeedHome['guard']
  readonly refuse: SeedStore['refuse']
  readonly refuseScripts: SeedStore['refuseScripts']
  /** True from the first write on, which another connection would not have. */
  #hasWritten = false

  constructor(home: SeedHome) {
    this.#home = home
    this.#connection = home.connection
    this.#guard = home.guard
    this.refuse = home.refuse
    this.refuseScripts = home.refuseScripts
  }

  describe = (tables: readonly string[]) => this.#guard(() => describeShapes(this.#home.asking, tables))

  stage = (number: number, table: StagedTable) => this.#guard(() => stageRows(this.#home, number, table))

  match = (number: number, table: StagedTable, rows: readonly number[] | null, lock: boolean) =>
    this.#guard(async () => {
      const look = () => matchRows(this.#home, number, table, rows, lock)
      try {
        return await look()
      } catch (error) {
        const isLost = this.#home.losesStages && hasNumber(error, serverErrors.unknownTable)
        if (!isLost || this.#hasWritten) throw error
        await stageRows(this.#home, number, table)
        return await look()
      }
    })

  readRecords = () => this.#guard(() => readRecords(this.#connection))

  createRecords = () => this.#home.create(recordsTable)

  insert = async ({ table, shape }: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]): Promise<void> => {
    this.#hasWritten = true
    for (const [names, alike] of groupBy(rows, (row) => [...row.keys()].map(quoteName).join(','))) {
      for (let at = 0; at < alike.length; at += batch) {
        const values = alike
          .slice(at, at + batch)
          .map((row) => `(${[...row].map(([name, value]) => literalOf(value, columnOf(shape, name))).join(',')})`)
        await this.#connection.ask(`INSERT ${ownHint} INTO ${quoteName(table)} (${names}) VALUES ${values.join(',')}`)
      }
    }
  }

  update = async (
    { table, shape }: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ): Promise<void> => {
    this.#hasWritten = true
    const sets = [...values].map(([name, value]) => `${quoteName(name)}=${literalOf(value, columnOf(shape, name))}`)
    await this.#connection.ask(
      `UPDATE ${ownHint} ${quoteName(table)} SET ${sets.join(',')} WHERE ${isRow('', shape, identity)} LIMIT 1`,
    )
  }

  findRows = ({ table, shape, identities }: DoomedRows, lock: boolean) =>
    this.#guard(() => findRows(this.#connection, table, shape, identities, lock))

  countDependents = (rows: readonly DoomedRows[]) =>
    this.#guard(() => countDependents(this.#connection, this.#home.target.schema, rows))

  remove = (rows: readonly DoomedRows[]) => {
    this.#hasWritten = true
    return removeRows(this.#connection, rows)
  }

  hasRow = (table: string, shape: SeedTableShape, values: ReadonlyMap<string, SeedValue>) =>
    this.#guard(async () => {
      const conditions = [...values].map(
        ([name, value]) => `${quoteName(name)}<=>${literalOf(value, columnOf(shape, name))}`,
      )
      const { rows } = await this.#connection.ask(
        `SELECT ${ownHint} 1 FROM ${quoteName(table)} WHERE ${conditions.join(' AND ')} LIMIT 1`,
      )
      return rows.length > 0
    })

  writeRecords = (records: readonly SeedRecord[]) => {
    this.#hasWritten = true
    return this.#guard(() => writeRecords(this.#connection, records))
  }

  forgetRecords = (records: readonly SeedRecord[]) => {
    this.#hasWritten = true
    return this.#guard(() => forgetRecords(this.#connection, records))
  }

  rollback = () =>
    this.#guard(async () => {
      await this.#connection.ask('ROLLBACK')
    })
}

/** Seeded rows on the connection of a session. */
export const driver = driverOf(
  seedStores,
  () => (session) => new MysqlSeedStore(session.keyspace === undefined ? mysqlHome(session) : keyspaceHome(session)),
)

/**
 * The records of rows that the tool wrote, or found as the seeds want them: in the target's own schema, so that they are
 * backed up and copied with the rows. Only digests are stored, no values.
 */
const recordsTable = `CREATE TABLE IF NOT EXISTS \`wwdb_seed_rows\` (
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

function toRecord([table, file, inserted, details]: Row): SeedRecord {
  const read: StoredDetails = JSON.parse(String(details))
  const key = Object.fromEntries(read.key)
  return { ...read, key, table: String(table), file: String(file), inserted: Number(inserted) === 1 }
}

/** Empty where the table does not exist yet. */
async function readRecords(connection: Connection): Promise<readonly SeedRecord[]> {
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

/** Rows per statement. */
const recordsAtOnce = 200

async function writeRecords(connection: Connection, records: readonly SeedRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += recordsAtOnce) {
    const rows = records.slice(at, at + recordsAtOnce).map((record) => {
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

async function forgetRecords(connection: Connection, records: readonly SeedRecord[]): Promise<void> {
  for (let at = 0; at < records.length; at += recordsAtOnce) {
    const keys = records
      .slice(at, at + recordsAtOnce)
      .map((record) => `(${quoteString(record.table)},'${hashOf(record)}')`)
      .join(',')
    await connection.ask(`DELETE FROM wwdb_seed_rows WHERE (table_name,row_hash) IN (${keys})`)
  }
}

/** Error 1451: a foreign key of another row forbids it. A failed statement leaves the transaction as it was. */
const referredTo = 1451

/**
 * Removes rows one by one; a row that another of them still references is retried after the others. Throws the server's
 * error when a whole round removes nothing.
 */
async function removeRows(connection: Connection, doomed: readonly DoomedRows[]): Promise<void> {
  let waiting = doomed.flatMap(({ table, shape, identities }) =>
    identities.map(
      (identity) => `DELETE ${ownHint} FROM ${quoteName(table)} WHERE ${isRow('', shape, identity)} LIMIT 1`,
    ),
  )
  for (let before = waiting.length + 1; waiting.length > 0; ) {
    const refused: string[] = []
    const stuck = waiting.length === before
    before = waiting.length
    for (const text of waiting) {
      try {
        await connection.ask(text)
      } catch (error) {
        if (stuck || !hasNumber(error, referredTo)) throw error
        refused.push(text)
      }
    }
    waiting = refused
  }
}
