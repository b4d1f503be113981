import type { Connection } from '../../mysql/connection.ts'
import { driverOf } from '../../mysql/door.ts'
import { hasNumber, serverErrors } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName } from '../../sql/quote-name.ts'
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
import { createRecordsTable, SeedRecords } from './records.ts'
import { describeShapes, isRow } from './shape.ts'
import { shardedStore } from './sharded-store.ts'
import { findRows, matchRows, stageRows } from './stage.ts'
import { hasRow, insertRows, renderSets } from './write-values.ts'

/** Seeded rows, through the connection that holds the target's lock. */
class MysqlSeedStore implements SeedStore {
  readonly #home: SeedHome
  readonly #connection: Connection
  readonly #guard: SeedHome['guard']
  readonly #records: SeedRecords
  readonly refuse: SeedStore['refuse']
  readonly refuseScripts: SeedStore['refuseScripts']
  readonly programs: SeedStore['programs']
  /** True from the first write on, which another connection would not have. */
  #hasWritten = false

  /** @param isBehind the journal is committed behind the rows, and not with them */
  constructor(home: SeedHome, isBehind: boolean) {
    this.#home = home
    this.#connection = home.connection
    this.#guard = home.guard
    this.#records = new SeedRecords(home.connection)
    this.refuse = home.refuse
    this.refuseScripts = home.refuseScripts
    this.programs = isBehind
      ? {
          read: () => this.#guard(() => this.#records.readPrograms()),
          write: (script) => this.#guard(() => this.#records.writeProgram(script)),
        }
      : null
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

  readRecords = () => this.#guard(() => this.#records.read())

  createRecords = () => this.#home.create(createRecordsTable())

  insert = async (staged: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]): Promise<void> => {
    this.#hasWritten = true
    await insertRows(this.#connection, staged, rows)
  }

  update = async (
    { table, shape }: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ): Promise<void> => {
    this.#hasWritten = true
    await this.#connection.ask(
      `UPDATE ${ownHint} ${quoteName(table)} SET ${renderSets(shape, values)} WHERE ${isRow('', shape, identity)} LIMIT 1`,
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
    this.#guard(() => hasRow(this.#connection, table, shape, values))

  writeRecords = (records: readonly SeedRecord[]) => {
    this.#hasWritten = true
    return this.#guard(() => this.#records.write(records))
  }

  forgetRecords = (records: readonly SeedRecord[]) => {
    this.#hasWritten = true
    return this.#guard(() => this.#records.forget(records))
  }

  rollback = () =>
    this.#guard(async () => {
      await this.#connection.ask('ROLLBACK')
    })
}

/** Seeded rows on the connection of a session. */
export const driver = driverOf(seedStores, () => (session) => {
  if (session.keyspace === undefined) return new MysqlSeedStore(mysqlHome(session), false)
  const home = keyspaceHome(session)
  const { isSharded, journal } = session.keyspace
  return isSharded ? shardedStore(session, home) : new MysqlSeedStore(home, session.target.schema !== journal)
})

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
