import type { Connection, Row } from '../../mysql/connection.ts'
import { isConnectionLost, isServerError } from '../../mysql/errors.ts'
import { ownHint } from '../../sql/own-hint.ts'
import { quoteName } from '../../sql/quote-name.ts'
import type { PresentRow, SeedMatch, SeedTableShape, Stage, StagedRow, StagedTable, StageFault } from '../ports.ts'
import type { SeedValue } from '../seed.ts'
import type { SeedHome } from './home.ts'
import { areRows, columnOf, literalOf, textExpression, toText } from './shape.ts'

export function stageName(number: number): string {
  return quoteName(`wwdb_seed_${number}`)
}

export const stagedReference = (reference: number, part: number): string => `wwdb_ref_${reference}_${part}`

/** The columns for which any row gives a value, in the table's order. */
export function stagedColumns({ rows, shape }: StagedTable): readonly string[] {
  const given = new Set(rows.flatMap(({ cells }) => [...cells.keys()]))
  return shape.columns.map(({ name }) => name).filter((name) => given.has(name))
}

/**
 * A temporary table whose columns are those of the table and of the tables that it refers to: types, lengths, collations. So
 * the server itself converts values and says whether they fit, and compares names as the real columns do. IF lets references
 * be empty.
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
    `SELECT ${ownHint} ${all.join(',')} FROM ${quoteName(table.table)} t${joins.join('')} WHERE FALSE`
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
    // The server parses it: a number's text is valid in a column of any type.
    for (const [part, value] of (texts ?? []).entries())
      add(stagedReference(position, part), value, { kind: 'text', type: 'varchar' })
  }
  return { names: names.join(','), values: `(${values.join(',')})` }
}

/** About 100 KB per statement: far below any max_allowed_packet. */
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

/** Where values are converted: a connection that has the temporary table. */
type Converter = Pick<SeedHome, 'wordsOf'> & { readonly connection: Pick<Connection, 'ask'> }

/** Why a row was rejected; null where it was accepted. */
async function tryInsert({ connection, wordsOf }: Converter, text: string): Promise<string | null> {
  try {
    await connection.ask(text)
    return null
  } catch (error) {
    if (!isServerError(error) || isConnectionLost(error)) throw error
    return wordsOf(error.message)
  }
}

function toFault(row: number, why: string): StageFault {
  const column = /column '(?:[^'.]+\.)?([^'.]+)'/i.exec(why)?.[1] ?? null
  return { row, why: why.replace(/ at row \d+$/, ''), column }
}

/** A batch that fails is tried row by row, so that every row is reported. */
async function insertRows(home: Converter, number: number, table: StagedTable): Promise<readonly StageFault[]> {
  const faults: StageFault[] = []
  for (const { rows, text } of renderInserts(number, table)) {
    if ((await tryInsert(home, text)) === null) continue
    for (const index of rows) {
      const row = table.rows[index]
      if (row === undefined) continue
      const { names, values } = renderRow(table, index, row)
      const why = await tryInsert(home, `INSERT INTO ${stageName(number)} (${names}) VALUES ${values}`)
      if (why !== null) faults.push(toFault(index, why))
    }
  }
  return faults
}

async function readStage(
  connection: Pick<Connection, 'ask'>,
  number: number,
  table: StagedTable,
): Promise<Omit<Stage, 'faults'>> {
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

/** Fills the temporary table, and reads the values as the server has converted them. */
export async function convertRows(home: Converter, number: number, table: StagedTable): Promise<Stage> {
  const faults = await insertRows(home, number, table)
  if (faults.length > 0) return { faults, values: [], twins: [] }
  return { faults, ...(await readStage(home.connection, number, table)) }
}

/**
 * Sends the rows to the server. autocommit is on meanwhile: before 8.0.13, a server with GTIDs creates temporary tables only
 * with autocommit, and their content survives a later rollback.
 */
export async function stageRows(home: SeedHome, number: number, table: StagedTable): Promise<Stage> {
  const { connection, asking } = home
  const { error } = await asking.askEach(['SET SESSION autocommit=1', createStage(number, table)])
  if (error !== null) throw error
  try {
    return await convertRows(home, number, table)
  } finally {
    await connection.ask('SET SESSION autocommit=0').catch(() => undefined)
  }
}

/** One query: the values of each staged row's references, and the row that its natural key finds. */
function matchQuery(number: number, table: StagedTable, rows: readonly number[] | null, locks: string): string {
  const { shape, references, keyColumns, keyReferences } = table
  const values = shape.columns.filter(({ generated }) => !generated)
  const found = references.map(
    ({ value }, index) => `CAST(p${index}.${quoteName(value)} AS CHAR CHARACTER SET utf8mb4)`,
  )
  const own = [...shape.identity.map((name) => columnOf(shape, name)), ...values]
  const selected = ['s.`wwdb_row`', ...found, ...own.map((column) => textExpression('t', column))]
  const parents = references.map(({ table: parent, key }, index) => {
    const on = key.map((name, part) => `p${index}.${quoteName(name)}=s.${quoteName(stagedReference(index, part))}`)
    return ` LEFT JOIN ${quoteName(parent)} p${index} ON ${on.join(' AND ')}`
  })
  const on = [
    ...keyColumns.map((name) => `t.${quoteName(name)}=s.${quoteName(name)}`),
    ...keyReferences.map((index) => {
      const reference = references[index]
      return `t.${quoteName(reference?.column ?? '')}=p${index}.${quoteName(reference?.value ?? '')}`
    }),
  ]
  const chosen = rows === null ? '' : ` WHERE s.\`wwdb_row\` IN (${rows.join(',')})`
  return `SELECT ${selected.join(',')} FROM ${stageName(number)} s${parents.join('')} LEFT JOIN ${quoteName(table.table)} t ON ${on.join(' AND ')}${chosen} ORDER BY s.\`wwdb_row\`${locks}`
}

function toMatch(row: Row, { shape, references }: StagedTable): SeedMatch {
  const [own, ...rest] = row
  const ids = rest.slice(references.length, references.length + shape.identity.length)
  const values = rest.slice(references.length + shape.identity.length)
  const present: PresentRow = {
    identity: ids.map((cell) => String(cell)),
    values: new Map(
      shape.columns.filter(({ generated }) => !generated).map(({ name }, index) => [name, toText(values[index])]),
    ),
  }
  return {
    row: Number(own),
    references: rest.slice(0, references.length).map(toText),
    present: ids.some((cell) => cell === null) ? null : present,
  }
}

/** The existing rows with some identities. */
export async function findRows(
  connection: Connection,
  table: string,
  shape: SeedTableShape,
  identities: readonly (readonly string[])[],
  lock: boolean,
): Promise<readonly PresentRow[]> {
  const values = shape.columns.filter(({ generated }) => !generated)
  const own = [...shape.identity.map((name) => columnOf(shape, name)), ...values]
  const { rows } = await connection.ask(
    `SELECT ${ownHint} ${own.map((column) => textExpression('t', column)).join(',')} FROM ${quoteName(table)} t ` +
      `WHERE ${areRows('t.', shape, identities)}${lock ? ' FOR UPDATE' : ''}`,
  )
  return rows.map((row) => ({
    identity: row.slice(0, shape.identity.length).map((cell) => String(cell)),
    values: new Map(values.map(({ name }, index) => [name, toText(row[shape.identity.length + index])])),
  }))
}

/** @param rows positions; null for all */
export async function matchRows(
  { connection, locks }: SeedHome,
  number: number,
  table: StagedTable,
  rows: readonly number[] | null,
  lock: boolean,
): Promise<readonly SeedMatch[]> {
  if (rows?.length === 0) return []
  const answer = await connection.ask(matchQuery(number, table, rows, lock ? locks(table.references.length) : ''))
  return answer.rows.map((row) => toMatch(row, table))
}
