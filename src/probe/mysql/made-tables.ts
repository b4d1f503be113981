import type { Asker, Cell } from '../../mysql/connection.ts'
import { quoteString } from '../../sql/quote-name.ts'
import type { MadeColumn, MadeKey, MadeTable } from '../rows/made-row.ts'

/** The tables of a scratch schema, as rows for them need to be. */
export async function readMadeTables(connection: Asker, schema: string): Promise<readonly MadeTable[]> {
  const own = quoteString(schema)
  const tables = await connection.ask(
    `SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA=${own} AND TABLE_TYPE='BASE TABLE' ORDER BY TABLE_NAME`,
  )
  const columns = await connection.ask(
    `SELECT TABLE_NAME,COLUMN_NAME,DATA_TYPE,COLUMN_TYPE,IS_NULLABLE,GENERATION_EXPRESSION,CHARACTER_MAXIMUM_LENGTH,NUMERIC_PRECISION,NUMERIC_SCALE,DATETIME_PRECISION,SRS_ID FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=${own} ORDER BY TABLE_NAME,ORDINAL_POSITION`,
  )
  const unique = await connection.ask(
    `SELECT TABLE_NAME,INDEX_NAME,COLUMN_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA=${own} AND NON_UNIQUE=0 ORDER BY TABLE_NAME,INDEX_NAME,SEQ_IN_INDEX`,
  )
  const keys = await connection.ask(
    `SELECT TABLE_NAME,CONSTRAINT_NAME,COLUMN_NAME,REFERENCED_TABLE_NAME,REFERENCED_COLUMN_NAME,REFERENCED_TABLE_SCHEMA=${own} FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA=${own} AND REFERENCED_TABLE_SCHEMA IS NOT NULL ORDER BY TABLE_NAME,CONSTRAINT_NAME,ORDINAL_POSITION`,
  )
  return tables.rows.map(([table]): MadeTable => {
    const name = String(table)
    const of = (rows: readonly (readonly Cell[])[]): readonly (readonly Cell[])[] =>
      rows.filter(([one]) => one === table)
    return {
      name,
      columns: of(columns.rows).map(toColumn),
      unique: groups(of(unique.rows)).map((rows) => rows.map(([, , column]) => String(column))),
      keys: groups(of(keys.rows.filter(isInside))).map(toKey),
      refersOutside: of(keys.rows).some((row) => !isInside(row)),
    }
  })
}

const isInside = (row: readonly Cell[]): boolean => Number(row[5]) === 1

/** The rows of each key, by its name in the second column. */
function groups(rows: readonly (readonly Cell[])[]): readonly (readonly (readonly Cell[])[])[] {
  const names = [...new Set(rows.map(([, name]) => String(name)))]
  return names.map((name) => rows.filter((row) => String(row[1]) === name))
}

function toKey(rows: readonly (readonly Cell[])[]): MadeKey {
  return {
    columns: rows.map(([, , column]) => String(column)),
    parent: String(rows[0]?.[3]),
    parentColumns: rows.map((row) => String(row[4])),
  }
}

function toColumn([
  ,
  name,
  type,
  written,
  nullable,
  generated,
  length,
  precision,
  scale,
  fraction,
  srs,
]: readonly Cell[]): MadeColumn {
  const numberOf = (value: Cell | undefined): number | null =>
    value === null || value === undefined ? null : Number(value)
  return {
    name: String(name),
    type: String(type).toLowerCase(),
    written: String(written),
    nullable: nullable === 'YES',
    generated: generated !== null && String(generated) !== '',
    length: numberOf(length),
    precision: numberOf(precision),
    scale: numberOf(scale),
    fraction: numberOf(fraction) ?? 0,
    spatialReference: numberOf(srs),
  }
}
