import { groupBy } from '../../core/group-by.ts'
import type { Asker } from '../../mysql/connection.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { SeedTableShape, StagedTable, WrittenValue } from '../ports.ts'
import type { SeedValue } from '../seed.ts'
import { columnOf, literalOf } from './shape.ts'

/** Rows in one INSERT. The server reserves exactly that many AUTO_INCREMENT numbers for it. */
const batch = 200

export async function insertRows(
  connection: Asker,
  { table, shape }: StagedTable,
  rows: readonly ReadonlyMap<string, WrittenValue>[],
): Promise<void> {
  for (const [names, alike] of groupBy(rows, (row) => [...row.keys()].map(quoteName).join(','))) {
    for (let at = 0; at < alike.length; at += batch) {
      const values = alike
        .slice(at, at + batch)
        .map((row) => `(${[...row].map(([name, value]) => literalOf(value, columnOf(shape, name))).join(',')})`)
      await connection.ask(`INSERT ${ownHint} INTO ${quoteName(table)} (${names}) VALUES ${values.join(',')}`)
    }
  }
}

/** `SET` of an UPDATE. */
export const renderSets = (shape: SeedTableShape, values: ReadonlyMap<string, WrittenValue>): string =>
  [...values].map(([name, value]) => `${quoteName(name)}=${literalOf(value, columnOf(shape, name))}`).join(',')

/** True where the table has a row with these values. */
export async function hasRow(
  connection: Asker,
  table: string,
  shape: SeedTableShape,
  values: ReadonlyMap<string, SeedValue>,
): Promise<boolean> {
  const conditions = [...values].map(
    ([name, value]) => `${quoteName(name)}<=>${literalOf(value, columnOf(shape, name))}`,
  )
  const { rows } = await connection.ask(
    `SELECT ${ownHint} 1 FROM ${quoteName(table)} WHERE ${conditions.join(' AND ')} LIMIT 1`,
  )
  return rows.length > 0
}
