import type { Connection } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/server-errors.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { Stage, StagedRow, StagedTable, StageFault } from '../ports.ts'
import type { SeedValue } from '../seed.ts'
import { columnOf, literalOf, textExpression } from './values.ts'

export function stageName(number: number): string {
  return quoteName(`wwdb_seed_${number}`)
}

export const stagedReference = (reference: number, part: number): string => `wwdb_ref_${reference}_${part}`

/** The columns that any row gives, in the table's order. */
function stagedColumns({ rows, shape }: StagedTable): readonly string[] {
  const given = new Set(rows.flatMap(({ cells }) => [...cells.keys()]))
  return shape.columns.map(({ name }) => name).filter((name) => given.has(name))
}

/**
 * A temporary table whose columns are those of the table and of the tables that it refers to: types, lengths, collations. So
 * the server itself says what a value comes to and whether it fits, and compares names as the real columns do. IF lets
 * references be empty.
 */
function createStage(number: number, table: StagedTable): string {
  const columns = stagedColumns(table).map((name) => `t.${quoteName(name)}`)
  const keys = table.references.flatMap(({ key }, index) =>
    key.map(
      (name, part) => `IF(FALSE,p${index}.${quoteName(name)},NULL) AS ${quoteName(stagedReference(index, part))}`,
    ),
  )
  const joins = table.references.map((reference, index) => ` JOIN ${quoteName(reference.table)} p${index}`)
  const all = ['0 AS `wwdb_row`', ...columns, ...keys]
  return (
    `CREATE TEMPORARY TABLE ${stageName(number)} (\`wwdb_row\` INT UNSIGNED NOT NULL PRIMARY KEY) ` +
    `SELECT ${all.join(',')} FROM ${quoteName(table.table)} t${joins.join('')} WHERE FALSE`
  )
}

function renderRow(table: StagedTable, index: number, row: StagedRow): { names: string; values: string } {
  const names = ['`wwdb_row`']
  const values = [String(index)]
  const add = (name: string, value: SeedValue, column: Parameters<typeof literalOf>[1]): void => {
    names.push(quoteName(name))
    values.push(literalOf(value, column))
  }
  for (const [name, value] of row.cells) add(name, value, columnOf(table.shape, name))
  for (const [position, texts] of row.references.entries()) {
    // Left to the server to read: a number's text is one, whatever the column is.
    for (const [part, value] of (texts ?? []).entries())
      add(stagedReference(position, part), value, { kind: 'text', type: 'varchar' })
  }
  return { names: names.join(','), values: `(${values.join(',')})` }
}

/** Some 100 KB in a statement: far below any max_allowed_packet. */
const batchCharacters = 100_000

function renderInserts(
  number: number,
  table: StagedTable,
): readonly { readonly rows: number[]; readonly text: string }[] {
  const batches: { names: string; rows: number[]; values: string[]; size: number }[] = []
  for (const [index, row] of table.rows.entries()) {
    const { names, values } = renderRow(table, index, row)
    let batch = batches.findLast((one) => one.names === names)
    if (batch === undefined || batch.size + values.length > batchCharacters) {
      batch = { names, rows: [], values: [], size: 0 }
      batches.push(batch)
    }
    batch.rows.push(index)
    batch.values.push(values)
    batch.size += values.length
  }
  return batches.map(({ names, rows, values }) => ({
    rows,
    text: `INSERT INTO ${stageName(number)} (${names}) VALUES ${values.join(',')}`,
  }))
}

/** Why a row was not taken; null when it was. */
async function tryInsert(connection: Connection, text: string): Promise<string | null> {
  try {
    await connection.ask(text)
    return null
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return error.message
  }
}

function toFault(row: number, why: string): StageFault {
  const column = /column '(?:[^'.]+\.)?([^'.]+)'/i.exec(why)?.[1] ?? null
  return { row, why: why.replace(/ at row \d+$/, ''), column }
}

/** A batch that fails is tried row by row, so that every row is told of. */
async function insertRows(connection: Connection, number: number, table: StagedTable): Promise<readonly StageFault[]> {
  const faults: StageFault[] = []
  for (const { rows, text } of renderInserts(number, table)) {
    if ((await tryInsert(connection, text)) === null) continue
    for (const index of rows) {
      const row = table.rows[index]
      if (row === undefined) continue
      const { names, values } = renderRow(table, index, row)
      const why = await tryInsert(connection, `INSERT INTO ${stageName(number)} (${names}) VALUES ${values}`)
      if (why !== null) faults.push(toFault(index, why))
    }
  }
  return faults
}

async function readStage(connection: Connection, number: number, table: StagedTable): Promise<Omit<Stage, 'faults'>> {
  const columns = stagedColumns(table)
  const texts = columns.map((name) => textExpression('s', columnOf(table.shape, name)))
  const keys = [
    ...table.keyColumns.map((name) => quoteName(name)),
    ...table.keyReferences.flatMap((index) =>
      (table.references[index]?.key ?? []).map((_, part) => quoteName(stagedReference(index, part))),
    ),
  ]
  const first = `MIN(s.\`wwdb_row\`) OVER (PARTITION BY ${keys.join(',')})`
  const { rows } = await connection.ask(
    `SELECT s.\`wwdb_row\`,${[first, ...texts].join(',')} FROM ${stageName(number)} s ORDER BY s.\`wwdb_row\``,
  )
  const values = rows.map((row) => {
    const given = table.rows[Number(row[0])]?.cells
    return new Map(
      columns.flatMap((name, index): readonly [string, string | null][] =>
        given?.has(name) === true ? [[name, toText(row[index + 2])]] : [],
      ),
    )
  })
  const twins = rows.flatMap((row): readonly [number, number][] =>
    Number(row[1]) === Number(row[0]) ? [] : [[Number(row[1]), Number(row[0])]],
  )
  return { values, twins }
}

export function toText(cell: unknown): string | null {
  return cell === null || cell === undefined ? null : String(cell)
}

/**
 * Gives the server the rows. autocommit is on meanwhile: until 8.0.13 a server with GTIDs makes temporary tables only so, and
 * what is in them outlives the rollback of what comes later.
 */
export async function stageRows(connection: Connection, number: number, table: StagedTable): Promise<Stage> {
  await connection.askAll(`SET SESSION autocommit=1;${createStage(number, table)}`)
  try {
    const faults = await insertRows(connection, number, table)
    if (faults.length > 0) return { faults, values: [], twins: [] }
    return { faults, ...(await readStage(connection, number, table)) }
  } finally {
    await connection.ask('SET SESSION autocommit=0').catch(() => undefined)
  }
}
