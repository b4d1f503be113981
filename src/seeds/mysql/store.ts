import type { Target } from '../../core/target.ts'
import { fence } from '../../migrations/mysql/fence.ts'
import { guard, guardFenced } from '../../migrations/mysql/guard.ts'
import type { HeldLock } from '../../migrations/mysql/journal-place.ts'
import type { Connection } from '../../mysql/connection.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { DoomedRows, SeedRecord, SeedStore, SeedTableShape, StagedTable, WrittenValue } from '../ports.ts'
import type { SeedValue } from '../seed.ts'
import { countDependents } from './dependents.ts'
import { findRows, matchRows } from './match.ts'
import { forgetRecords, readRecords, recordsTable, writeRecords } from './records.ts'
import { removeRows } from './remove.ts'
import { describeShapes } from './shape.ts'
import { stageRows } from './stage.ts'
import { columnOf, isRow, literalOf } from './values.ts'

/** Rows in one INSERT. The server takes exactly so many numbers of AUTO_INCREMENT for it. */
const batch = 200

/** Seeded rows, through the connection that holds the target's lock. */
class MysqlSeedStore implements SeedStore {
  readonly #connection: Connection
  readonly #target: Target
  readonly #lock: HeldLock

  constructor(connection: Connection, target: Target, lock: HeldLock) {
    this.#connection = connection
    this.#target = target
    this.#lock = lock
  }

  describe = (tables: readonly string[]) => this.#guard(() => describeShapes(this.#connection, tables))

  stage = (number: number, table: StagedTable) => this.#guard(() => stageRows(this.#connection, number, table))

  match = (number: number, table: StagedTable, rows: readonly number[] | null, lock: boolean) =>
    this.#guard(() => matchRows(this.#connection, number, table, rows, lock))

  readRecords = () => this.#guard(() => readRecords(this.#connection))

  createRecords = () =>
    guardFenced(this.#target, async () => {
      await this.#connection.askAll(`SELECT ${fence(this.#lock)};${recordsTable}`)
    })

  insert = async ({ table, shape }: StagedTable, rows: readonly ReadonlyMap<string, WrittenValue>[]): Promise<void> => {
    const groups = new Map<string, ReadonlyMap<string, WrittenValue>[]>()
    for (const row of rows) {
      const names = [...row.keys()].map(quoteName).join(',')
      groups.set(names, [...(groups.get(names) ?? []), row])
    }
    for (const [names, alike] of groups) {
      for (let at = 0; at < alike.length; at += batch) {
        const values = alike
          .slice(at, at + batch)
          .map((row) => `(${[...row].map(([name, value]) => literalOf(value, columnOf(shape, name))).join(',')})`)
        await this.#connection.ask(`INSERT INTO ${quoteName(table)} (${names}) VALUES ${values.join(',')}`)
      }
    }
  }

  update = async (
    { table, shape }: StagedTable,
    identity: readonly string[],
    values: ReadonlyMap<string, WrittenValue>,
  ): Promise<void> => {
    const sets = [...values].map(([name, value]) => `${quoteName(name)}=${literalOf(value, columnOf(shape, name))}`)
    await this.#connection.ask(
      `UPDATE ${quoteName(table)} SET ${sets.join(',')} WHERE ${isRow('', shape, identity)} LIMIT 1`,
    )
  }

  findRows = ({ table, shape, identities }: DoomedRows, lock: boolean) =>
    this.#guard(() => findRows(this.#connection, table, shape, identities, lock))

  countDependents = (rows: readonly DoomedRows[]) =>
    this.#guard(() => countDependents(this.#connection, this.#target.schema, rows))

  remove = (rows: readonly DoomedRows[]) => removeRows(this.#connection, rows)

  hasRow = (table: string, shape: SeedTableShape, values: ReadonlyMap<string, SeedValue>) =>
    this.#guard(async () => {
      const conditions = [...values].map(
        ([name, value]) => `${quoteName(name)}<=>${literalOf(value, columnOf(shape, name))}`,
      )
      const { rows } = await this.#connection.ask(
        `SELECT 1 FROM ${quoteName(table)} WHERE ${conditions.join(' AND ')} LIMIT 1`,
      )
      return rows.length > 0
    })

  writeRecords = (records: readonly SeedRecord[]) => this.#guard(() => writeRecords(this.#connection, records))

  forgetRecords = (records: readonly SeedRecord[]) => this.#guard(() => forgetRecords(this.#connection, records))

  rollback = () =>
    this.#guard(async () => {
      await this.#connection.ask('ROLLBACK')
    })

  #guard<T>(work: () => Promise<T>): Promise<T> {
    return guard(this.#target, work)
  }
}

/** @param lock the session's own */
export function openSeedStore(connection: Connection, target: Target, lock: HeldLock): SeedStore {
  return new MysqlSeedStore(connection, target, lock)
}
